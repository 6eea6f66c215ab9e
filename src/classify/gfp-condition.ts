/** A flag as the kernel names it, without `__GFP_`; combined masks such as GFP_KERNEL are not flags. */
export type GfpFlag =
  | 'ACCOUNT'
  | 'COMP'
  | 'DIRECT_RECLAIM'
  | 'FS'
  | 'HARDWALL'
  | 'HIGH'
  | 'HIGHMEM'
  | 'IO'
  | 'KSWAPD_RECLAIM'
  | 'MOVABLE'
  | 'NOMEMALLOC'
  | 'NORETRY'
  | 'NOWARN'
  | 'RECLAIMABLE'
  | 'RETRY_MAYFAIL'
  | 'WRITE'
  | 'ZERO';

/** Flags that must all be set, and flags of which none may be. */
export interface GfpCondition {
  readonly all?: readonly GfpFlag[];
  readonly none?: readonly GfpFlag[];
}

export interface GfpMasks {
  readonly all: number;
  readonly none: number;
}

/**
 * A condition as two masks. `bitOf` gives the bit of a flag in the masks that will be tested, and 0 for a flag they
 * cannot hold; such a flag then decides nothing.
 */
export function compileGfpCondition(condition: GfpCondition, bitOf: (name: string) => number): GfpMasks {
  const mask = (flags: readonly GfpFlag[] = []): number => flags.reduce((bits, flag) => bits | bitOf(flag), 0);
  return { all: mask(condition.all), none: mask(condition.none) };
}

export const gfpMatches = (gfp: number, { all, none }: GfpMasks): boolean => (gfp & all) === all && (gfp & none) === 0;

/** The same test when flags are only known by name. */
export const gfpHolds = (condition: GfpCondition, gfpHas: (flagName: string) => boolean): boolean =>
  (condition.all ?? []).every(gfpHas) && !(condition.none ?? []).some(gfpHas);
