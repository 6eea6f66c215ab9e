import type { SlabCache } from '../../kasan/slab.ts';

/** Sizes of the general caches under HW_TAGS (mm/slab_common.c:kmalloc_info, minimum 16), of pages up to 64 KiB. */
const KMALLOC_SIZES = [
  16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072,
] as const;

/** Objects of a general cache begin at multiples of the largest power of two that divides its size. */
const alignmentOf = (size: number): number => size & -size;

/** Pointers closer than this may be neighbours in one slab. */
const SLAB_BYTES = 1 << 15;

/** What the addresses of objects tell of their size. */
export interface SizeEvidence {
  /** The largest size that the objects can all have. */
  readonly largest: number;
  /** Two of them are so close that this is what they very likely have. */
  readonly likely: boolean;
}

/**
 * Bounds the size of objects that one function frees, from their addresses alone: objects of one general cache do not
 * overlap, and begin at multiples of their alignment.
 *
 * @param pointers addresses, exact as doubles
 * @param largestCache size of the largest general cache
 */
export function sizeFromPointers(pointers: readonly number[], largestCache: number): SizeEvidence | undefined {
  if (pointers.length === 0) return undefined;
  const sorted = Float64Array.from(pointers).toSorted();
  let gap = Number.POSITIVE_INFINITY;
  for (let index = 1; index < sorted.length; index++) {
    const distance = sorted[index] - sorted[index - 1];
    // A distance of 0 is an address that was freed twice, with an allocation in between that left no event.
    if (distance > 0 && distance < gap) gap = distance;
  }
  const largest = KMALLOC_SIZES.findLast(
    (size) => size <= largestCache && size <= gap && sorted.every((pointer) => pointer % alignmentOf(size) === 0),
  );
  return largest === undefined ? undefined : { largest, likely: gap < SLAB_BYTES && gap < 2 * largest };
}

/** A general cache, for objects of which nothing but the size is known. */
export const kmallocCache = (size: number): SlabCache => ({
  objectSize: size,
  size,
  ctor: false,
  typesafeByRcu: false,
});

export const SMALLEST_KMALLOC = KMALLOC_SIZES[0];
