import type { Tag } from '../mte/tag-machine.ts';
import { hookId } from './hook.ts';
import type { Kasan } from './kasan.ts';
import { unpoisonBeforeRedzone } from './poison.ts';

const KREALLOC = hookId('__kasan_krealloc');

/**
 * mm/kasan/common.c:__kasan_krealloc, 7.3: memory that stays where it is gets another size. Its tag stays too, so an old
 * pointer remains valid.
 *
 * @param capacity `object_size` of its cache, or the bytes of its pages for a large kmalloc
 * @param redzone what is behind its end is marked with: `slabRedzone`, or `pageRedzone` for a large kmalloc
 */
export function __kasan_krealloc(
  kasan: Kasan,
  address: number,
  tag: Tag,
  size: number,
  capacity: number,
  redzone: number,
): void {
  if (!kasan.config.kasan) return;
  kasan.enter(KREALLOC);
  unpoisonBeforeRedzone(kasan, address, tag, size, capacity, redzone);
}
