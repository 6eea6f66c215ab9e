import type { MmuGather } from './mmu-gather.ts';
import type { PageAllocator } from './page-allocator.ts';

/** Pages that are mapped one by one: beyond that many a fork shares them as a whole. */
const FEW = 64;

/** Many pages of one area, which forks share without looking at each. */
export interface SharedPages {
  readonly pfns: readonly number[];
  users: number;
}

const NONE: readonly never[] = [];

/** Anonymous memory of an area (mm/rmap.c, by what it comes to): which pages it maps, and with whom it shares them. */
export class AnonymousPages {
  // Most areas of many threads have none, or one: lists are made when there is something to list.
  #single: number[] | undefined;
  #shared: SharedPages[] | undefined;

  /** Pages that are mapped one by one. */
  get single(): readonly number[] {
    return this.#single ?? NONE;
  }

  get shared(): readonly SharedPages[] {
    return this.#shared ?? NONE;
  }

  /** Page-table entries that are present. Huge pages have one each. */
  get mapped(): number {
    return this.shared.reduce((sum, { pfns }) => sum + pfns.length, this.single.length);
  }

  add(pfn: number): void {
    if (this.#single === undefined) this.#single = [pfn];
    else this.#single.push(pfn);
  }

  replace(index: number, pfn: number): void {
    if (this.#single !== undefined) this.#single[index] = pfn;
  }

  share(pages: SharedPages): void {
    if (this.#shared === undefined) this.#shared = [pages];
    else this.#shared.push(pages);
  }

  /** What is mapped one by one becomes something that forks share as a whole. */
  shareAll(): void {
    if (this.#single === undefined) return;
    this.share({ pfns: this.#single, users: 1 });
    this.#single = undefined;
  }

  clear(): void {
    this.#single = undefined;
    this.#shared = undefined;
  }
}

/** How often user pages are mapped (`struct page`, _mapcount). */
export class UserPages {
  readonly #pages: PageAllocator;
  /** By pfn: mappings beyond the first. */
  readonly #more = new Map<number, number>();

  constructor(pages: PageAllocator) {
    this.#pages = pages;
  }

  isShared(pfn: number): boolean {
    return this.#more.has(pfn);
  }

  /** A fork maps what its parent maps. */
  duplicate(from: AnonymousPages, to: AnonymousPages): void {
    if (from.single.length > FEW) from.shareAll();
    for (const pfn of from.single) {
      this.#more.set(pfn, (this.#more.get(pfn) ?? 0) + 1);
      to.add(pfn);
    }
    for (const pages of from.shared) {
      pages.users++;
      to.share(pages);
    }
  }

  /** One mapping less of a page. @returns whether it was the last one */
  unmap(pfn: number): boolean {
    const more = this.#more.get(pfn);
    if (more === undefined) return true;
    if (more === 1) this.#more.delete(pfn);
    else this.#more.set(pfn, more - 1);
    return false;
  }

  /** Everything that an area maps goes into a gathering. */
  zap(pages: AnonymousPages, gather: MmuGather): void {
    for (const pfn of pages.single) {
      if (this.unmap(pfn)) gather.removePage(pfn);
      else gather.removeMapped(1);
    }
    for (const shared of pages.shared) {
      if (--shared.users > 0) gather.removeMapped(shared.pfns.length);
      else for (const pfn of shared.pfns) gather.removePage(pfn);
    }
    pages.clear();
  }

  /** A page that nobody maps any more goes back at once. */
  free(cpu: number, pfn: number): void {
    this.#pages.free_pages(cpu, pfn);
  }
}
