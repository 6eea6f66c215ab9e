import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import type { KasanReport } from '../kasan/report/report.ts';
import { GFP_HIGHUSER_MOVABLE, GFP_KERNEL } from '../gfp/masks.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { addressOf, offsetBy, resetTag, tagOf, type Pointer } from '../mte/pointer.ts';
import type { Access } from '../mte/tag-check.ts';
import { TestKernel } from './test-kernel.ts';

type Step =
  | { readonly do: 'kmalloc' | 'vmalloc'; readonly size: number }
  | { readonly do: 'pages'; readonly order: number; readonly skipped: boolean }
  | { readonly do: 'free'; readonly which: number };

const steps = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constantFrom('kmalloc' as const, 'vmalloc' as const),
      size: fc.integer({ min: 1, max: 20_000 }),
    }),
    fc.record({ do: fc.constant('pages' as const), order: fc.nat(3), skipped: fc.boolean() }),
    fc.record({ do: fc.constant('free' as const), which: fc.nat(100) }),
  ),
  { maxLength: 60 },
);

interface Held {
  readonly pointer: Pointer;
  readonly size: number;
  readonly free: () => void;
  readonly skipped: boolean;
}

/** Runs steps. `freed` is told of memory right after it was freed. */
function run(seed: number, all: readonly Step[], freed: (kernel: TestKernel, held: Held) => void = () => {}) {
  const kernel = new TestKernel({ config: defaultKernelConfig(), cpu: cpuProfile('max'), seed, bootOperations: 50 });
  const reports: KasanReport[] = [];
  kernel.onReport = (report) => reports.push(report);
  kernel.beginSuite();
  const held: Held[] = [];
  for (const step of all) {
    if (step.do === 'free') {
      if (held.length === 0) continue;
      const [gone] = held.splice(step.which % held.length, 1);
      gone.free();
      freed(kernel, gone);
    } else if (step.do === 'pages') {
      const page = kernel.alloc_pages(step.order, step.skipped ? GFP_HIGHUSER_MOVABLE : GFP_KERNEL);
      const size = kernel.pageSize << step.order;
      held.push({
        pointer: kernel.page_address(page),
        size,
        free: () => kernel.free_pages(page),
        skipped: step.skipped,
      });
    } else {
      const p = step.do === 'kmalloc' ? kernel.kmalloc(step.size) : kernel.vmalloc(step.size);
      const free = (): void => (step.do === 'kmalloc' ? kernel.kfree(p) : kernel.vfree(p));
      held.push({ pointer: p, size: step.size, free, skipped: false });
    }
  }
  return { kernel, held, reports };
}

const kinds = fc.constantFrom<Access>('read', 'write', 'atomic', 'compare-and-swap');

describe('whatever was allocated and freed before', () => {
  test('each live object may be touched all over through its pointer', () => {
    fc.assert(
      fc.property(fc.nat(), steps, kinds, (seed, all, kind) => {
        const { kernel, held, reports } = run(seed, all);
        for (const { pointer: p, size } of held) kernel.access(p, size, kind);
        expect(reports).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test('no access through a match-all pointer is ever reported, wherever it goes', () => {
    fc.assert(
      fc.property(fc.nat(), steps, kinds, fc.integer({ min: -5000, max: 50_000 }), (seed, all, kind, offset) => {
        const gone: Held[] = [];
        const { kernel, held, reports } = run(seed, all, (_kernel, freed) => gone.push(freed));
        for (const { pointer: p } of [...held, ...gone]) {
          kernel.access(resetTag(offsetBy(p, offset)), 64, kind);
          kernel.check.checkTfsr();
        }
        expect(reports).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test('freed memory is poisoned, unless it was skipped: then its tags are as they were', () => {
    fc.assert(
      fc.property(fc.nat(), steps, (seed, all) => {
        run(seed, all, (kernel, { pointer: p, skipped }) => {
          if (!kernel.isMapped(p)) return;
          const tag = kernel.info.metadata(addressOf(p));
          if (skipped) expect(tagOf(p)).toBe(0xff);
          else expect(tag).toBe(0xfe);
        });
      }),
      { numRuns: 40 },
    );
  });
});
