import { InputError } from '../base/errors.ts';

/** No configuration has larger blocks (MAX_PAGE_ORDER, include/linux/mmzone.h: 10 by default, 13 with 64 KiB pages). */
export const MAX_ORDER = 15;

/** No object, and no vmalloc area, can be larger: kernel addresses have at most 52 bits. */
export const MAX_BYTES = 2 ** 52;

/** Upper half of the first pfn that cannot be one: pfns need at most 40 bits with 52 bits of physical address. */
const MAX_PFN_HI = 1 << 20;

/** Whether a pfn, given as halves with sign, cannot be one. All ones stand for no page. */
export const isImpossiblePfn = (hi: number, lo: number): boolean => hi >>> 0 >= MAX_PFN_HI && !(hi === -1 && lo === -1);

export const isImpossibleOrder = (order: number): boolean => !(order >= 0 && order <= MAX_ORDER);

// A file with such a value is not what it seems, and skipping one record of it would hide that.

/** @param found the pfn as the trace has it */
export const impossiblePfn = (where: string, found: string): InputError =>
  new InputError({
    where,
    found: `pfn ${found}`,
    expected: 'a page frame number below 2^52',
    advice:
      'No machine has such a page: the file was changed or damaged after it was recorded. Record the trace again, or cut the line out.',
  });

/** @param found the order as the trace has it */
export const impossibleOrder = (where: string, found: string): InputError =>
  new InputError({
    where,
    found: `order=${found}`,
    expected: `an order from 0 to ${MAX_ORDER}`,
    advice:
      'No kernel prints such an order: the file was changed or damaged after it was recorded. Record the trace again, or cut the line out.',
  });
