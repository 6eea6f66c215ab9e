import { classId } from '../base/allocation-class.ts';
import { GFP_ZERO, gfpUnion, NO_GFP } from '../gfp/flags.ts';
import { kasanOf, type Kasan } from '../kasan/kasan.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { Ledger } from '../kasan/ledger.ts';
import { __free_pages_prepare, post_alloc_hook } from '../kasan/page-alloc.ts';
import { __kasan_poison_slab, __kasan_slab_alloc, __kasan_slab_free } from '../kasan/slab.ts';
import { alloc_thread_stack_node_from_cache } from '../kasan/thread-stack.ts';
import { __kasan_unpoison_vmalloc } from '../kasan/vmalloc.ts';
import { COUNTED_TAG, CountingMachine } from '../mte/counting-machine.ts';
import { cpuProfile, type CpuProfile } from '../mte/cpu.ts';

const cacheOf = (size: number) => ({ objectSize: size, size, ctor: false, typesafeByRcu: false });

/** Things that a kernel does, each on a kernel of 4 KiB pages. */
export const TAG_WORK = {
  'object of 16 bytes, freed': (kasan: Kasan) => void __kasan_slab_free(kasan, cacheOf(16), 0, COUNTED_TAG),
  'object of 64 bytes, freed': (kasan: Kasan) => void __kasan_slab_free(kasan, cacheOf(64), 0, COUNTED_TAG),
  'object of 128 bytes, freed': (kasan: Kasan) => void __kasan_slab_free(kasan, cacheOf(128), 0, COUNTED_TAG),
  'object of 96 bytes, allocated': (kasan: Kasan) => void __kasan_slab_alloc(kasan, cacheOf(96), 0, COUNTED_TAG, false),
  'object of 1 KiB, allocated': (kasan: Kasan) => void __kasan_slab_alloc(kasan, cacheOf(1024), 0, COUNTED_TAG, false),
  'object of 192 bytes, allocated and zeroed': (kasan: Kasan) =>
    void __kasan_slab_alloc(kasan, cacheOf(192), 0, COUNTED_TAG, true),
  'page, allocated': (kasan: Kasan) => void post_alloc_hook(kasan, 0, 0, 0, NO_GFP),
  'page, allocated and zeroed': (kasan: Kasan) => void post_alloc_hook(kasan, 0, 0, 0, gfpUnion(GFP_ZERO)),
  'page, freed': (kasan: Kasan) => __free_pages_prepare(kasan, 0, 0, COUNTED_TAG),
  'block of 32 KiB, freed': (kasan: Kasan) => __free_pages_prepare(kasan, 0, 3, COUNTED_TAG),
  'slab of one page, made': (kasan: Kasan) => {
    post_alloc_hook(kasan, 0, 0, 0, NO_GFP);
    __kasan_poison_slab(kasan, 0, 4096);
  },
  'stack of 16 KiB, used again': (kasan: Kasan) => alloc_thread_stack_node_from_cache(kasan, 0, COUNTED_TAG, false),
  'stack of 16 KiB, new': (kasan: Kasan) => void __kasan_unpoison_vmalloc(kasan, 0, 16384, gfpUnion(GFP_ZERO)),
} as const;

export type TagWork = keyof typeof TAG_WORK;

/** A ledger with one row, which did these things in order. */
export function ledgerOf(work: readonly TagWork[], cpu: CpuProfile = cpuProfile('cortex-a710')): Ledger {
  const ledger = new Ledger(new CountingMachine(cpu));
  const config = defaultKernelConfig();
  const kasan = kasanOf(config, ledger.machine, ledger.enter);
  ledger.chargeTo(ledger.row(classId('unknown'), 'test', ''));
  for (const name of work) TAG_WORK[name](kasan);
  return ledger;
}
