import { GRANULE_BYTES, roundUp } from '../base/units.ts';
import { KASAN_TAG_INVALID, type Tag } from '../mte/tag-machine.ts';
import type { Kasan } from './kasan.ts';

/** mm/kasan/kasan.h:kasan_unpoison, 7.3: gives memory a tag; the size is rounded up to whole granules. */
export function kasan_unpoison(kasan: Kasan, address: number, size: number, tag: Tag, init: boolean): void {
  if (size > 0) kasan.machine.setMemTagRange(address, roundUp(size, GRANULE_BYTES), tag, init);
}

/** mm/kasan/kasan.h:kasan_poison, 7.3: takes memory away; address and size are whole granules. */
export function kasan_poison(kasan: Kasan, address: number, size: number, init: boolean): void {
  if (size > 0) kasan.machine.setMemTagRange(address, size, KASAN_TAG_INVALID, init);
}

/** The same with any tag, as the kernel's own test of memory tags does it. */
export function kasan_poison_with(kasan: Kasan, address: number, size: number, tag: Tag): void {
  kasan.machine.setMemTagRange(address, size, tag, false);
}
