import { KASAN_TAG_KERNEL, type Tag } from '../mte/tag-machine.ts';
import { hookId } from './hook.ts';
import type { Kasan } from './kasan.ts';
import { __kasan_unpoison_pages } from './page-alloc.ts';
import { isPassedOnAsIs, kasan_poison, MARKS, unpoisonBeforeRedzone, wholeGranules, type MemoryOf } from './poison.ts';
import { kasan_byte_accessible } from './slab.ts';

const POISON_OBJECT = hookId('__kasan_mempool_poison_object');
const UNPOISON_OBJECT = hookId('__kasan_mempool_unpoison_object');
const POISON_PAGES = hookId('__kasan_mempool_poison_pages');

/**
 * mm/kasan/common.c:__kasan_mempool_poison_object, 7.3: an object that waits in a pool may not be touched.
 *
 * @param capacity `object_size`, or the bytes of its pages for a large kmalloc
 * @param memoryOf whom it is from: the page allocator for a large kmalloc
 * @returns false if it waits there already (a double free): it is not poisoned
 */
export function __kasan_mempool_poison_object(
  kasan: Kasan,
  address: number,
  tag: Tag,
  capacity: number,
  memoryOf: MemoryOf,
): boolean {
  if (!kasan.config.kasan) return true;
  kasan.enter(POISON_OBJECT);
  if (!kasan_byte_accessible(kasan, address, tag)) return false;
  const { freed, poison } = MARKS[memoryOf];
  if (kasan.changes[freed] === 'keep' || isPassedOnAsIs(kasan, tag, memoryOf)) return true;
  kasan_poison(kasan, address, wholeGranules(kasan, capacity), kasan.rules.poison[poison], false);
  return true;
}

/**
 * mm/kasan/common.c:__kasan_mempool_unpoison_object, 7.3: an object leaves its pool with the tag that it had before.
 *
 * @param size bytes that may be used; what is left of `capacity` becomes redzone
 * @param memoryOf whom it is from: the page allocator for a large kmalloc
 */
export function __kasan_mempool_unpoison_object(
  kasan: Kasan,
  address: number,
  tag: Tag,
  size: number,
  capacity: number,
  memoryOf: MemoryOf,
): void {
  if (!kasan.config.kasan || isPassedOnAsIs(kasan, tag, memoryOf)) return;
  kasan.enter(UNPOISON_OBJECT);
  unpoisonBeforeRedzone(kasan, address, tag, size, capacity, memoryOf);
}

/**
 * mm/kasan/common.c:__kasan_mempool_poison_pages, 7.3. Pages without a tag are left alone.
 *
 * @returns false if they wait in a pool already
 */
export function __kasan_mempool_poison_pages(kasan: Kasan, address: number, order: number, pageTag: Tag): boolean {
  if (!kasan.config.kasan || (kasan.rules.tags && pageTag === KASAN_TAG_KERNEL)) return true;
  kasan.enter(POISON_PAGES);
  if (!kasan_byte_accessible(kasan, address, pageTag)) return false;
  if (kasan.changes.freedPages === 'keep') return true;
  kasan_poison(kasan, address, kasan.config.pageSize << order, kasan.rules.poison.pageFree, false);
  return true;
}

/**
 * mm/kasan/common.c:__kasan_mempool_unpoison_pages, 7.3: pages leave a pool with a new tag.
 *
 * @returns their page tag; the old one if they were sampled out, and then their memory stays poisoned
 */
export function __kasan_mempool_unpoison_pages(
  kasan: Kasan,
  cpu: number,
  address: number,
  order: number,
  pageTag: Tag,
): Tag {
  if (!kasan.config.kasan) return pageTag;
  const tag = __kasan_unpoison_pages(kasan, cpu, address, order, { init: false, pageTag });
  return tag === KASAN_TAG_KERNEL ? pageTag : tag;
}
