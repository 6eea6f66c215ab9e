import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LivePages } from './live-pages.ts';
import { largestRemainder } from './unknown-pages.ts';

const BLOCK = { work: 5, part: false, life: 3 };

function allocated(order: number, head: number, hi = 0): LivePages {
  const pages = new LivePages();
  pages.add(hi, head, { ...BLOCK, order });
  return pages;
}

describe('blocks of pages', () => {
  test('a block is known by its first page, and gone once it is taken', () => {
    const pages = allocated(0, 0x100);
    expect(pages.take(0, 0x100, 0)).toMatchObject(BLOCK);
    expect([pages.take(0, 0x100, 0), pages.size]).toEqual([undefined, 0]);
  });

  test('a pfn beyond 32 bits is another page than its low half', () => {
    const pages = allocated(2, 0x100, 1);
    expect(pages.take(0, 0x100, 0)).toBeUndefined();
    expect(pages.take(1, 0x102, 0)).toMatchObject(BLOCK);
  });

  test('at the upper end of the low half', () => {
    const pages = allocated(3, 0xfffffff8);
    expect(pages.take(0, 0xffffffff, 0)).toMatchObject(BLOCK);
    expect(pages.take(0, 0xfffffff8, 2)).toMatchObject(BLOCK);
    expect(pages.take(0, 0xfffffffc, 1)).toMatchObject(BLOCK);
    expect(pages.take(0, 0xfffffffe, 0)).toMatchObject(BLOCK);
    expect(pages.size).toBe(0);
  });

  test('every page of a split block can be taken once, in any order, and none beside it (mm/page_alloc.c:split_page)', () => {
    const cases = fc.nat(6).chain((order) => {
      const count = 2 ** order;
      return fc.record({
        order: fc.constant(order),
        head: fc.nat(1000).map((block) => block * count),
        pages: fc.shuffledSubarray(
          Array.from({ length: count }, (_, page) => page),
          { minLength: count },
        ),
      });
    });
    fc.assert(
      fc.property(cases, ({ order, head, pages: offsets }) => {
        const pages = allocated(order, head);
        expect(pages.take(0, head + 2 ** order, 0)).toBeUndefined();
        for (const offset of offsets) expect(pages.take(0, head + offset, 0)).toMatchObject(BLOCK);
        for (const offset of offsets) expect(pages.take(0, head + offset, 0)).toBeUndefined();
        expect(pages.size).toBe(0);
      }),
    );
  });
});

describe('dividing a whole number (Hamilton)', () => {
  test('3 : 1 of 4, and of 5 the rest goes to the largest remainder', () => {
    expect([
      ...largestRemainder(
        [
          ['a', 3],
          ['b', 1],
        ],
        4,
      ),
    ]).toEqual([
      ['a', 3],
      ['b', 1],
    ]);
    // Quotas 3.75 and 1.25.
    expect([
      ...largestRemainder(
        [
          ['a', 3],
          ['b', 1],
        ],
        5,
      ),
    ]).toEqual([
      ['a', 4],
      ['b', 1],
    ]);
    expect([
      ...largestRemainder(
        [
          ['a', 1],
          ['b', 1],
          ['c', 1],
        ],
        2,
      ),
    ]).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 0],
    ]);
  });

  test('nothing to go by gives nothing', () => {
    expect(largestRemainder([], 4).size).toBe(0);
    expect(largestRemainder([['a', 0]], 4).size).toBe(0);
  });

  test('the shares add up, and none is off by one or more', () => {
    const weights = fc.array(fc.nat(1000), { minLength: 1, maxLength: 8 }).filter((all) => all.some((w) => w > 0));
    fc.assert(
      fc.property(weights, fc.nat(10_000), (all, total) => {
        const sum = all.reduce((a, b) => a + b, 0);
        const shares = largestRemainder(
          all.map((weight, key) => [key, weight] as const),
          total,
        );
        expect([...shares.values()].reduce((a, b) => a + b, 0)).toBe(total);
        for (const [key, share] of shares) expect(Math.abs(share - (total * all[key]) / sum)).toBeLessThan(1);
      }),
    );
  });
});
