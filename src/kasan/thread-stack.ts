import { KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';
import { hookId } from './hook.ts';
import type { Kasan } from './kasan.ts';
import { clear_pages } from './page-alloc.ts';
import { kasan_unpoison } from './poison.ts';

const UNPOISON_RANGE = hookId('__kasan_unpoison_range');

/**
 * kernel/fork.c:alloc_thread_stack_node, 7.3, where a stack comes from the CPU's cache: before the series it is
 * unpoisoned, with it it is not (`skip`); it is zeroed either way.
 */
export function alloc_thread_stack_node_from_cache(kasan: Kasan, skip: boolean): void {
  const { config } = kasan;
  if (config.kasan && !skip) {
    kasan.enter(UNPOISON_RANGE);
    kasan_unpoison(kasan, 0, config.threadSize, KASAN_TAG_KERNEL, false);
  }
  clear_pages(kasan, config.threadSize);
}
