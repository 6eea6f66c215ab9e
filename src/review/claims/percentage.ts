import type { Claimed, ClaimKind, Judgement } from '../claim.ts';

/** A number as it is written: it stands for what rounds to it. */
interface Written {
  readonly value: number;
  /** Half of its last digit. */
  readonly half: number;
  readonly unit: string;
}

const NUMBER = String.raw`(\d{1,15}(?:\.\d{1,9})?)`;
const UNIT = String.raw`\s?(s|sec|secs|seconds?|ms|msec|us|usec|µs|ns|cycles?|KiB|MiB|GiB|kB|MB|GB|ops\/s|instructions?)?`;
/** `2.575 s -> 2.229 s`, `from 19.08s to 17.62s`, `before: 4, after: 3`. */
const PAIR = new RegExp(
  String.raw`${NUMBER}${UNIT}\b[\s,;|)]{0,8}(?:->|-->|=>|→|to|vs\.?|versus|(?:and\s)?(?:after|now|patched|with)\b[^\d%]{0,30}:?)\s{0,8}${NUMBER}${UNIT}`,
  'gi',
);
const PERCENT = new RegExp(String.raw`${NUMBER}\s?(?:%|percent\b)`, 'gi');

const written = (text: string, unit: string | undefined): Written => {
  const decimals = text.split('.')[1]?.length ?? 0;
  return { value: Number(text), half: 0.5 * 10 ** -decimals, unit: (unit ?? '').toLowerCase() };
};

/** Bounds of 100 × (a − b) / c where each number may be anything that rounds to what is written. */
function bounds(a: Written, b: Written, base: Written): readonly [low: number, high: number] {
  const ends = [-1, 1].flatMap((signA) =>
    [-1, 1].map((signB) => {
      const [x, y] = [a.value + signA * a.half, b.value + signB * b.half];
      const divisor = base === a ? x : y;
      return divisor === 0 ? 0 : (100 * Math.abs(x - y)) / divisor;
    }),
  );
  return [Math.min(...ends), Math.max(...ends)];
}

const meets = ([low, high]: readonly [number, number], { value, half }: Written): boolean =>
  low <= value + half && high >= value - half;

const exact = (a: Written, b: Written, base: Written): string =>
  ((100 * Math.abs(a.value - b.value)) / base.value).toFixed(2);

/** Judges one pair of figures and the percentage beside it. */
export function judgePercentage(a: Written, b: Written, percent: Written): Judgement {
  const less = bounds(a, b, a);
  const more = bounds(a, b, b);
  const direction = a.value >= b.value ? 'less' : 'more';
  const arithmetic = `${a.value} to ${b.value} is ${exact(a, b, a)} % ${direction}, or ${exact(a, b, b)} % of the second figure`;
  if (meets(less, percent) || meets(more, percent))
    return {
      verdict: 'confirmed',
      is: `As arithmetic: ${arithmetic}. Whether a machine does so is not decidable without its CPU, configuration and spread.`,
    };
  return { verdict: 'refuted', is: `${arithmetic}; neither rounds to ${percent.value} %.` };
}

/** Figures that a percentage belongs to: the pair that ends nearest before it, or the one that begins right after. */
function nearest(pairs: readonly RegExpExecArray[], percent: RegExpExecArray): RegExpExecArray | undefined {
  const before = pairs.findLast((pair) => {
    const gap = percent.index - (pair.index + pair[0].length);
    return gap >= 0 && gap <= 60;
  });
  if (before !== undefined) return before;
  return pairs.find((pair) => {
    const gap = pair.index - (percent.index + percent[0].length);
    return gap >= 0 && gap <= 40;
  });
}

/** Where a claim ends that may stand in brackets: `(13 % faster)` is taken whole. */
function closedAt(paragraph: string, start: number, end: number): number {
  const said = paragraph.slice(start, end);
  if (said.lastIndexOf('(') <= said.lastIndexOf(')')) return end;
  const close = paragraph.indexOf(')', end);
  return close >= 0 && close - end <= 30 ? close + 1 : end;
}

/** All percentages of a paragraph that stand beside the figures that they are of. */
function percentagesIn(paragraph: string): readonly Claimed[] {
  const pairs = [...paragraph.matchAll(PAIR)].filter(
    ([, , unitA = '', , unitB = '']) => unitA === '' || unitB === '' || unitA.toLowerCase() === unitB.toLowerCase(),
  );
  return [...paragraph.matchAll(PERCENT)].flatMap((percent) => {
    const pair = nearest(pairs, percent);
    if (pair === undefined) return [];
    const [, a = '', unitA, b = '', unitB] = pair;
    const [from, to] = [written(a, unitA ?? unitB), written(b, unitB ?? unitA)];
    if (from.value === 0 || to.value === 0 || from.value === to.value) return [];
    const start = Math.min(pair.index, percent.index);
    const end = Math.max(pair.index + pair[0].length, percent.index + percent[0].length);
    return [
      {
        text: paragraph.slice(start, closedAt(paragraph, start, end)),
        ...judgePercentage(from, to, written(percent[1] ?? '', undefined)),
      },
    ];
  });
}

export const percentage: ClaimKind = {
  kind: 'percentage',
  about: 'A figure before and after, and the difference in percent.',
  claimsIn: percentagesIn,
};
