/** A 4-bit tag as the kernel writes it: the whole top byte of a pointer, 0xF0 … 0xFF. */
export type Tag = number;

/** The tag of a pointer that is never checked (KASAN_TAG_KERNEL, include/linux/kasan-tags.h). */
export const KASAN_TAG_KERNEL: Tag = 0xff;
/** The tag of memory that nobody may touch (KASAN_TAG_INVALID). */
export const KASAN_TAG_INVALID: Tag = 0xfe;

/**
 * What the kernel asks of the hardware. The KASAN hooks know nothing else of it, so the same hooks drive a machine that
 * only counts and one that owns tag memory.
 *
 * Addresses are bytes and may lack their upper bits where only the position within a block matters.
 */
export interface TagMachine {
  /**
   * IRG: a random tag from those that GCR_EL1 does not exclude, nor the instruction's own mask.
   *
   * @param excluded a bit for each tag; none if it is left out
   */
  irg(excluded?: number): Tag;
  /** LDG: the tag of the granule at an address, as the kernel writes it. */
  ldg(address: number): Tag;
  /** Sets the tags of a range, and zeroes it with the same instructions if `init`; see `rangeStores`. */
  setMemTagRange(address: number, size: number, tag: Tag, init: boolean): void;
  /** Zeroes whole pages and leaves their tags: DC ZVA, or what the CPU has instead. */
  clearPages(address: number, size: number): void;
  /** Clears the tags of whole pages, and their data with them if `zero` (arch/arm64/lib/mte.S, mte_clear_page_tags). */
  clearPageTags(address: number, size: number, zero: boolean): void;
}
