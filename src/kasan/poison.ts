import { roundUp } from '../base/units.ts';
import { KASAN_TAG_KERNEL, type Tag } from '../mte/tag-machine.ts';
import type { Kasan } from './kasan.ts';

/** Bytes in `size`, rounded up to whole granules of the kernel's mode. */
export const wholeGranules = (kasan: Kasan, size: number): number => roundUp(size, kasan.rules.granule);

/** Whom memory is from, and goes back to. */
export type MemoryOf = 'slab' | 'pages';

/** What becomes of tags when memory is freed, what marks its redzone, and what marks it while nobody may touch it. */
export const MARKS = {
  slab: { freed: 'freedObjects', redzone: 'slabRedzone', poison: 'slabFree' },
  pages: { freed: 'freedPages', redzone: 'pageRedzone', poison: 'pageFree' },
} as const;

/**
 * Whether memory goes to its next owner with whatever tags it has by then: its own pointer matches all, so that it is not
 * tagged when it is freed, and the next owner takes over what is there. Such memory must not be marked: an owner would get
 * a mark for its tag, or memory with two tags. Nobody notices that the mark is missing, for the pointer matches that too.
 */
export const isPassedOnAsIs = ({ changes }: Kasan, tag: Tag, memoryOf: MemoryOf): boolean =>
  tag === KASAN_TAG_KERNEL && changes[MARKS[memoryOf].freed] === 'redraw';

/**
 * Draws a tag: one of all (mm/kasan/hw_tags.c:kasan_random_tag), or where tags are to be distinct one that the memory did not
 * have before, and that what lies on both sides does not have. That costs two LDG; what was before is known without: the
 * pointer in a freelist keeps its tag, and so does `struct page`.
 *
 * @param before the tag that the memory had
 * @param sides addresses that tell the tags of what lies before and behind
 */
export function drawTag(kasan: Kasan, before: Tag, sides: readonly [below: number, above: number]): Tag {
  const { changes, machine } = kasan;
  if (changes.draws === 'any') return machine.irg();
  // Below the first page there is nothing.
  const beside = machine.ldg(Math.max(0, sides[0])) & TAG_BITS;
  const behind = machine.ldg(sides[1]) & TAG_BITS;
  return machine.irg((1 << (before & TAG_BITS)) | (1 << beside) | (1 << behind));
}

const TAG_BITS = 0xf;

/** What generic KASAN writes for a granule all of which may be accessed. */
const ACCESSIBLE = 0;

/**
 * mm/kasan/kasan.h:kasan_unpoison, 7.3: gives memory a tag; the size is rounded up to whole granules. Generic KASAN makes
 * exactly these bytes accessible.
 */
export function kasan_unpoison(kasan: Kasan, address: number, size: number, tag: Tag, init: boolean): void {
  if (size <= 0) return;
  const { granule, tags } = kasan.rules;
  if (tags) kasan.machine.setMemTagRange(address, roundUp(size, granule), tag, init);
  else kasan.machine.setMemTagRange(address, size, ACCESSIBLE, init);
}

/**
 * mm/kasan/kasan.h:kasan_poison, 7.3: takes memory away; address and size are whole granules.
 *
 * @param value what it is marked with: one of the mode's `rules.poison`
 */
export function kasan_poison(kasan: Kasan, address: number, size: number, value: number, init: boolean): void {
  if (size > 0) kasan.machine.setMemTagRange(address, size, value, init);
}

/**
 * mm/kasan/generic.c:kasan_poison_last_granule, 7.3: the bytes behind the end of `size`, in its last granule, may not be
 * touched. Granules with tags have no parts.
 */
export function kasan_poison_last_granule(kasan: Kasan, address: number, size: number): void {
  const { granule, tags } = kasan.rules;
  const part = size % granule;
  if (!tags && part !== 0) kasan.machine.setMemTagRange(address + size - part, part, ACCESSIBLE, false);
}

/**
 * Gives the first `size` bytes of an object a tag, and makes the rest of its `capacity` bytes redzone: what is done where
 * an object that is there already is sized anew (mm/kasan/common.c:__kasan_krealloc, __kasan_mempool_unpoison_object).
 */
export function unpoisonBeforeRedzone(
  kasan: Kasan,
  address: number,
  tag: Tag,
  size: number,
  capacity: number,
  memoryOf: MemoryOf,
): void {
  const used = wholeGranules(kasan, size);
  const redzone = kasan.rules.poison[MARKS[memoryOf].redzone];
  kasan_unpoison(kasan, address, size, tag, false);
  kasan_poison(kasan, address + used, wholeGranules(kasan, capacity) - used, redzone, false);
}
