import type { Brand } from '../base/brand.ts';

/**
 * A set of canonical gfp flags, one bit each (bits 0..30, so that it stays a non-negative int32). Canonical: a bit
 * means the same whatever kernel recorded the trace; see numbering.ts for the bits of a recording kernel.
 */
export type Gfp = Brand<number, 'gfp'>;

/** Takes `bits` to be canonical bits. */
export const gfp = (bits: number): Gfp => (bits & 0x7fff_ffff) as Gfp;

export const NO_GFP: Gfp = gfp(0);

export const gfpUnion = (...sets: readonly Gfp[]): Gfp => gfp(sets.reduce<number>((all, set) => all | set, 0));
export const gfpWithout = (flags: Gfp, removed: Gfp): Gfp => gfp(flags & ~removed);
/** Whether every flag of `wanted` is set; true for an empty `wanted`. */
export const gfpHasAll = (flags: Gfp, wanted: Gfp): boolean => (flags & wanted) === wanted;
export const gfpHasAny = (flags: Gfp, wanted: Gfp): boolean => (flags & wanted) !== 0;

// Bits 0..25 are those of a HW_TAGS build of 7.3 (include/linux/gfp_types.h), except 9, which 7.3 leaves unused.
export const GFP_DMA = gfp(1 << 0);
export const GFP_HIGHMEM = gfp(1 << 1);
export const GFP_DMA32 = gfp(1 << 2);
export const GFP_MOVABLE = gfp(1 << 3);
export const GFP_RECLAIMABLE = gfp(1 << 4);
export const GFP_HIGH = gfp(1 << 5);
export const GFP_IO = gfp(1 << 6);
export const GFP_FS = gfp(1 << 7);
export const GFP_ZERO = gfp(1 << 8);
/** `__GFP_ATOMIC`, only in kernels up to 6.2. Not the composite GFP_ATOMIC. */
export const GFP_ATOMIC_BIT = gfp(1 << 9);
export const GFP_DIRECT_RECLAIM = gfp(1 << 10);
export const GFP_KSWAPD_RECLAIM = gfp(1 << 11);
export const GFP_WRITE = gfp(1 << 12);
export const GFP_NOWARN = gfp(1 << 13);
export const GFP_RETRY_MAYFAIL = gfp(1 << 14);
export const GFP_NOFAIL = gfp(1 << 15);
export const GFP_NORETRY = gfp(1 << 16);
export const GFP_MEMALLOC = gfp(1 << 17);
export const GFP_COMP = gfp(1 << 18);
export const GFP_NOMEMALLOC = gfp(1 << 19);
export const GFP_HARDWALL = gfp(1 << 20);
export const GFP_THISNODE = gfp(1 << 21);
export const GFP_ACCOUNT = gfp(1 << 22);
export const GFP_ZEROTAGS = gfp(1 << 23);
export const GFP_SKIP_ZERO = gfp(1 << 24);
/**
 * `__GFP_SKIP_KASAN` (6.4+) and its older name `__GFP_SKIP_KASAN_UNPOISON` (5.18..6.3): the same decision, that
 * allocation writes no tags.
 */
export const GFP_SKIP_KASAN = gfp(1 << 25);
export const GFP_NOLOCKDEP = gfp(1 << 26);
/** `__GFP_NO_OBJ_EXT`, 6.10..7.2. */
export const GFP_NO_OBJ_EXT = gfp(1 << 27);
/** `__GFP_SKIP_KASAN_POISON`, 5.14..6.3: freeing writes no tags. Says nothing about allocation. */
export const GFP_SKIP_KASAN_POISON = gfp(1 << 28);
/** `__GFP_CMA` of Android's kernels: where a page may come from. */
export const GFP_CMA = gfp(1 << 29);

/** `__GFP_RECLAIM`, both kinds of reclaim. */
export const GFP_RECLAIM = gfpUnion(GFP_DIRECT_RECLAIM, GFP_KSWAPD_RECLAIM);

