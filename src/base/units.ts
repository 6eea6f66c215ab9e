import type { Brand } from './brand.ts';

/** 16 bytes of memory, the unit that has one tag (`MTE_GRANULE_SIZE`, arch/arm64/include/asm/mte-def.h). */
export type Granules = Brand<number, 'granules'>;
export type Bytes = Brand<number, 'bytes'>;
/** Page frame number. Fits a double: physical addresses have at most 52 bits, pages at least 12. */
export type Pfn = Brand<number, 'pfn'>;
/** log2 of a number of pages. */
export type Order = Brand<number, 'order'>;
export type Nanoseconds = Brand<number, 'nanoseconds'>;

/** `MTE_GRANULE_SIZE`, in bytes. */
export const GRANULE_BYTES = 16;

export const bytes = (n: number): Bytes => n as Bytes;
export const granules = (n: number): Granules => n as Granules;
export const pfn = (n: number): Pfn => n as Pfn;
export const order = (n: number): Order => n as Order;
export const nanoseconds = (n: number): Nanoseconds => n as Nanoseconds;

/** The number of granules that `size` bytes touch, rounded up (`KASAN_GRANULE_SIZE` rounding of mm/kasan/kasan.h). */
export const granulesOf = (size: Bytes): Granules => granules(Math.ceil(size / GRANULE_BYTES));

/** `size` rounded up to a multiple of `to`, which need not be a power of two. */
export const roundUp = (size: number, to: number): number => Math.ceil(size / to) * to;
