import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Buddy, maxPageOrder } from './buddy.ts';
import { NO_PAGE } from './page-map.ts';

const MAX_PAGE_ORDER = maxPageOrder(4096);
const PAGES = 4096;

const full = (): Buddy => {
  const buddy = new Buddy(PAGES, MAX_PAGE_ORDER);
  for (let pfn = 0; pfn < PAGES; pfn += 1 << MAX_PAGE_ORDER) buddy.give(pfn, MAX_PAGE_ORDER);
  return buddy;
};

test('blocks never overlap, are aligned to their size, and pages are conserved', () => {
  const step = fc.record({
    take: fc.boolean(),
    order: fc.integer({ min: 0, max: MAX_PAGE_ORDER }),
    which: fc.nat(1000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const buddy = full();
      const held: { readonly pfn: number; readonly order: number }[] = [];
      const owner = new Uint8Array(PAGES);
      for (const { take, order, which } of steps) {
        if (take) {
          const pfn = buddy.take(order);
          if (pfn === NO_PAGE) continue;
          expect(pfn % (1 << order)).toBe(0);
          expect(owner.subarray(pfn, pfn + (1 << order)).every((value) => value === 0)).toBe(true);
          owner.fill(1, pfn, pfn + (1 << order));
          held.push({ pfn, order });
        } else if (held.length > 0) {
          const [block] = held.splice(which % held.length, 1);
          owner.fill(0, block.pfn, block.pfn + (1 << block.order));
          buddy.give(block.pfn, block.order);
        }
        const pages = held.reduce((sum, block) => sum + (1 << block.order), 0);
        expect(buddy.free + pages).toBe(PAGES);
      }
      for (const { pfn, order } of held) buddy.give(pfn, order);
      // Everything merged again: the largest blocks are all there.
      for (let block = 0; block < PAGES >> MAX_PAGE_ORDER; block++)
        expect(buddy.take(MAX_PAGE_ORDER)).not.toBe(NO_PAGE);
      expect(buddy.free).toBe(0);
    }),
    { numRuns: 60 },
  );
});
