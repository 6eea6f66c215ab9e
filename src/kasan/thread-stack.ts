import type { Tag } from '../mte/tag-machine.ts';
import { hookId } from './hook.ts';
import type { Kasan } from './kasan.ts';
import { clear_pages } from './page-alloc.ts';
import { kasan_unpoison } from './poison.ts';

const UNPOISON_RANGE = hookId('__kasan_unpoison_range');

/**
 * kernel/fork.c:alloc_thread_stack_node, 7.3, where a stack comes from the CPU's cache: before the series it is
 * unpoisoned with the tag that its area has, with it it is not (`skip`); it is zeroed either way.
 *
 * @param address of the stack, a multiple of the page size
 * @param tag of the area's own pointer
 */
export function alloc_thread_stack_node_from_cache(kasan: Kasan, address: number, tag: Tag, skip: boolean): void {
  const { config } = kasan;
  if (config.kasan && !skip) {
    kasan.enter(UNPOISON_RANGE);
    kasan_unpoison(kasan, address, config.threadSize, tag, false);
  }
  clear_pages(kasan, address, config.threadSize);
}
