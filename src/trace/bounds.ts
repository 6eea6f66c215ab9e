/** No configuration has larger blocks (MAX_PAGE_ORDER, include/linux/mmzone.h: 10 by default, 13 with 64 KiB pages). */
export const MAX_ORDER = 15;

/** No object, and no vmalloc area, can be larger: kernel addresses have at most 52 bits. */
export const MAX_BYTES = 2 ** 52;

/** Upper half of the first pfn that cannot be one: pfns need at most 40 bits with 52 bits of physical address. */
const MAX_PFN_HI = 1 << 20;

/** Whether a pfn, given as halves with sign, cannot be one. All ones stand for no page. */
export const isImpossiblePfn = (hi: number, lo: number): boolean => hi >>> 0 >= MAX_PFN_HI && !(hi === -1 && lo === -1);

export const isImpossibleOrder = (order: number): boolean => !(order >= 0 && order <= MAX_ORDER);

/** What is expected of a value that no machine and no kernel has: such a record is damaged, and counted as a loss. */
export const POSSIBLE_PFN = 'a page frame number below 2^52';
export const POSSIBLE_ORDER = `an order from 0 to ${MAX_ORDER}`;
