import type { MmuGather } from './mmu-gather.ts';
import type { PageAllocator } from './page-allocator.ts';

/** Pages that are mapped one by one: beyond that many a fork shares them as a whole. */
const FEW = 64;

/** Many pages of one area, which forks share without looking at each. */
export interface SharedPages {
  readonly pfns: readonly number[];
  users: number;
}

/** Anonymous memory of an area (mm/rmap.c, by what it comes to): which pages it maps, and with whom it shares them. */
export class AnonymousPages {
  readonly single: number[] = [];
  readonly shared: SharedPages[] = [];

  /** Page-table entries that are present. Huge pages have one each. */
  get mapped(): number {
    return this.shared.reduce((sum, { pfns }) => sum + pfns.length, this.single.length);
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
    if (from.single.length > FEW) {
      from.shared.push({ pfns: [...from.single], users: 1 });
      from.single.length = 0;
    }
    for (const pfn of from.single) {
      this.#more.set(pfn, (this.#more.get(pfn) ?? 0) + 1);
      to.single.push(pfn);
    }
    for (const pages of from.shared) {
      pages.users++;
      to.shared.push(pages);
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
    pages.single.length = 0;
    pages.shared.length = 0;
  }

  /** A page that nobody maps any more goes back at once. */
  free(cpu: number, pfn: number): void {
    this.#pages.free_pages(cpu, pfn);
  }
}
