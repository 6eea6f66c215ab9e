import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { krealloc } from '../mm/krealloc.ts';
import { Mempool } from '../mm/mempool.ts';
import { NO_PAGE } from '../mm/page-map.ts';
import { FullMachine } from '../mte/full-machine.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { NULL_POINTER, pointer, tagOf, type Pointer } from '../mte/pointer.ts';
import { NO_FAULT, TagChecks } from '../mte/tag-check.ts';
import { KASAN_TAG_INVALID } from '../mte/tag-machine.ts';
import { BUILT_IN_POLICIES } from '../policy/built-in.ts';
import { boot } from './machine.ts';

const PAGE = 4096;
/** Larger than the largest cache of pages of 4 KiB (KMALLOC_MAX_CACHE_SIZE, two pages), and no multiple of a page. */
const LARGE = 2 * PAGE + 1000;
const POOLED = 2;
/** More than a list of a CPU holds, so that blocks that were freed are split (mm/page_alloc.c:rmqueue_bulk). */
const MANY_PAGES = 100;

/** Memory that somebody has. */
interface Held {
  readonly memory: Pointer;
  size: number;
  readonly free: () => void;
  /** Gives it another size, where it stays. */
  readonly resize?: (size: number) => void;
}

function machineWith(sample: number, order: number, seed: number) {
  const policy = BUILT_IN_POLICIES.find(({ name }) => name === 'tag-on-free');
  if (policy === undefined) throw new Error('there is no such policy');
  const { kernel, machine } = boot({
    policy,
    config: { ...defaultKernelConfig(), pageAllocSample: sample, pageAllocSampleOrder: order },
    cpu: cpuProfile('cortex-a710'),
    cpus: 1,
    // Little beside what boot takes (32 MiB), so that the same pages come back often.
    ram: 40 << 20,
    seed,
  });
  if (!(machine instanceof FullMachine)) throw new Error('a kernel with hardware tags has tag memory');
  const { kmalloc, pages, vmalloc, sites, map } = kernel;
  const unexpected = (): never => {
    throw new Error('a report without a bug');
  };
  kmalloc.slub.reportBadFree = unexpected;
  const pool = new Mempool(kmalloc, 0, { kind: 'kmalloc', size: LARGE }, POOLED, sites.pipe, {
    bad: unexpected,
    poisoned: () => {},
    unpoisoned: () => {},
  });
  const ofKmalloc = (size: number): Held | undefined => {
    const memory = kmalloc.kmalloc(0, size, sites.pipe);
    if (memory === NULL_POINTER) return undefined;
    const resize = (to: number): void => {
      expect(krealloc(kmalloc, 0, memory, to, sites.pipe, unexpected)).toBe(memory);
    };
    return { memory, size, free: () => kmalloc.kfree(0, memory), resize };
  };
  const ofPages = (blockOrder: number, site: typeof sites.pipeBuffer): Held | undefined => {
    const pfn = pages.alloc_pages(0, blockOrder, site);
    if (pfn === NO_PAGE) return undefined;
    const memory = pointer(map.kasanTag[pfn], pfn * PAGE);
    return { memory, size: PAGE << blockOrder, free: () => pages.free_pages(0, pfn) };
  };
  const take: { readonly [kind: string]: (size: number) => Held | undefined | readonly (Held | undefined)[] } = {
    object: (size) => ofKmalloc(1 + (size % 2000)),
    large: (size) => ofKmalloc(LARGE + size),
    pages: (size) => Array.from({ length: size % MANY_PAGES }, () => ofPages(0, sites.pipeBuffer)),
    block: (size) => ofPages(size % 4, sites.pipeBuffer),
    skipped: () => ofPages(0, sites.pageCache),
    pooled: () => {
      const memory = pool.allocPreallocated(0);
      return memory && { memory, size: LARGE, free: () => pool.free(0, memory) };
    },
    area: (size) => {
      const area = vmalloc.vmalloc(0, 1 + (size % (6 * PAGE)), PAGE, sites.pipe);
      return area && { memory: area.pointer, size: area.size, free: () => vmalloc.vfree(0, area) };
    },
  };
  const checks = new TagChecks(
    { isTagged: (address) => machine.space.isTagged(address), tagAt: (address) => machine.memoryTag(address) },
    { tcf: 'sync', storeOnly: false },
  );
  return { take, checks };
}

const step = fc.record({
  kind: fc.constantFrom('object', 'large', 'pages', 'block', 'skipped', 'pooled', 'area', 'free', 'free', 'resize'),
  size: fc.nat(120_000),
  which: fc.nat(1000),
});

// Whoever has memory may touch all of it: KASAN must have no false positives (Documentation/dev-tools/kasan.rst). With
// tags that are written at free this rests on what the owner before left there.
test('tag-on-free: an owner can touch all of its memory and never gets the tag that nobody has, with sampling too', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.nat(3),
      fc.integer(),
      fc.array(step, { minLength: 20, maxLength: 200 }),
      (sample, order, seed, steps) => {
        const { take, checks } = machineWith(sample, order, seed);
        const held: Held[] = [];
        for (const { kind, size, which } of steps) {
          const at = which % Math.max(1, held.length);
          if (kind === 'free') held.splice(at, 1 + (size % MANY_PAGES)).forEach((item) => item.free());
          else if (kind === 'resize') {
            const item = held[at];
            if (item?.resize === undefined) continue;
            const smaller = 1 + (size % item.size);
            item.resize(smaller);
            item.size = smaller;
          } else {
            for (const taken of [take[kind]?.(size)].flat()) if (taken !== undefined) held.push(taken);
          }
          for (const item of held) {
            expect(tagOf(item.memory)).not.toBe(KASAN_TAG_INVALID);
            expect(checks.access(item.memory, item.size, 'write')).toBe(NO_FAULT);
          }
        }
      },
    ),
    { numRuns: 30 },
  );
});
