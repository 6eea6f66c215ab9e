import type { Tag } from '../mte/tag-machine.ts';
import { hookId } from './hook.ts';
import type { Kasan } from './kasan.ts';
import { isPassedOnAsIs, unpoisonBeforeRedzone, type MemoryOf } from './poison.ts';

const KREALLOC = hookId('__kasan_krealloc');

/**
 * mm/kasan/common.c:__kasan_krealloc, 7.3: memory that stays where it is gets another size. Its tag stays too, so an old
 * pointer remains valid.
 *
 * @param capacity `object_size` of its cache, or the bytes of its pages for a large kmalloc
 * @param memoryOf whom it is from: the page allocator for a large kmalloc
 */
export function __kasan_krealloc(
  kasan: Kasan,
  address: number,
  tag: Tag,
  size: number,
  capacity: number,
  memoryOf: MemoryOf,
): void {
  if (!kasan.config.kasan || isPassedOnAsIs(kasan, tag, memoryOf)) return;
  kasan.enter(KREALLOC);
  unpoisonBeforeRedzone(kasan, address, tag, size, capacity, memoryOf);
}
