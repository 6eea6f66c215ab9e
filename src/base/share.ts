/** How often something happened, of how many times, and between which shares the truth lies. */
export interface Share {
  readonly count: number;
  readonly of: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The quantile to judge hundreds of shares by, each against what it should be: one in 100,000 lies outside by chance.
 */
export const Z_OF_MANY = 4.5;

/** The normal quantile of 99 % confidence, both sides together. */
const Z99 = 2.5758293035489004;

/**
 * A share with its confidence interval by Wilson's score (JASA 22, 1927), which holds for shares near 0 and 1 too, where
 * what is asked here mostly lies.
 *
 * @param count how often, from 0 to `of`
 * @param z the normal quantile; that of 99 % if not given
 */
export function wilson(count: number, of: number, z: number = Z99): Share {
  if (of === 0) return { count, of, share: Number.NaN, low: 0, high: 1 };
  const share = count / of;
  const spread = (z * z) / of;
  const center = (share + spread / 2) / (1 + spread);
  const half = (z / (1 + spread)) * Math.sqrt((share * (1 - share)) / of + spread / (4 * of));
  // At the ends the formula gives the end itself, but for rounding.
  return {
    count,
    of,
    share,
    low: count === 0 ? 0 : Math.max(0, center - half),
    high: count === of ? 1 : Math.min(1, center + half),
  };
}
