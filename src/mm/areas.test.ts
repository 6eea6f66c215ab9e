import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GFP_SKIP_KASAN, GFP_ZERO, gfpUnion } from '../gfp/flags.ts';
import { GFP_KERNEL, GFP_VMAP_STACK } from '../gfp/masks.ts';
import { defaultKernelConfig, withoutVmapStack } from '../kasan/kernel-config.ts';
import { NOT_MAPPED, VMALLOC_START } from '../mte/address-space.ts';
import { addressOf, NULL_POINTER, pointer, tagOf } from '../mte/pointer.ts';
import { KASAN_TAG_INVALID, KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';
import { pgdBytes, tableCoverage } from './page-tables.ts';
import { testKernel } from './test-kernel.testdata.ts';
import { vm_map_ram, vmap, vunmap } from './vmap.ts';
import { VmapRanges } from './vmap-area.ts';
import { vrealloc } from './vrealloc.ts';

const PAGE = 4096;
const STACK = 16384;

describe('vmalloc (vmalloc.md sections 2 and 3)', () => {
  test('an area is tagged as one range through its mapping, its end is redzone, and its pages have its tag', () => {
    const { kernel, machine, place } = testKernel();
    const area = kernel.vmalloc.vmalloc(0, PAGE + 100, PAGE, place({ class: 'vmalloc', gfp: GFP_KERNEL }));
    if (area === undefined) throw new Error('no area');
    const tag = tagOf(area.pointer);
    const at = area.address;
    expect([0, PAGE, PAGE + 96].map((offset) => machine.memoryTag(at + offset))).toEqual([tag, tag, tag]);
    expect(machine.memoryTag(at + PAGE + 112)).toBe(KASAN_TAG_INVALID);
    // Through the linear map as well: the memory is the same.
    expect([...area.pfns].map((pfn) => [kernel.map.kasanTag[pfn], machine.memoryTag(pfn * PAGE)])).toEqual([
      [tag, tag],
      [tag, tag],
    ]);
  });

  test('with SKIP_KASAN it is mapped untagged, its pointer matches all, and no tag is ever written', () => {
    const { kernel, machine, place } = testKernel();
    const mask = gfpUnion(GFP_KERNEL, GFP_ZERO, GFP_SKIP_KASAN);
    const area = kernel.vmalloc.vmalloc(0, STACK, PAGE, place({ class: 'kernel-stack', gfp: mask }));
    if (area === undefined) throw new Error('no area');
    expect(tagOf(area.pointer)).toBe(KASAN_TAG_KERNEL);
    expect(kernel.space.isTagged(area.address)).toBe(false);
    const pfns = [...area.pfns];
    const before = pfns.map((pfn) => machine.memoryTag(pfn * PAGE));
    kernel.vmalloc.vfree(0, area);
    expect(pfns.map((pfn) => machine.memoryTag(pfn * PAGE))).toEqual(before);
  });

  test('vfree leaves tags to the page allocator, which poisons page by page', () => {
    const { kernel, machine, place } = testKernel();
    const area = kernel.vmalloc.vmalloc(0, STACK, PAGE, place({ class: 'vmalloc' }));
    if (area === undefined) throw new Error('no area');
    const pfns = [...area.pfns];
    kernel.vmalloc.vfree(0, area);
    expect(pfns.map((pfn) => machine.memoryTag(pfn * PAGE))).toEqual(pfns.map(() => KASAN_TAG_INVALID));
    expect(kernel.vmalloc.find(area.address)).toBeUndefined();
  });

  test('vrealloc that shrinks leaves the tags of the last page as they are, and gives the pages behind it back', () => {
    const { kernel, machine, place } = testKernel();
    const site = place({ class: 'vmalloc' });
    const area = kernel.vmalloc.vmalloc(0, 3 * PAGE, PAGE, site);
    if (area === undefined) throw new Error('no area');
    const [first, second, third] = area.pfns;
    const tag = tagOf(area.pointer);
    expect(vrealloc(kernel.vmalloc, 0, area, PAGE + 100, site)).toBe(area);
    expect([...area.pfns]).toEqual([first, second]);
    expect(machine.memoryTag(area.address + 2 * PAGE - 16)).toBe(tag);
    expect(machine.memoryTag(third * PAGE)).toBe(KASAN_TAG_INVALID);
    // Three pages are more than there are now: a new area.
    const moved = vrealloc(kernel.vmalloc, 0, area, 3 * PAGE, site);
    expect(moved).not.toBe(area);
    expect(kernel.vmalloc.find(area.address)).toBe(moved?.address === area.address ? moved : undefined);
  });

  test.each([vmap, vm_map_ram])(
    '%o: the mapping is untagged and matches all, the pages keep their tags (section 7)',
    (map) => {
      const { kernel, machine, place } = testKernel();
      const pfns = Array.from({ length: 2 }, () => kernel.pages.alloc_pages(0, 0, place({ class: 'driver/other' })));
      const before = pfns.map((pfn) => machine.memoryTag(pfn * PAGE));
      const mapping = map(kernel.vmalloc, 0, pfns);
      if (mapping === undefined) throw new Error('no mapping');
      expect(tagOf(mapping.pointer)).toBe(KASAN_TAG_KERNEL);
      expect(kernel.space.isTagged(mapping.address)).toBe(false);
      expect(kernel.space.translate(mapping.address + PAGE)).toBe(pfns[1] * PAGE);
      vunmap(kernel.vmalloc, 0, mapping);
      expect(kernel.space.translate(mapping.address)).toBe(NOT_MAPPED);
      expect(pfns.map((pfn) => machine.memoryTag(pfn * PAGE))).toEqual(before);
    },
  );

  test('where memory is out there is no area, and nothing is left behind', () => {
    const { kernel, place } = testKernel({}, { ram: 40 << 20 });
    const before = kernel.pages.freePages;
    expect(kernel.vmalloc.vmalloc(0, 64 << 20, PAGE, place({ class: 'vmalloc' }))).toBeUndefined();
    // But for slabs of what describes areas, and a kernel page table.
    expect(before - kernel.pages.freePages).toBeLessThan(200);
  });
});

describe('addresses of areas (mm/vmalloc.c:va_clip, merge_or_add_vmap_area)', () => {
  test('a stack of 16 KiB aligned to 32 KiB cuts a range in two, and needs a descriptor more', () => {
    const ranges = new VmapRanges(1 << 30);
    const spare = pointer(0xf0, 16);
    expect(ranges.allocate(STACK + PAGE, 2 * STACK, spare)).toMatchObject({ address: VMALLOC_START, usedSpare: false });
    expect(ranges.allocate(STACK + PAGE, 2 * STACK, spare)).toEqual({
      address: VMALLOC_START + 2 * STACK,
      usedSpare: true,
      released: NULL_POINTER,
    });
  });

  test('areas never overlap, are aligned, and all of the range is there again when all are given back', () => {
    const step = fc.record({
      take: fc.boolean(),
      pages: fc.integer({ min: 1, max: 9 }),
      align: fc.integer({ min: 0, max: 4 }),
      which: fc.nat(1000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const size = 1 << 20;
        const ranges = new VmapRanges(size);
        const held: { readonly address: number; readonly size: number }[] = [];
        for (const { take, pages, align, which } of steps) {
          if (take) {
            const fit = ranges.allocate(pages * PAGE, PAGE << align, pointer(0xf0, 16));
            if (fit === undefined) continue;
            expect(fit.address % (PAGE << align)).toBe(0);
            for (const other of held)
              expect(fit.address >= other.address + other.size || fit.address + pages * PAGE <= other.address).toBe(
                true,
              );
            held.push({ address: fit.address, size: pages * PAGE });
          } else if (held.length > 0) {
            const [area] = held.splice(which % held.length, 1);
            ranges.release([{ ...area, descriptor: pointer(0xf0, 32) }]);
          }
        }
        ranges.release(held.map((area) => ({ ...area, descriptor: pointer(0xf0, 32) })));
        expect(ranges.allocate(size, PAGE, NULL_POINTER)?.address).toBe(VMALLOC_START);
      }),
      { numRuns: 60 },
    );
  });
});

describe('kernel stacks (fork_stack_pgtable.md section 2)', () => {
  const stackKernel = () => {
    const { kernel } = testKernel();
    const take = (count: number) =>
      Array.from({ length: count }, () => {
        const stack = kernel.stacks.alloc_thread_stack_node(0);
        if (stack === NULL_POINTER) throw new Error('no stack');
        return stack;
      });
    return { kernel, take };
  };

  test('a CPU keeps two; the third waits for a grace period, finds no room, and goes back to vmalloc', () => {
    const { kernel, take } = stackKernel();
    const stacks = take(3);
    for (const stack of stacks) kernel.stacks.free_thread_stack(0, stack);
    expect(kernel.stacks.counts).toEqual({ fresh: 3, reused: 0, freed: 0 });
    kernel.settle(0);
    expect(kernel.stacks.counts).toEqual({ fresh: 3, reused: 0, freed: 1 });
    expect(kernel.vmalloc.find(addressOf(stacks[2]))).toBeUndefined();
  });

  test('it is kept after all if there is room by then', () => {
    const { kernel, take } = stackKernel();
    for (const stack of take(3)) kernel.stacks.free_thread_stack(0, stack);
    take(2);
    kernel.settle(0);
    expect(kernel.stacks.counts).toEqual({ fresh: 3, reused: 2, freed: 0 });
    take(1);
    expect(kernel.stacks.counts.reused).toBe(3);
  });

  test('a stack of 7.3 is aligned to twice its size, and matches all', () => {
    const { take } = stackKernel();
    const [stack] = take(1);
    expect(addressOf(stack) % (2 * STACK)).toBe(0);
    expect(tagOf(stack)).toBe(KASAN_TAG_KERNEL);
  });

  test('before the series a stack is vmalloc memory like any other', () => {
    const { kernel, place } = testKernel();
    const mask = gfpUnion(GFP_KERNEL, GFP_ZERO);
    const area = kernel.vmalloc.vmalloc(0, STACK, 2 * STACK, place({ class: 'kernel-stack', gfp: mask }));
    expect(tagOf(area?.pointer ?? NULL_POINTER)).not.toBe(KASAN_TAG_KERNEL);
    expect(gfpUnion(mask, GFP_SKIP_KASAN)).toBe(GFP_VMAP_STACK);
  });
});

describe('kernel stacks without VMAP_STACK (fork_stack_pgtable.md section 2)', () => {
  const without = (pageSize: number) => testKernel(withoutVmapStack(defaultKernelConfig(pageSize)), { ram: 256 << 20 });

  test('a stack is a block of order 2 that the series skips; it is freed after a grace period', () => {
    const { kernel, machine } = without(PAGE);
    const free = kernel.pages.freePages;
    const stack = kernel.stacks.alloc_thread_stack_node(0);
    expect(kernel.pages.freePages).toBe(free - 4);
    const pfn = addressOf(stack) / PAGE;
    expect(kernel.map.kasanTag[pfn]).toBe(KASAN_TAG_KERNEL);
    const tag = machine.memoryTag(addressOf(stack));
    kernel.stacks.free_thread_stack(0, stack);
    expect(kernel.stacks.counts.freed).toBe(0);
    kernel.settle(0);
    expect(kernel.stacks.counts).toEqual({ fresh: 1, reused: 0, freed: 1 });
    expect(kernel.pages.freePages).toBe(free);
    expect(machine.memoryTag(addressOf(stack))).toBe(tag);
  });

  test('where pages are larger it is an object, and tagged under the series too: SLUB drops the flag', () => {
    const { kernel, machine } = without(65536);
    const stack = kernel.stacks.alloc_thread_stack_node(0);
    expect(addressOf(stack) % STACK).toBe(0);
    expect(machine.memoryTag(addressOf(stack))).toBeLessThan(KASAN_TAG_INVALID);
    kernel.stacks.free_thread_stack(0, stack);
    kernel.settle(0);
    expect(machine.memoryTag(addressOf(stack))).toBe(KASAN_TAG_INVALID);
  });
});

describe('arm64 page tables (fork_stack_pgtable.md section 4)', () => {
  const MIB = 2 ** 20;
  const GIB = 2 ** 30;

  // Levels below the pgd, and bytes of the pgd.
  test.each([
    [4096, 39, 2, 4096],
    [4096, 48, 3, 4096],
    [4096, 52, 4, 128],
    [16384, 36, 1, 16384],
    [16384, 47, 2, 16384],
    [16384, 48, 3, 16],
    [16384, 52, 3, 256],
    [65536, 42, 1, 65536],
    [65536, 48, 2, 512],
    [65536, 52, 2, 8192],
  ])('pages of %i bytes and addresses of %i bits', (pageSize, vaBits, levels, pgd) => {
    const coverage = [
      ...(pageSize === 4096 ? [2 * MIB, GIB, 512 * GIB, 512 * 512 * GIB] : []),
      ...(pageSize === 16384 ? [32 * MIB, 64 * GIB, 128 * 1024 * GIB] : []),
      ...(pageSize === 65536 ? [512 * MIB, 4096 * GIB] : []),
    ];
    expect(tableCoverage(pageSize, vaBits)).toEqual(coverage.slice(0, levels));
    expect(pgdBytes(pageSize, vaBits)).toBe(pgd);
  });
});
