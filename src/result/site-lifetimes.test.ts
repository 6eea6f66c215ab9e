import { describe, expect, test } from 'vitest';
import { Ledger, LedgerRows } from '../kasan/ledger.ts';
import { CountingMachine } from '../mte/counting-machine.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { LIFE_ENDS, type LifetimeTable } from '../replay/follow/lifetime-table.ts';
import { siteLifetimes } from './site-lifetimes.ts';

const rows = new LedgerRows();
rows.row(4, 'maker', '');
const ledger = new Ledger(new CountingMachine(cpuProfile('cortex-a710')), rows);

/** Objects of one call site that live so many nanoseconds. */
function lived(ages: readonly number[], ended: (typeof LIFE_ENDS)[number] = 'freed'): LifetimeTable {
  const { length } = ages;
  return {
    length,
    start: new Float64Array(length).fill(500),
    end: Float64Array.from(ages, (age) => 500 + age),
    what: new Uint8Array(length),
    ended: new Uint8Array(length).fill(LIFE_ENDS.indexOf(ended)),
    bytes: new Float64Array(length),
    origin: new Int32Array(length),
    kind: new Int32Array(length),
    stack: new Int32Array(length),
    kinds: [{ row: 0 }] as never,
  };
}

describe('how long things live', () => {
  test('the median and the ninetieth of a hundred, rounded up to a power of two', () => {
    // 60 of 100 ns, 35 of 1,000, 5 of 1,000,000: the powers of two above are 128, 1,024 and 2^20.
    const ages = [...Array<number>(60).fill(100), ...Array<number>(35).fill(1000), ...Array<number>(5).fill(1_000_000)];
    expect(siteLifetimes(ledger, lived(ages))).toEqual([
      { site: 'maker', class: 'slab-object', ended: 100, median: 128, ninetieth: 1024 },
    ]);
  });

  test('a power of two is its own bound; what ends at once lived a nanosecond', () => {
    expect(siteLifetimes(ledger, lived([1024]))[0].median).toBe(1024);
    expect(siteLifetimes(ledger, lived([0]))[0].median).toBe(1);
  });

  test('what has not ended, or left no event when it did, does not count', () => {
    expect(siteLifetimes(ledger, lived([8], 'alive'))).toEqual([]);
    expect(siteLifetimes(ledger, lived([8], 'reused'))).toEqual([]);
  });
});
