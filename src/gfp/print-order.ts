import { gfpComposites } from './composites.ts';
import type { GfpName } from './composites.ts';
import { GFP_FLAGS, GFP_SKIP_KASAN, GFP_SKIP_ZERO, GFP_ZEROTAGS, GFP_SKIP_KASAN_POISON } from './flags.ts';
import type { Gfp } from './flags.ts';
import { isAtLeast } from '../base/kernel-version.ts';
import type { KernelVersion } from '../base/kernel-version.ts';
import { gfpNumbering } from './numbering.ts';
import type { GfpConfig } from './numbering.ts';

/** What `__GFP_SKIP_KASAN` was called from 5.18 to 6.3. */
export const OLD_SKIP_KASAN_NAME = '__GFP_SKIP_KASAN_UNPOISON';

// include/trace/events/mmflags.h as read in 5.10, 5.15 and 6.1: a hand-written list, not in the order of the bits. It
// never named NOLOCKDEP and NO_OBJ_EXT, which therefore showed as a hex remainder.
const OLD_SINGLES = [
  '__GFP_HIGHMEM',
  'GFP_DMA32',
  '__GFP_HIGH',
  '__GFP_ATOMIC',
  '__GFP_IO',
  '__GFP_FS',
  '__GFP_NOWARN',
  '__GFP_RETRY_MAYFAIL',
  '__GFP_NOFAIL',
  '__GFP_NORETRY',
  '__GFP_COMP',
  '__GFP_ZERO',
  '__GFP_NOMEMALLOC',
  '__GFP_MEMALLOC',
  '__GFP_HARDWALL',
  '__GFP_THISNODE',
  '__GFP_RECLAIMABLE',
  '__GFP_MOVABLE',
  '__GFP_ACCOUNT',
  '__GFP_WRITE',
  '__GFP_RECLAIM',
  '__GFP_DIRECT_RECLAIM',
  '__GFP_KSWAPD_RECLAIM',
];

// 5.18..6.3 named POISON before UNPOISON (6.1), although its bit is the higher one.
const OLD_TAG_FLAGS: readonly Gfp[] = [GFP_ZEROTAGS, GFP_SKIP_ZERO, GFP_SKIP_KASAN_POISON, GFP_SKIP_KASAN];

const GENERATED_SINCE: KernelVersion = { major: 6, minor: 15 };
const ONE_SKIP_SINCE: KernelVersion = { major: 6, minor: 4 };

/**
 * All names that a kernel prints, in the order in which it tries them: composites, then single flags. A flag of its
 * numbering that is not in the list is printed as a number.
 */
export function gfpPrintOrder(version: KernelVersion, config: GfpConfig): readonly GfpName[] {
  const composites = gfpComposites(version, config);
  const numbered = gfpNumbering(version, config).bits.filter((flag) => flag !== 0);
  const named = new Map<string, Gfp>(composites.map(({ name, flags }) => [name, flags]));
  const names = new Map<Gfp, string>();
  for (const { name, flag } of GFP_FLAGS) {
    if (!numbered.includes(flag)) continue;
    names.set(flag, flag === GFP_SKIP_KASAN && !isAtLeast(version, ONE_SKIP_SINCE) ? OLD_SKIP_KASAN_NAME : name);
  }
  const single = (flag: Gfp): GfpName[] => {
    const name = names.get(flag);
    return name === undefined ? [] : [{ name, flags: flag }];
  };

  // Since commit ca29a0bf1221 "tracing: gfp: Remove duplication of recording GFP flags" the singles are generated.
  if (isAtLeast(version, GENERATED_SINCE)) return Object.freeze([...composites, ...numbered.flatMap(single)]);

  for (const [flag, name] of names) named.set(name, flag);
  const old = OLD_SINGLES.flatMap((name) => {
    const flags = named.get(name);
    return flags === undefined ? [] : [{ name, flags }];
  });
  // The old list tried GFP_DMA32 and __GFP_RECLAIM among the single flags.
  const first = composites.filter(({ name }) => name !== 'GFP_DMA32' && name !== '__GFP_RECLAIM');
  return Object.freeze([...first, ...old, ...OLD_TAG_FLAGS.flatMap(single)]);
}
