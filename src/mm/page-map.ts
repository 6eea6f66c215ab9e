import { KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';

/** No page: what an allocation gives that failed. */
export const NO_PAGE = -1;

/** What a page is used for, as its type in `struct page` tells the kernel (include/linux/page-flags.h). */
export const PAGE_TYPE = { plain: 0, slab: 1, largeKmalloc: 2, table: 3, vmalloc: 4 } as const;
export type PageType = (typeof PAGE_TYPE)[keyof typeof PAGE_TYPE];

/** `struct page` of all memory, in columns by pfn. */
export class PageMap {
  readonly pages: number;
  readonly pageSize: number;
  /** page_kasan_tag (include/linux/mm.h): KASAN_TAG_KERNEL until a tag is set. Freeing does not reset it. */
  readonly kasanTag: Uint8Array;
  /** Of the head of an allocated block: its order. */
  readonly order: Uint8Array;
  readonly type: Uint8Array;
  /** Of the head of an allocated block: the ledger row that pays for it. */
  readonly row: Uint16Array;
  /** Of each page of a slab: the number of the slab. */
  readonly slab: Int32Array;

  /** @param pages how many there are */
  constructor(pages: number, pageSize: number) {
    this.pages = pages;
    this.pageSize = pageSize;
    this.kasanTag = new Uint8Array(pages).fill(KASAN_TAG_KERNEL);
    this.order = new Uint8Array(pages);
    this.type = new Uint8Array(pages);
    this.row = new Uint16Array(pages);
    this.slab = new Int32Array(pages);
  }

  /** include/linux/mm.h:page_kasan_tag_set, for each page of a block. */
  setTags(pfn: number, order: number, tag: number): void {
    if (order === 0) this.kasanTag[pfn] = tag;
    else this.kasanTag.fill(tag, pfn, pfn + (1 << order));
  }
}
