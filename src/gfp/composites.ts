import {
  GFP_ATOMIC_BIT,
  GFP_COMP,
  GFP_DMA,
  GFP_DMA32,
  GFP_HARDWALL,
  GFP_HIGH,
  GFP_IO,
  GFP_KSWAPD_RECLAIM,
  GFP_MOVABLE,
  GFP_NOMEMALLOC,
  GFP_NOWARN,
  GFP_DIRECT_RECLAIM,
  GFP_RECLAIM,
  GFP_SKIP_KASAN,
  GFP_SKIP_KASAN_POISON,
  NO_GFP,
  gfpUnion,
  gfpWithout,
} from './flags.ts';
import { GFP_ATOMIC, GFP_HIGHUSER, GFP_KERNEL, GFP_KERNEL_ACCOUNT, GFP_NOWAIT } from './masks.ts';
import type { Gfp } from './flags.ts';
import { eraOf } from '../base/kernel-version.ts';
import type { KernelVersion } from '../base/kernel-version.ts';

/** A name that stands for a set of flags. */
export interface GfpName {
  readonly name: string;
  readonly flags: Gfp;
}

interface CompositeEra {
  readonly since: KernelVersion;
  /** GFP_ATOMIC. */
  readonly atomic: Gfp;
  /** GFP_NOWAIT. */
  readonly nowait: Gfp;
  /** What GFP_HIGHUSER_MOVABLE has beyond HIGHUSER and MOVABLE in a HW_TAGS build. */
  readonly userSkip: Gfp;
  /** The same in any other build. */
  readonly userSkipElsewhere: Gfp;
}

const OLD_ATOMIC = gfpUnion(GFP_HIGH, GFP_ATOMIC_BIT, GFP_KSWAPD_RECLAIM);
const OLD_NOWAIT = GFP_KSWAPD_RECLAIM;
const SKIP_BOTH = gfpUnion(GFP_SKIP_KASAN, GFP_SKIP_KASAN_POISON);

// Sources: include/linux/gfp.h up to 5.19, include/linux/gfp_types.h since 6.0.
//   5.14  HIGHUSER_MOVABLE gets SKIP_KASAN_POISON, then a real bit in every build.
//   5.18  that bit is 0 without HW_TAGS.
//   6.0   commit 70c248aca9e7 "mm: kasan: Skip unpoisoning of user pages": UNPOISON too (read in 6.1).
//   6.3   commit "mm: discard __GFP_ATOMIC": GFP_ATOMIC without __GFP_ATOMIC (read in 6.1 with it, in 6.6 without).
//   6.4   commit 0a54864f8dfb: one SKIP_KASAN in place of both (read in 6.6).
//   6.7   commit 16f5dfbc851b "gfp: include __GFP_NOWARN in GFP_NOWAIT" (6.6 has not; 6.18 and 7.3 have).
const ERAS: readonly [CompositeEra, ...CompositeEra[]] = [
  {
    since: { major: 5, minor: 10 },
    atomic: OLD_ATOMIC,
    nowait: OLD_NOWAIT,
    userSkip: NO_GFP,
    userSkipElsewhere: NO_GFP,
  },
  {
    since: { major: 5, minor: 14 },
    atomic: OLD_ATOMIC,
    nowait: OLD_NOWAIT,
    userSkip: GFP_SKIP_KASAN_POISON,
    userSkipElsewhere: GFP_SKIP_KASAN_POISON,
  },
  {
    since: { major: 5, minor: 18 },
    atomic: OLD_ATOMIC,
    nowait: OLD_NOWAIT,
    userSkip: GFP_SKIP_KASAN_POISON,
    userSkipElsewhere: NO_GFP,
  },
  {
    since: { major: 6, minor: 0 },
    atomic: OLD_ATOMIC,
    nowait: OLD_NOWAIT,
    userSkip: SKIP_BOTH,
    userSkipElsewhere: NO_GFP,
  },
  {
    since: { major: 6, minor: 3 },
    atomic: GFP_ATOMIC,
    nowait: OLD_NOWAIT,
    userSkip: SKIP_BOTH,
    userSkipElsewhere: NO_GFP,
  },
  {
    since: { major: 6, minor: 4 },
    atomic: GFP_ATOMIC,
    nowait: OLD_NOWAIT,
    userSkip: GFP_SKIP_KASAN,
    userSkipElsewhere: NO_GFP,
  },
  {
    since: { major: 6, minor: 7 },
    atomic: GFP_ATOMIC,
    nowait: GFP_NOWAIT,
    userSkip: GFP_SKIP_KASAN,
    userSkipElsewhere: NO_GFP,
  },
];

/**
 * The composite names of a kernel with the canonical flags that they stand for, in the order in which its trace events
 * try them (include/trace/events/mmflags.h; the same for all of these in 5.10 to 7.3). Single flags that are printed
 * without underscores, GFP_DMA and GFP_DMA32, are included.
 */
export function gfpComposites(version: KernelVersion, { hwTags }: { readonly hwTags: boolean }): readonly GfpName[] {
  const era = eraOf(ERAS, version);
  const movable = gfpUnion(GFP_HIGHUSER, GFP_MOVABLE, hwTags ? era.userSkip : era.userSkipElsewhere);
  const hugeLight = gfpWithout(gfpUnion(movable, GFP_COMP, GFP_NOMEMALLOC, GFP_NOWARN), GFP_RECLAIM);
  return Object.freeze([
    { name: 'GFP_TRANSHUGE', flags: gfpUnion(hugeLight, GFP_DIRECT_RECLAIM) },
    { name: 'GFP_TRANSHUGE_LIGHT', flags: hugeLight },
    { name: 'GFP_HIGHUSER_MOVABLE', flags: movable },
    { name: 'GFP_HIGHUSER', flags: GFP_HIGHUSER },
    { name: 'GFP_USER', flags: gfpUnion(GFP_KERNEL, GFP_HARDWALL) },
    { name: 'GFP_KERNEL_ACCOUNT', flags: GFP_KERNEL_ACCOUNT },
    { name: 'GFP_KERNEL', flags: GFP_KERNEL },
    { name: 'GFP_NOFS', flags: gfpUnion(GFP_RECLAIM, GFP_IO) },
    { name: 'GFP_ATOMIC', flags: era.atomic },
    { name: 'GFP_NOIO', flags: GFP_RECLAIM },
    { name: 'GFP_NOWAIT', flags: era.nowait },
    { name: 'GFP_DMA', flags: GFP_DMA },
    { name: 'GFP_DMA32', flags: GFP_DMA32 },
    { name: '__GFP_RECLAIM', flags: GFP_RECLAIM },
  ]);
}
