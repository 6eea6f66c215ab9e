/** The page sizes of arm64 kernels, by their usual names. */
export const PAGE_SIZE_NAMES = ['4k', '16k', '64k'] as const;

export type PageSizeName = (typeof PAGE_SIZE_NAMES)[number];

/** The same in bytes. */
export const PAGE_SIZES: ReadonlyMap<PageSizeName, number> = new Map([
  ['4k', 4096],
  ['16k', 16384],
  ['64k', 65536],
]);

/** What a page size is called; undefined for one that arm64 does not have. */
export const pageSizeName = (bytes: number): PageSizeName | undefined =>
  PAGE_SIZE_NAMES.find((name) => PAGE_SIZES.get(name) === bytes);
