import {
  GFP_ACCOUNT,
  GFP_COMP,
  GFP_FS,
  GFP_HARDWALL,
  GFP_HIGH,
  GFP_HIGHMEM,
  GFP_IO,
  GFP_KSWAPD_RECLAIM,
  GFP_MOVABLE,
  GFP_NOMEMALLOC,
  GFP_NOWARN,
  GFP_DIRECT_RECLAIM,
  GFP_RECLAIM,
  GFP_SKIP_KASAN,
  GFP_ZERO,
  gfpUnion,
  gfpWithout,
} from './flags.ts';

// The masks that places in Linux 7.3 pass, as a HW_TAGS build defines them (include/linux/gfp_types.h unless said).

export const GFP_KERNEL = gfpUnion(GFP_RECLAIM, GFP_IO, GFP_FS);
export const GFP_KERNEL_ACCOUNT = gfpUnion(GFP_KERNEL, GFP_ACCOUNT);
export const GFP_ATOMIC = gfpUnion(GFP_HIGH, GFP_KSWAPD_RECLAIM);
export const GFP_NOWAIT = gfpUnion(GFP_KSWAPD_RECLAIM, GFP_NOWARN);
export const GFP_HIGHUSER = gfpUnion(GFP_KERNEL, GFP_HARDWALL, GFP_HIGHMEM);
export const GFP_HIGHUSER_MOVABLE = gfpUnion(GFP_HIGHUSER, GFP_MOVABLE, GFP_SKIP_KASAN);
/** GFP_TRANSHUGE: what a huge page for user space is allocated with. */
export const GFP_TRANSHUGE = gfpUnion(
  gfpWithout(GFP_HIGHUSER_MOVABLE, GFP_RECLAIM),
  GFP_COMP,
  GFP_NOMEMALLOC,
  GFP_NOWARN,
  GFP_DIRECT_RECLAIM,
);
/** include/asm-generic/pgalloc.h, with the series. */
export const GFP_PGTABLE_KERNEL = gfpUnion(GFP_KERNEL, GFP_ZERO, GFP_SKIP_KASAN);
export const GFP_PGTABLE_USER = gfpUnion(GFP_PGTABLE_KERNEL, GFP_ACCOUNT);
/** kernel/fork.c, with the series. */
export const GFP_VMAP_STACK = gfpUnion(GFP_KERNEL, GFP_ZERO, GFP_SKIP_KASAN);
/** include/linux/thread_info.h, with the series. */
export const THREADINFO_GFP = gfpUnion(GFP_KERNEL_ACCOUNT, GFP_ZERO, GFP_SKIP_KASAN);
