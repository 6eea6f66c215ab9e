import { SUBJECTS, type Subject } from '../audit/subject.ts';
import type { Memory } from '../audit/memory.ts';
import { GRANULE_BYTES, roundUp } from '../base/units.ts';
import type { ShownBug } from './verdicts.ts';

const PAGE = 4096;
/** include/linux/slab.h:KMALLOC_MAX_CACHE_SIZE for pages of 4 KiB. */
const MAX_OBJECT = 2 * PAGE;
/** The sizes of kmalloc's caches that are no powers of two (mm/slab_common.c:kmalloc_info). */
const KMALLOC_BETWEEN = [96, 192];
/** Blocks of pages that the model's memory has enough of. */
const MAX_ORDER = 5;

/** The memory of a report as a subject of the audit, as large as it is there; none where no size is told. */
export function sizedLike({ memories: [memory], size }: ShownBug): readonly Subject[] {
  switch (memory.allocator) {
    case 'slab':
      return size === undefined || size <= 0 || size > MAX_OBJECT ? [] : [object(memory, size)];
    case 'kmalloc-large':
    case 'page':
      return memory.untold?.includes('order') === true || (memory.order ?? 0) > MAX_ORDER ? [] : [block(memory)];
    case 'vmalloc':
    case 'variable':
      return [];
  }
}

/** Smallest of kmalloc's caches that holds a size. */
const kmallocSlot = (size: number): number =>
  KMALLOC_BETWEEN.find((between) => size <= between && 2 * size > between && size > (between / 3) * 2) ??
  Math.max(GRANULE_BYTES, 2 ** Math.ceil(Math.log2(size)));

const CACHES: Record<NonNullable<Memory['cache']>, (size: number) => string> = {
  kmalloc: (size) => `kmalloc(${size})`,
  plain: (size) => `slab object of ${size}`,
  ctor: (size) => `object of ${size} with a constructor`,
  'typesafe-by-rcu': (size) => `typesafe-by-RCU object of ${size}`,
};

function object(memory: Memory, size: number): Subject {
  const { cache = 'plain' } = memory;
  const slot = cache === 'kmalloc' ? kmallocSlot(size) : roundUp(size, GRANULE_BYTES);
  return { ...memory, name: CACHES[cache](size), size, slot };
}

function block(memory: Memory): Subject {
  const { order = 0, allocator } = memory;
  const slot = PAGE << order;
  const alike = SUBJECTS.find(({ class: name, allocator: of }) => name === memory.class && of === allocator);
  if (allocator === 'page')
    return {
      ...memory,
      name: order === 0 ? (alike?.name ?? 'page') : `block of ${1 << order} pages`,
      size: slot,
      slot,
    };
  // The redzone of a large kmalloc goes from what was asked for to the end of its pages.
  const size = slot - PAGE / 2;
  return { ...memory, name: `kmalloc(${size})`, size, slot };
}
