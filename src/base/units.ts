import type { Brand } from './brand.ts';

/** 16 bytes of memory, the unit that has one tag (`MTE_GRANULE_SIZE`, arch/arm64/include/asm/mte-def.h). */
export type Granules = Brand<number, 'granules'>;
export type Bytes = Brand<number, 'bytes'>;
export type Nanoseconds = Brand<number, 'nanoseconds'>;

/** `MTE_GRANULE_SIZE`, in bytes. */
export const GRANULE_BYTES = 16;

export const bytes = (n: number): Bytes => n as Bytes;
export const granules = (n: number): Granules => n as Granules;
export const nanoseconds = (n: number): Nanoseconds => n as Nanoseconds;

/** `size` rounded up to a multiple of `to`, which need not be a power of two. */
export const roundUp = (size: number, to: number): number => Math.ceil(size / to) * to;
