import type { PageAllocSample } from '../base/kasan-changes.ts';
import type { KernelConfig } from './kernel-config.ts';

/**
 * Decides which page allocations are tagged under `kasan.page_alloc.sample`
 * (mm/kasan/kasan.h:kasan_sample_page_alloc, 7.3). The counter is per CPU and only eligible allocations move it: on each
 * CPU the first one is tagged, and then every `sample`-th.
 */
export class PageAllocSampler {
  readonly #sample: number;
  readonly #order: number;
  readonly #skip: number[] = [];

  /** @param instead what holds instead of the boot parameters, if anything does */
  constructor(config: KernelConfig, instead?: PageAllocSample) {
    this.#sample = instead?.every ?? config.pageAllocSample;
    this.#order = instead?.order ?? config.pageAllocSampleOrder;
  }

  /** Whether some allocations of an order are tagged and others are not. */
  samples(order: number): boolean {
    return this.#sample !== 1 && order >= this.#order;
  }

  kasan_sample_page_alloc(cpu: number, order: number): boolean {
    if (!this.samples(order)) return true;
    const skip = (this.#skip[cpu] ?? 0) - 1;
    this.#skip[cpu] = skip < 0 ? this.#sample - 1 : skip;
    return skip < 0;
  }
}
