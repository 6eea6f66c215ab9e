import type { Brand } from '../base/brand.ts';
import { KASAN_TAG_KERNEL, type Tag } from './tag-machine.ts';

/**
 * A tagged pointer of the model as one number: the tag, which is the whole top byte of a kernel address, times 2^44, plus
 * an address of the model's 44-bit space. Numbers stay exact below 2^53, and none is allocated for an access.
 */
export type Pointer = Brand<number, 'pointer'>;

/** Bytes of the model's address space. */
export const ADDRESS_SPAN = 2 ** 44;

/** A pointer to an address, with a tag. */
export const pointer = (tag: Tag, address: number): Pointer => (tag * ADDRESS_SPAN + address) as Pointer;

/** NULL: no address of the model is 0 with tag 0. */
export const NULL_POINTER: Pointer = 0 as Pointer;

/** arch/arm64/include/asm/mte-kasan.h:mte_get_ptr_tag: the top byte. */
export const tagOf = (p: Pointer): Tag => Math.floor(p / ADDRESS_SPAN);

/** The address without its tag. */
export const addressOf = (p: Pointer): number => p % ADDRESS_SPAN;

/** The same address with another tag (arch/arm64/include/asm/memory.h:__tag_set). */
export const withTag = (p: Pointer, tag: Tag): Pointer => pointer(tag, addressOf(p));

/** mm/kasan: kasan_reset_tag, a pointer that matches all tags. */
export const resetTag = (p: Pointer): Pointer => withTag(p, KASAN_TAG_KERNEL);

/** The pointer some bytes further on; the tag stays. */
export const offsetBy = (p: Pointer, distance: number): Pointer => (p + distance) as Pointer;
