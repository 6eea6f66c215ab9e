import type { Kernel } from './kernel.ts';
import type { MmuGather } from './mmu-gather.ts';
import { NO_PAGE } from './page-map.ts';

/** Bytes of an entry of a table, on all arm64 configurations. */
const ENTRY_BYTES = 8;
/** DEFAULT_MAP_WINDOW_64 (arch/arm64/include/asm/processor.h): programs get addresses of more bits only if they ask. */
const MAP_WINDOW_BITS = 48;

/** Where a program's addresses end. @param vaBits of the configuration */
export const taskSize = (vaBits: number): number => 2 ** Math.min(vaBits, MAP_WINDOW_BITS);

/**
 * What a configuration's tables cover (arch/arm64/include/asm/pgtable-hwdef.h): bytes that one table maps, from the leaf
 * level (pte) to the level below the pgd.
 */
export function tableCoverage(pageSize: number, vaBits: number): readonly number[] {
  const entries = pageSize / ENTRY_BYTES;
  const coverage: number[] = [];
  for (let covered = entries * pageSize; covered < 2 ** vaBits; covered *= entries) coverage.push(covered);
  return coverage;
}

/** Bytes of a pgd: a whole page, or less where the top level has few entries; then it comes from a slab cache. */
export function pgdBytes(pageSize: number, vaBits: number): number {
  const coverage = tableCoverage(pageSize, vaBits);
  const top = coverage[coverage.length - 1] ?? pageSize;
  return Math.min(pageSize, (2 ** vaBits / top) * ENTRY_BYTES);
}

/** The tables of one address space below its pgd, by level and by what they cover (mm/memory.c, 7.3). */
export class PageTables {
  readonly #kernel: Kernel;
  readonly #levels: readonly { readonly covered: number; readonly pfns: Map<number, number> }[];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    const { pageSize, vaBits } = kernel.config;
    this.#levels = tableCoverage(pageSize, vaBits).map((covered) => ({ covered, pfns: new Map() }));
  }

  /** Bytes that a leaf table maps. */
  get leafBytes(): number {
    return this.#levels[0].covered;
  }

  /** Whether there is a leaf table for an address. */
  hasLeaf(address: number): boolean {
    const { covered, pfns } = this.#levels[0];
    return pfns.has(Math.floor(address / covered));
  }

  /**
   * mm/memory.c:__pud_alloc, __pmd_alloc, __pte_alloc: the tables that an address needs, the highest first.
   *
   * @returns false where memory is out
   */
  ensure(cpu: number, address: number): boolean {
    if (this.hasLeaf(address)) return true;
    const { pages, sites } = this.#kernel;
    for (let level = this.#levels.length - 1; level >= 0; level--) {
      const { covered, pfns } = this.#levels[level];
      const index = Math.floor(address / covered);
      if (pfns.has(index)) continue;
      const pfn = pages.alloc_pages(cpu, 0, sites.pageTable[Math.min(level, sites.pageTable.length - 1)]);
      if (pfn === NO_PAGE) return false;
      pfns.set(index, pfn);
    }
    return true;
  }

  /**
   * mm/memory.c:free_pgd_range: frees the tables that map nothing outside a range.
   *
   * @param floor end of what is still mapped below the range
   * @param ceiling start of what is still mapped above it
   */
  free_pgd_range(gather: MmuGather, start: number, end: number, floor: number, ceiling: number): void {
    for (const { covered, pfns } of this.#levels) {
      const first = Math.max(Math.floor(start / covered), Math.ceil(floor / covered));
      const last = Math.min(Math.floor((end - 1) / covered), Math.floor(ceiling / covered) - 1);
      for (let index = first; index <= last; index++) {
        const pfn = pfns.get(index);
        if (pfn === undefined) continue;
        pfns.delete(index);
        gather.removeTable(pfn);
      }
    }
  }

  /**
   * mm/huge_memory.c:zap_deposited_table: the leaf tables that were put aside for huge pages of a range, which no walker has
   * seen, are freed at once.
   */
  zap_deposited_tables(cpu: number, start: number, end: number): void {
    const { covered, pfns } = this.#levels[0];
    for (let index = Math.floor(start / covered); index * covered < end; index++) {
      const pfn = pfns.get(index);
      if (pfn === undefined) continue;
      pfns.delete(index);
      this.#kernel.pages.free_pages(cpu, pfn);
    }
  }

  /** All tables: what exit leaves to free. */
  free_pgtables(gather: MmuGather): void {
    for (const { pfns } of this.#levels) {
      for (const pfn of pfns.values()) gather.removeTable(pfn);
      pfns.clear();
    }
  }
}