/** One canonical flag. */
export interface GfpFlag {
  /** The name that kernels print, with its leading underscores. */
  readonly name: string;
  /** Canonical bit number, 0..30. */
  readonly bit: number;
  /** The one-bit set of this flag. */
  readonly flag: Gfp;
  /** What the flag asks of the page allocator, in a few words. */
  readonly meaning: string;
}

const entry = (name: string, flag: Gfp, meaning: string): GfpFlag =>
  Object.freeze({ name, bit: Math.log2(flag), flag, meaning });

/** All canonical flags, in the order of their bits. */
export const GFP_FLAGS: readonly GfpFlag[] = Object.freeze([
  entry('__GFP_DMA', GFP_DMA, 'from ZONE_DMA'),
  entry('__GFP_HIGHMEM', GFP_HIGHMEM, 'high memory is acceptable'),
  entry('__GFP_DMA32', GFP_DMA32, 'from ZONE_DMA32'),
  entry('__GFP_MOVABLE', GFP_MOVABLE, 'can be migrated; with HIGHMEM also from ZONE_MOVABLE'),
  entry('__GFP_RECLAIMABLE', GFP_RECLAIMABLE, 'slab page that a shrinker can free'),
  entry('__GFP_HIGH', GFP_HIGH, 'may dip into the reserves'),
  entry('__GFP_IO', GFP_IO, 'reclaim may start I/O'),
  entry('__GFP_FS', GFP_FS, 'reclaim may enter file systems'),
  entry('__GFP_ZERO', GFP_ZERO, 'zeroed memory'),
  entry('__GFP_ATOMIC', GFP_ATOMIC_BIT, 'cannot sleep, high priority (up to 6.2)'),
  entry('__GFP_DIRECT_RECLAIM', GFP_DIRECT_RECLAIM, 'the caller may reclaim'),
  entry('__GFP_KSWAPD_RECLAIM', GFP_KSWAPD_RECLAIM, 'kswapd may be woken'),
  entry('__GFP_WRITE', GFP_WRITE, 'will be dirtied: spread over nodes'),
  entry('__GFP_NOWARN', GFP_NOWARN, 'no report on failure'),
  entry('__GFP_RETRY_MAYFAIL', GFP_RETRY_MAYFAIL, 'retry hard, then fail'),
  entry('__GFP_NOFAIL', GFP_NOFAIL, 'never fail'),
  entry('__GFP_NORETRY', GFP_NORETRY, 'fail early'),
  entry('__GFP_MEMALLOC', GFP_MEMALLOC, 'all reserves may be used'),
  entry('__GFP_COMP', GFP_COMP, 'compound page'),
  entry('__GFP_NOMEMALLOC', GFP_NOMEMALLOC, 'never use the reserves'),
  entry('__GFP_HARDWALL', GFP_HARDWALL, 'keep to the cpuset of the task'),
  entry('__GFP_THISNODE', GFP_THISNODE, 'from this node only'),
  entry('__GFP_ACCOUNT', GFP_ACCOUNT, 'charged to the memory cgroup'),
  entry('__GFP_ZEROTAGS', GFP_ZEROTAGS, 'memory tags zeroed together with the memory'),
  entry('__GFP_SKIP_ZERO', GFP_SKIP_ZERO, 'not zeroed here, the caller does it (HW_TAGS)'),
  entry('__GFP_SKIP_KASAN', GFP_SKIP_KASAN, 'not tagged at allocation (HW_TAGS)'),
  entry('__GFP_NOLOCKDEP', GFP_NOLOCKDEP, 'not seen by lockdep'),
  entry('__GFP_NO_OBJ_EXT', GFP_NO_OBJ_EXT, 'slab object without extension (6.10 to 7.2)'),
  entry('__GFP_SKIP_KASAN_POISON', GFP_SKIP_KASAN_POISON, 'not tagged when freed (5.14 to 6.3)'),
  entry('__GFP_CMA', GFP_CMA, 'may come from CMA (Android)'),
]);
