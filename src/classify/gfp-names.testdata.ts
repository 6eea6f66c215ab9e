/** The flags of the combined masks, for tests that take gfp_flags as text traces print them. */
const COMBINED: Readonly<Record<string, string>> = {
  GFP_HIGHUSER_MOVABLE: 'DIRECT_RECLAIM KSWAPD_RECLAIM IO FS HARDWALL HIGHMEM MOVABLE',
  GFP_HIGHUSER: 'DIRECT_RECLAIM KSWAPD_RECLAIM IO FS HARDWALL HIGHMEM',
  GFP_USER: 'DIRECT_RECLAIM KSWAPD_RECLAIM IO FS HARDWALL',
  GFP_KERNEL_ACCOUNT: 'DIRECT_RECLAIM KSWAPD_RECLAIM IO FS ACCOUNT',
  GFP_KERNEL: 'DIRECT_RECLAIM KSWAPD_RECLAIM IO FS',
  GFP_NOFS: 'DIRECT_RECLAIM KSWAPD_RECLAIM IO',
  GFP_ATOMIC: 'HIGH KSWAPD_RECLAIM',
  GFP_NOWAIT: 'KSWAPD_RECLAIM NOWARN',
};

/** The flag names in `GFP_KERNEL|__GFP_ZERO`. */
export const gfpNames = (text: string): ReadonlySet<string> =>
  new Set(text.split('|').flatMap((part) => (COMBINED[part] ?? part.replace('__GFP_', '')).split(' ')));
