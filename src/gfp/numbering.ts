import {
  GFP_ATOMIC_BIT,
  GFP_FLAGS,
  GFP_NO_OBJ_EXT,
  GFP_NOLOCKDEP,
  GFP_SKIP_KASAN,
  GFP_SKIP_KASAN_POISON,
  GFP_SKIP_ZERO,
  GFP_ZEROTAGS,
  NO_GFP,
} from './flags.ts';
import type { Gfp } from './flags.ts';
import { eraOf } from '../base/kernel-version.ts';
import type { KernelVersion } from '../base/kernel-version.ts';

/** What of a kernel's configuration moves or removes gfp bits. */
export interface GfpConfig {
  /** CONFIG_KASAN_HW_TAGS. */
  readonly hwTags: boolean;
  /** CONFIG_LOCKDEP. */
  readonly lockdep: boolean;
  /** CONFIG_SLAB_OBJ_EXT, which memory cgroups and allocation profiling select. */
  readonly slabObjExt: boolean;
}

/** Which bit of a recorded gfp number means what. */
export interface GfpNumbering {
  /** By recorded bit number, 0..31: the canonical flag, or no flag where the kernel has none. */
  readonly bits: readonly Gfp[];
}

/** A flag above ACCOUNT and the configuration that it needs. */
interface TailFlag {
  readonly flag: Gfp;
  readonly needs?: keyof GfpConfig;
}

interface NumberingEra {
  readonly since: KernelVersion;
  /** The flag of bit 9. */
  readonly bit9: Gfp;
  /** Flags from bit 23 on. */
  readonly tail: readonly TailFlag[];
  /** Whether a flag that is configured out gives its place to the next one. */
  readonly dense: boolean;
}

const GENERAL_BITS = 23;
const NUMBER_BITS = 32;

// Read in (versions between two of them from the commits named):
//   5.10  include/linux/gfp.h: NOLOCKDEP 0x800000. HW_TAGS came with 5.11 and had no gfp bits before 5.14.
//   5.14  ZEROTAGS and SKIP_KASAN_POISON in every build (include/trace/events/mmflags.h of 5.15 names both unasked).
//   5.18  commit "kasan, mm: only define ___GFP_SKIP_KASAN_POISON with HW_TAGS" and its neighbours; the layout is read
//         in include/linux/gfp_types.h of 6.1. NOLOCKDEP stays at 0x8000000 without HW_TAGS: literal numbers.
//   6.3   commit "mm: discard __GFP_ATOMIC"; bit 9 is ATOMIC in gfp_types.h of 6.1 and unused in that of 6.6.
//   6.4   commit 0a54864f8dfb "kasan: remove PG_skip_kasan_poison flag"; read in gfp_types.h of 6.6.
//         NOLOCKDEP stays at 0x4000000 without HW_TAGS.
//   6.10  the bits became an enumeration, so absent flags leave no hole; NO_OBJ_EXT new. 6.18: its print format has
//         NO_OBJ_EXT at bit 24 without HW_TAGS and LOCKDEP. Some version between 6.18 and 7.3 gave it its bit in every
//         build (the patch that removes it shows so): pass slabObjExt for those.
//   7.3   no NO_OBJ_EXT (gfp_types.h).
const ERAS: readonly [NumberingEra, ...NumberingEra[]] = [
  {
    since: { major: 5, minor: 10 },
    bit9: GFP_ATOMIC_BIT,
    tail: [{ flag: GFP_NOLOCKDEP, needs: 'lockdep' }],
    dense: false,
  },
  {
    since: { major: 5, minor: 14 },
    bit9: GFP_ATOMIC_BIT,
    tail: [{ flag: GFP_ZEROTAGS }, { flag: GFP_SKIP_KASAN_POISON }, { flag: GFP_NOLOCKDEP, needs: 'lockdep' }],
    dense: false,
  },
  {
    since: { major: 5, minor: 18 },
    bit9: GFP_ATOMIC_BIT,
    tail: [
      { flag: GFP_ZEROTAGS },
      { flag: GFP_SKIP_ZERO, needs: 'hwTags' },
      { flag: GFP_SKIP_KASAN, needs: 'hwTags' },
      { flag: GFP_SKIP_KASAN_POISON, needs: 'hwTags' },
      { flag: GFP_NOLOCKDEP, needs: 'lockdep' },
    ],
    dense: false,
  },
  {
    since: { major: 6, minor: 3 },
    bit9: NO_GFP,
    tail: [
      { flag: GFP_ZEROTAGS },
      { flag: GFP_SKIP_ZERO, needs: 'hwTags' },
      { flag: GFP_SKIP_KASAN, needs: 'hwTags' },
      { flag: GFP_SKIP_KASAN_POISON, needs: 'hwTags' },
      { flag: GFP_NOLOCKDEP, needs: 'lockdep' },
    ],
    dense: false,
  },
  {
    since: { major: 6, minor: 4 },
    bit9: NO_GFP,
    tail: [
      { flag: GFP_ZEROTAGS },
      { flag: GFP_SKIP_ZERO, needs: 'hwTags' },
      { flag: GFP_SKIP_KASAN, needs: 'hwTags' },
      { flag: GFP_NOLOCKDEP, needs: 'lockdep' },
    ],
    dense: false,
  },
  {
    since: { major: 6, minor: 10 },
    bit9: NO_GFP,
    tail: [
      { flag: GFP_ZEROTAGS },
      { flag: GFP_SKIP_ZERO, needs: 'hwTags' },
      { flag: GFP_SKIP_KASAN, needs: 'hwTags' },
      { flag: GFP_NOLOCKDEP, needs: 'lockdep' },
      { flag: GFP_NO_OBJ_EXT, needs: 'slabObjExt' },
    ],
    dense: true,
  },
  {
    since: { major: 7, minor: 3 },
    bit9: NO_GFP,
    tail: [
      { flag: GFP_ZEROTAGS },
      { flag: GFP_SKIP_ZERO, needs: 'hwTags' },
      { flag: GFP_SKIP_KASAN, needs: 'hwTags' },
      { flag: GFP_NOLOCKDEP, needs: 'lockdep' },
    ],
    dense: true,
  },
];

/**
 * The numbering of a kernel. Known for 5.10 to 7.3; an older version is taken for 5.10 and a newer one for 7.3.
 * Vendor kernels that add flags of their own (Android's `__GFP_CMA`) move the bits above them: text by names is not
 * affected, numbers are.
 */
export function gfpNumbering(version: KernelVersion, config: GfpConfig): GfpNumbering {
  const era = eraOf(ERAS, version);
  const present = ({ needs }: TailFlag): boolean => needs === undefined || config[needs];
  const bits = [
    // Bits 0..22 have never moved in these versions, and the canonical bits are the same.
    ...GFP_FLAGS.slice(0, GENERAL_BITS).map(({ bit, flag }) => (bit === 9 ? era.bit9 : flag)),
    ...(era.dense ? era.tail.filter(present) : era.tail).map((tail) => (present(tail) ? tail.flag : NO_GFP)),
  ];
  while (bits.length < NUMBER_BITS) bits.push(NO_GFP);
  return Object.freeze({ bits: Object.freeze(bits) });
}
