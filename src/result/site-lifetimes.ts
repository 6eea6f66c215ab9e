import { className } from '../base/allocation-class.ts';
import type { Ledger } from '../kasan/ledger.ts';
import { LIFE_ENDS, type LifetimeTable } from '../replay/follow/lifetime-table.ts';
import type { SiteLifetimes } from './result.ts';

/** Lengths of life are counted by their power of two in nanoseconds: up to 2^40, some 18 minutes. */
const BUCKETS = 41;
const FREED = LIFE_ENDS.indexOf('freed');

/** How long things live, by call site and class; sites of which nothing was seen to be freed are left out. */
export function siteLifetimes(ledger: Ledger, lifetimes: LifetimeTable): readonly SiteLifetimes[] {
  const counts = bucketsOf(lifetimes, ledger.rows.length);
  return ledger.countedRows.flatMap((row) => {
    const { site, class: classOf } = ledger.rows[row];
    const ofRow = counts.subarray(row * BUCKETS, (row + 1) * BUCKETS);
    const ended = ofRow.reduce((sum, count) => sum + count, 0);
    return ended === 0
      ? []
      : [
          {
            site,
            class: className(classOf),
            ended,
            median: quantile(ofRow, ended / 2),
            ninetieth: quantile(ofRow, ended * 0.9),
          },
        ];
  });
}

/** How many lives of each ledger row were of each length. */
function bucketsOf({ length, start, end, ended, kind, kinds }: LifetimeTable, rows: number): Float64Array {
  const counts = new Float64Array(rows * BUCKETS);
  for (let life = 0; life < length; life++) {
    if (ended[life] !== FREED) continue;
    const age = Math.max(1, end[life] - start[life]);
    counts[kinds[kind[life]].row * BUCKETS + Math.min(BUCKETS - 1, Math.ceil(Math.log2(age)))]++;
  }
  return counts;
}

/** The power of two below which so many lie. */
function quantile(counts: Float64Array, wanted: number): number {
  let below = 0;
  const bucket = counts.findIndex((count) => (below += count) >= wanted);
  return 2 ** (bucket < 0 ? BUCKETS : bucket);
}
