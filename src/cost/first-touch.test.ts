import { describe, expect, test } from 'vitest';
import { classId } from '../base/allocation-class.ts';
import { NO_CHANGES, type KasanChanges } from '../base/kasan-changes.ts';
import { NO_GFP } from '../gfp/flags.ts';
import { kasanOf, type Kasan } from '../kasan/kasan.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { Ledger } from '../kasan/ledger.ts';
import { post_alloc_hook } from '../kasan/page-alloc.ts';
import { __kasan_kmalloc, __kasan_poison_slab, __kasan_slab_alloc, alloc_slab_page_gfp } from '../kasan/slab.ts';
import { COUNTED_TAG, CountingMachine } from '../mte/counting-machine.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { NO_INSTRUCTIONS } from '../mte/instruction.testdata.ts';
import { CostModel } from './cost-model.ts';
import type { Reading } from './profile.ts';

const A710 = cpuProfile('cortex-a710');

/** A machine on which only cache lines cost: 100 ns where pages come from, 10 where objects do, nothing where the hook before was. */
const LINES_ONLY: Reading = {
  name: 'lines',
  assumes: 'only lines cost',
  instruction: NO_INSTRUCTIONS,
  zeroing: 0,
  line: { 'page-alloc': 100, 'page-free': 100, object: 10, 'reused-stack': 100, again: 0 },
  zeroedLine: 0,
  tagByte: 0,
};

function timeOf(changes: Partial<KasanChanges>, run: (kasan: Kasan) => void): number {
  const ledger = new Ledger(new CountingMachine(A710));
  const kasan = kasanOf(defaultKernelConfig(), ledger.machine, ledger.enter, { ...NO_CHANGES, ...changes });
  ledger.chargeTo(ledger.row(classId('unknown'), 'test', ''));
  run(kasan);
  return new CostModel([LINES_ONLY], A710).time(ledger, [0]).best;
}

describe('memory costs when it is touched for the first time, whoever does it', () => {
  const makeSlab = (kasan: Kasan): void => {
    post_alloc_hook(kasan, 0, 0, 0, alloc_slab_page_gfp(kasan, NO_GFP));
    __kasan_poison_slab(kasan, 0, 4096);
  };

  test('a new slab, 64 lines of a page: by the page allocator, or, where that skips it, by slab', () => {
    expect(timeOf({}, makeSlab)).toBe(64 * 100);
    // One pass less over it saves instructions, and no line.
    expect(timeOf({ newSlabs: 'skip' }, makeSlab)).toBe(64 * 100);
  });

  test('an object of 128 bytes with a redzone: two lines; where it comes with its tag, that of the redzone alone', () => {
    const cache = { objectSize: 128, size: 128, ctor: false, typesafeByRcu: false };
    const allocate = (kasan: Kasan): void => {
      __kasan_slab_alloc(kasan, cache, 0, COUNTED_TAG, false);
      __kasan_kmalloc(kasan, cache, 0, 100);
    };
    expect(timeOf({}, allocate)).toBe(2 * 10);
    expect(timeOf({ freedObjects: 'redraw' }, allocate)).toBe(10);
  });
});
