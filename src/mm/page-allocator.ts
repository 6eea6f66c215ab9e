import { GFP_DIRECT_RECLAIM, GFP_HIGH, GFP_MEMALLOC, gfpHasAny, gfpUnion } from '../gfp/flags.ts';
import type { Kasan } from '../kasan/kasan.ts';
import type { Ledger } from '../kasan/ledger.ts';
import { __free_pages_prepare, memblock_free_all, post_alloc_hook } from '../kasan/page-alloc.ts';
import { Buddy, maxPageOrder } from './buddy.ts';
import { NO_PAGE, PAGE_TYPE, type PageMap } from './page-map.ts';
import { siteAt, type Site } from './site.ts';
import type { Tracepoints } from './tracepoints.ts';

/** PAGE_ALLOC_COSTLY_ORDER (include/linux/mmzone.h): up to it the lists of CPUs hold blocks. */
const PCP_MAX_ORDER = 3;
/** A list that has this many batches gives one back (mm/page_alloc.c:nr_pcp_high, as it is at rest). */
const HIGH_BATCHES = 6;

/** mm/page_alloc.c:zone_batchsize: pages that a list gives back or takes at once, and no more than 256 KiB of them. */
export function zone_batchsize(pages: number, pageSize: number): number {
  const batch = Math.max(1, Math.floor(Math.min(pages >> 10, (1 << 20) / pageSize) / 4));
  return Math.max(1, 2 ** Math.floor(Math.log2(batch + Math.floor(batch / 2))) - 1);
}
/** Masks that may go below the lowest watermark (mm/page_alloc.c:gfp_to_alloc_flags). */
const RESERVES = gfpUnion(GFP_HIGH, GFP_MEMALLOC);

/** Free blocks of one order on one CPU, the last one first out. */
class PcpList {
  readonly #pfns: number[] = [];

  get count(): number {
    return this.#pfns.length;
  }

  /** The list is not empty. */
  pop(): number {
    return this.#pfns.pop() ?? NO_PAGE;
  }

  push(pfn: number): void {
    this.#pfns.push(pfn);
  }

  /** The blocks that have been here longest. */
  takeOldest(wanted: number): readonly number[] {
    return this.#pfns.splice(0, wanted);
  }
}

/**
 * The page allocator of one zone (mm/page_alloc.c, 7.3): lists of CPUs before the buddy allocator. Pages are tagged when
 * they leave it and poisoned when they come back, never when they move between its lists.
 */
export class PageAllocator {
  readonly kasan: Kasan;
  readonly ledger: Ledger;
  readonly map: PageMap;
  /** MAX_PAGE_ORDER */
  readonly maxOrder: number;
  readonly #buddy: Buddy;
  readonly #batch: number;
  readonly #pcp: readonly (readonly PcpList[])[];
  /** min_free_kbytes (mm/page_alloc.c:calculate_min_free_kbytes: 4 × √lowmem KiB) in pages. */
  readonly #reserve: number;
  #pcpPages = 0;
  readonly trace: Tracepoints | undefined;

  /**
   * @param map the pages that there are
   * @param firstFree pages below it belong to the kernel image and to memblock, and are never given out
   */
  constructor(
    kasan: Kasan,
    ledger: Ledger,
    map: PageMap,
    cpus: number,
    firstFree: number,
    trace: Tracepoints | undefined,
  ) {
    this.trace = trace;
    this.kasan = kasan;
    this.ledger = ledger;
    this.map = map;
    this.maxOrder = maxPageOrder(map.pageSize);
    this.#buddy = new Buddy(map.pages, this.maxOrder);
    this.#batch = zone_batchsize(map.pages, map.pageSize);
    this.#pcp = Array.from({ length: cpus }, () => Array.from({ length: PCP_MAX_ORDER + 1 }, () => new PcpList()));
    const kib = (map.pages * map.pageSize) / 1024;
    this.#reserve = Math.floor((Math.sqrt(kib * 16) * 1024) / map.pageSize);
    // Pages come to the buddy allocator with page tag KASAN_TAG_KERNEL, and are not poisoned.
    memblock_free_all(kasan, firstFree * map.pageSize, (map.pages - firstFree) * map.pageSize);
    let pfn = firstFree;
    while (pfn < map.pages) {
      let order = 0;
      while (order < this.maxOrder && (pfn & ((2 << order) - 1)) === 0 && pfn + (2 << order) <= map.pages) order++;
      this.#buddy.give(pfn, order);
      pfn += 1 << order;
    }
  }

  /** include/linux/page-flags.h: PageBuddy. */
  isInBuddy(pfn: number): boolean {
    return this.#buddy.isHead(pfn);
  }

  /** Pages that nobody has. */
  get freePages(): number {
    return this.#buddy.free + this.#pcpPages;
  }

