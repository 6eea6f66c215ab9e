import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GFP_SKIP_KASAN, GFP_ZERO, gfpUnion } from '../gfp/flags.ts';
import { GFP_KERNEL } from '../gfp/masks.ts';
import { addressOf, tagOf, type Pointer } from '../mte/pointer.ts';
import { KASAN_TAG_INVALID, KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';
import { NO_PAGE } from './page-map.ts';
import { testKernel } from './test-kernel.testdata.ts';
import type { VmArea } from './vmalloc.ts';

const PAGE = 4096;

/** Something that was allocated: what it covers, and how it is given back. */
interface Held {
  /** Ranges in the linear map, and the tag that their memory must have; undefined where nothing was written. */
  readonly ranges: readonly { readonly start: number; readonly end: number; readonly tag: number | undefined }[];
  readonly free: () => void;
}

/** The allocations of a scenario: slab objects, large kmallocs, pages tagged and skipped, areas tagged and skipped. */
function allocators(seed: number) {
  const env = testKernel({}, { ram: 64 << 20, cpus: 2, seed });
  const { kernel, machine, place } = env;
  const object = place();
  const tagged = place({ class: 'driver/other', gfp: GFP_KERNEL });
  const skipped = place({ class: 'page-table', gfp: gfpUnion(GFP_KERNEL, GFP_ZERO, GFP_SKIP_KASAN) });
  const heldObject = (pointer: Pointer, size: number, cpu: number): Held => ({
    ranges: [{ start: addressOf(pointer), end: addressOf(pointer) + size, tag: tagOf(pointer) }],
    free: () => kernel.kmalloc.kfree(cpu, pointer),
  });
  const heldPages = (pfn: number, order: number, cpu: number, isTagged: boolean): Held => ({
    ranges: [
      { start: pfn * PAGE, end: (pfn + (1 << order)) * PAGE, tag: isTagged ? kernel.map.kasanTag[pfn] : undefined },
    ],
    free: () => kernel.pages.free_pages(cpu, pfn),
  });
  const heldArea = (area: VmArea, cpu: number): Held => ({
    ranges: [...area.pfns].map((pfn) => ({
      start: pfn * PAGE,
      end: (pfn + 1) * PAGE,
      tag: area.skip ? undefined : tagOf(area.pointer),
    })),
    free: () => kernel.vmalloc.vfree(cpu, area),
  });
  const allocate = (kind: number, size: number, cpu: number): Held | undefined => {
    switch (kind) {
      case 0:
      case 1: {
        const bytes = kind === 0 ? 1 + (size % 2000) : 8193 + size;
        return heldObject(kernel.kmalloc.kmalloc(cpu, bytes, object), bytes, cpu);
      }
      case 2:
      case 3: {
        const pfn = kernel.pages.alloc_pages(cpu, size % 4, kind === 2 ? tagged : skipped);
        return pfn === NO_PAGE ? undefined : heldPages(pfn, size % 4, cpu, kind === 2);
      }
      default: {
        const area = kernel.vmalloc.vmalloc(cpu, PAGE * (1 + (size % 6)), PAGE, kind === 4 ? tagged : skipped);
        return area === undefined ? undefined : heldArea(area, cpu);
      }
    }
  };
  return { ...env, machine, allocate };
}

const step = fc.record({
  take: fc.boolean(),
  kind: fc.integer({ min: 0, max: 5 }),
  size: fc.nat(20_000),
  cpu: fc.integer({ min: 0, max: 1 }),
  which: fc.nat(1000),
});

/** Checks all that must hold while things are held. */
function check(held: readonly Held[], memoryTag: (address: number) => number): void {
  const ranges = held.flatMap((item) => item.ranges).toSorted((a, b) => a.start - b.start);
  ranges.forEach(({ start, end, tag }, index) => {
    const next = ranges[index + 1];
    if (next !== undefined) expect(end).toBeLessThanOrEqual(next.start);
    if (tag === undefined || tag === KASAN_TAG_KERNEL) return;
    for (const at of [start, start + 16 * Math.floor((end - 1 - start) / 32), end - 1 - ((end - 1) % 16)])
      if (at >= start) expect(memoryTag(at)).toBe(tag);
  });
}

test('live allocations do not overlap, their memory has their tag, and skipped memory is never written', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(step, { maxLength: 120 }), (seed, steps) => {
      const { machine, allocate } = allocators(seed);
      const tagAt = (address: number): number => machine.memoryTag(address);
      const held: (Held & { readonly before: readonly number[] })[] = [];
      for (const { take, kind, size, cpu, which } of steps) {
        if (take) {
          const made = allocate(kind, size, cpu);
          if (made !== undefined) held.push({ ...made, before: made.ranges.map(({ start }) => tagAt(start)) });
        } else if (held.length > 0) {
          const [item] = held.splice(which % held.length, 1);
          item.free();
          item.ranges.forEach(({ start, tag }, index) =>
            expect(tagAt(start)).toBe(tag === undefined ? item.before[index] : KASAN_TAG_INVALID),
          );
        }
        check(held, tagAt);
        for (const { ranges, before } of held)
          ranges.forEach(({ start, tag }, index) =>
            tag === undefined ? expect(tagAt(start)).toBe(before[index]) : undefined,
          );
      }
    }),
    { numRuns: 40 },
  );
});

test('pages are conserved: whatever is given back is there again, but for what caches and page tables keep', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(step, { maxLength: 150 }), (seed, steps) => {
      const { kernel, allocate } = allocators(seed);
      const round = (): void => {
        const held: Held[] = [];
        for (const { kind, size, cpu } of steps) {
          const made = allocate(kind, size, cpu);
          if (made !== undefined) held.push(made);
        }
        for (const { free } of held) free();
        kernel.settle(0);
      };
      round();
      const after = kernel.pages.freePages;
      round();
      round();
      // Lists of slabs and descriptors of areas settle; nothing grows with the rounds.
      expect(Math.abs(kernel.pages.freePages - after)).toBeLessThan(24);
    }),
    { numRuns: 20 },
  );
});

test('the same seed gives the same run, to the tag', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(step, { minLength: 1, maxLength: 60 }), (seed, steps) => {
      const run = () => {
        const { machine, allocate } = allocators(seed);
        return steps.map(({ kind, size, cpu }) =>
          allocate(kind, size, cpu)?.ranges.map(({ start }) => [start, machine.memoryTag(start)]),
        );
      };
      expect(run()).toEqual(run());
    }),
    { numRuns: 10 },
  );
});
