import type { Kernel } from './kernel.ts';
import { NO_PAGE } from './page-map.ts';
import type { RcuHead } from './rcu.ts';

/** Pages that `struct mmu_gather` holds itself (MMU_GATHER_BUNDLE, include/asm-generic/tlb.h). */
const MMU_GATHER_BUNDLE = 8;
/** Batch pages of one gathering (MAX_GATHER_BATCH_COUNT: 10,000 pages in all). */
const MAX_GATHERED = 10_000;
/** `struct mmu_gather_batch` and `struct mmu_table_batch` before their entries: a pointer or an RCU head, and counts. */
const BATCH_HEADER = 16;
const TABLE_BATCH_HEADER = 24;
const ENTRY_BYTES = 8;

/**
 * What an unmapping collects before the TLB is flushed (mm/mmu_gather.c, 7.3): user pages, in batches that take a page
 * each, and page tables, which are freed a grace period later.
 */
export class MmuGather {
  readonly #kernel: Kernel;
  readonly #cpu: number;
  readonly #batchEntries: number;
  readonly #tableEntries: number;
  readonly #maxBatches: number;
  #batches: number[] | undefined;
  /** Batch pages of the list that are in use again after a flush, and entries left in the current one. */
  #active = 0;
  #room = MMU_GATHER_BUNDLE;
  #tables: TableBatch | undefined;
  /** Pages whose last mapping went away. */
  #freed: number[] | undefined;

  constructor(kernel: Kernel, cpu: number) {
    this.#kernel = kernel;
    this.#cpu = cpu;
    const { pageSize } = kernel.config;
    this.#batchEntries = (pageSize - BATCH_HEADER) / ENTRY_BYTES;
    this.#tableEntries = (pageSize - TABLE_BATCH_HEADER) / ENTRY_BYTES;
    this.#maxBatches = Math.floor(MAX_GATHERED / this.#batchEntries);
  }

  /** mm/mmu_gather.c:__tlb_remove_folio_pages_size, for pages that stay in use elsewhere, or are no RAM of the model. */
  removeMapped(count: number): void {
    let left = count;
    while (left > 0) {
      if (this.#room === 0 && !this.#tlb_next_batch()) this.#flushPages();
      const taken = Math.min(left, this.#room);
      this.#room -= taken;
      left -= taken;
    }
  }

  /** The same for a page that is freed with the batch. */
  removePage(pfn: number): void {
    if (this.#room === 0 && !this.#tlb_next_batch()) this.#flushPages();
    this.#room--;
    if (this.#freed === undefined) this.#freed = [pfn];
    else this.#freed.push(pfn);
  }

  /** mm/mmu_gather.c:tlb_remove_table. Without a batch page a table waits for its grace period alone. */
  removeTable(pfn: number): void {
    const { pages, sites, rcu } = this.#kernel;
    if (this.#tables === undefined) {
      const batch = pages.alloc_pages(this.#cpu, 0, sites.tableBatch);
      if (batch === NO_PAGE) {
        rcu.call_rcu(this.#cpu, new TableBatch(this.#kernel, NO_PAGE, [pfn]));
        return;
      }
      this.#tables = new TableBatch(this.#kernel, batch, []);
    }
    this.#tables.tables.push(pfn);
    if (this.#tables.tables.length === this.#tableEntries) this.#tlb_table_flush();
  }

  /** mm/mmu_gather.c:tlb_finish_mmu. */
  finish(): void {
    this.#tlb_table_flush();
    this.#flushPages();
    for (const batch of this.#batches ?? []) this.#kernel.pages.free_pages(this.#cpu, batch);
    this.#batches = undefined;
  }

  #tlb_next_batch(): boolean {
    this.#batches ??= [];
    if (this.#active < this.#batches.length) {
      this.#active++;
      this.#room = this.#batchEntries;
      return true;
    }
    if (this.#batches.length === this.#maxBatches) return false;
    const batch = this.#kernel.pages.alloc_pages(this.#cpu, 0, this.#kernel.sites.gatherBatch);
    if (batch === NO_PAGE) return false;
    this.#batches.push(batch);
    this.#active++;
    this.#room = this.#batchEntries;
    return true;
  }

  /** mm/mmu_gather.c:tlb_flush_mmu: tables that are collected go too, and batch pages are filled again. */
  #flushPages(): void {
    this.#tlb_table_flush();
    for (const pfn of this.#freed ?? []) this.#kernel.pages.free_pages(this.#cpu, pfn);
    this.#freed = undefined;
    this.#active = 0;
    this.#room = MMU_GATHER_BUNDLE;
  }

  #tlb_table_flush(): void {
    if (this.#tables === undefined) return;
    this.#kernel.rcu.call_rcu(this.#cpu, this.#tables);
    this.#tables = undefined;
  }
}

/** Tables that wait for a grace period, and the page that lists them (mm/mmu_gather.c:tlb_remove_table_rcu). */
class TableBatch implements RcuHead {
  readonly #kernel: Kernel;
  readonly #page: number;
  readonly tables: number[];

  constructor(kernel: Kernel, page: number, tables: number[]) {
    this.#kernel = kernel;
    this.#page = page;
    this.tables = tables;
  }

  rcuCallback(cpu: number): void {
    const { pages, clock, durations } = this.#kernel;
    for (const pfn of this.tables) pages.free_pages(cpu, pfn);
    if (this.#page !== NO_PAGE) pages.free_pages(cpu, this.#page);
    clock.spend((this.tables.length + 1) * durations.pageFree);
  }
}