  /**
   * mm/page_alloc.c:__alloc_pages: a block of 2^order pages, or `NO_PAGE`. There is no reclaim: where a real kernel would
   * look for pages that it can take back, this one has none, and a request that may wait fails as the last of its tries
   * would. Only GFP_ATOMIC and its kin go below the watermark.
   */
  alloc_pages(cpu: number, order: number, site: Site): number {
    const pfn = this.alloc_area_pages(cpu, order, siteAt(site, order));
    if (pfn !== NO_PAGE) this.ledger.countAllocation(site.row, this.map.pageSize << order);
    return pfn;
  }

  /** The same for pages of a vmalloc area, which counts as one allocation however many blocks it is made of. */
  alloc_area_pages(cpu: number, order: number, site: Site): number {
    const pfn = this.#rmqueue(cpu, order, site);
    if (pfn === NO_PAGE) return NO_PAGE;
    const { kasan, map } = this;
    map.order[pfn] = order;
    map.row[pfn] = site.row;
    this.trace?.mm_page_alloc(cpu, pfn, order, site);
    this.ledger.chargeTo(site.row);
    map.setTags(pfn, order, post_alloc_hook(kasan, cpu, pfn * map.pageSize, order, site.gfp, map.kasanTag[pfn]));
    return pfn;
  }

  /** mm/page_alloc.c:__free_pages: a block that `alloc_pages` gave, or a part of one that was split. */
  free_pages(cpu: number, pfn: number): void {
    const order = this.map.order[pfn];
    this.free_pages_prepare(cpu, pfn, order);
    this.#free_frozen_pages(cpu, pfn, order);
  }

  /** mm/page_alloc.c:__free_pages_prepare: the part of a free that a page has to itself. */
  free_pages_prepare(cpu: number, pfn: number, order: number): void {
    const { ledger, map } = this;
    const row = map.row[pfn];
    this.trace?.mm_page_free(cpu, pfn, order);
    ledger.chargeTo(row);
    if (map.type[pfn] !== PAGE_TYPE.vmalloc) ledger.countFree(row);
    map.type[pfn] = PAGE_TYPE.plain;
    __free_pages_prepare(this.kasan, pfn * map.pageSize, order, map.kasanTag[pfn]);
  }

  /** mm/page_alloc.c:__free_contig_range_common: pages that were prepared one by one go back as one block. */
  free_prepared_contig_range(cpu: number, pfn: number, order: number): void {
    this.#free_frozen_pages(cpu, pfn, order);
  }

  /** mm/page_alloc.c:split_page: a block becomes pages of order 0 that are freed on their own. Their tags stay. */
  split_page(pfn: number): void {
    const { map } = this;
    const order = map.order[pfn];
    for (let page = pfn; page < pfn + (1 << order); page++) {
      map.order[page] = 0;
      map.row[page] = map.row[pfn];
    }
  }

  #rmqueue(cpu: number, order: number, site: Site): number {
    if (order > this.maxOrder) return NO_PAGE;
    if (!gfpHasAny(site.gfp, RESERVES) && this.freePages - (1 << order) < this.#reserve) return NO_PAGE;
    if (order > PCP_MAX_ORDER) return this.#buddy.take(order);
    const list = this.#pcp[cpu][order];
    if (list.count === 0 && !this.#rmqueue_bulk(list, order)) {
      // mm/page_alloc.c:drain_all_pages, in the slow path of a request that may wait.
      if (!gfpHasAny(site.gfp, GFP_DIRECT_RECLAIM)) return NO_PAGE;
      this.#drain_all_pages();
      if (!this.#rmqueue_bulk(list, order)) return NO_PAGE;
    }
    this.#pcpPages -= 1 << order;
    return list.pop();
  }

  /** mm/page_alloc.c:rmqueue_bulk: refills a list of a CPU. False if the buddy allocator has nothing of that order. */
  #rmqueue_bulk(list: PcpList, order: number): boolean {
    const wanted = Math.max(this.#batch >> order, 2);
    for (let taken = 0; taken < wanted; taken++) {
      const pfn = this.#buddy.take(order);
      if (pfn === NO_PAGE) break;
      this.#pcpPages += 1 << order;
      list.push(pfn);
    }
    return list.count > 0;
  }

  #free_frozen_pages(cpu: number, pfn: number, order: number): void {
    if (order > PCP_MAX_ORDER) {
      this.#buddy.give(pfn, order);
      return;
    }
    const list = this.#pcp[cpu][order];
    list.push(pfn);
    this.#pcpPages += 1 << order;
    if (list.count > (HIGH_BATCHES * this.#batch) >> order)
      this.#free_pcppages_bulk(list, order, Math.max(this.#batch >> order, 1));
  }

  #free_pcppages_bulk(list: PcpList, order: number, wanted: number): void {
    for (const pfn of list.takeOldest(wanted)) {
      this.#pcpPages -= 1 << order;
      this.#buddy.give(pfn, order);
    }
  }

  #drain_all_pages(): void {
    for (const lists of this.#pcp)
      for (const [order, list] of lists.entries()) this.#free_pcppages_bulk(list, order, list.count);
  }
}
