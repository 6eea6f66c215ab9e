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

/** Where hundreds of shares are judged at once: what is rarer than one in 100,000 does not happen by chance. */
const TOO_RARE = Math.log(100_000);

/** Relative entropy of two Bernoulli distributions, in nats; infinite where what was seen cannot be. */
const divergence = (seen: number, truth: number): number => part(seen, truth) + part(1 - seen, 1 - truth);

const part = (seen: number, truth: number): number => (seen === 0 ? 0 : seen * Math.log(seen / truth));

/**
 * Whether something that happened `count` of `of` times may have a probability between two bounds. By Chernoff's bound on
 * the tails of the binomial distribution (Ann. Math. Statist. 23, 1952), which holds however few trials there are: a share
 * that is refused comes by chance less than once in 100,000.
 */
export function mayBe(count: number, of: number, low: number, high: number): boolean {
  const share = count / of;
  if (share < low) return of * divergence(share, low) <= TOO_RARE;
  return share <= high || of * divergence(share, high) <= TOO_RARE;
}
