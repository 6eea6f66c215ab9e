import type { Pointer } from './pointer.ts';
import { addressOf } from './pointer.ts';

/** The linear map begins at 0 of the model's address space, so that an address there is the physical one. */
export const LINEAR_MAP_START = 0;
/** What vmalloc maps begins here. */
export const VMALLOC_START = 2 ** 43;

/** Nothing is mapped at an address. */
export const NOT_MAPPED = -1;

/**
 * What addresses mean to the hardware: the linear map, whose whole range is mapped Tagged (arch/arm64/mm/mmu.c:map_mem),
 * and the vmalloc range, where each page is mapped Tagged or not.
 */
export class AddressSpace {
  readonly pageSize: number;
  readonly ram: number;
  /** Of each page from VMALLOC_START on: (pfn + 1) × 2 + (1 if Tagged), or 0 where nothing is mapped. */
  #entries = new Float64Array(1024);

  constructor(ram: number, pageSize: number) {
    this.ram = ram;
    this.pageSize = pageSize;
  }

  /** Maps a page of the vmalloc range. */
  map(address: number, pfn: number, tagged: boolean): void {
    const index = this.#index(address);
    if (index >= this.#entries.length) {
      const grown = new Float64Array(Math.max(this.#entries.length * 2, index + 1));
      grown.set(this.#entries);
      this.#entries = grown;
    }
    this.#entries[index] = (pfn + 1) * 2 + (tagged ? 1 : 0);
  }

  unmap(address: number): void {
    const index = this.#index(address);
    if (index < this.#entries.length) this.#entries[index] = 0;
  }

  /** The physical address, or `NOT_MAPPED`. */
  translate(address: number): number {
    if (address < this.ram) return address;
    if (address < VMALLOC_START) return NOT_MAPPED;
    const entry = this.#entries[this.#index(address)] ?? 0;
    return entry === 0 ? NOT_MAPPED : (Math.floor(entry / 2) - 1) * this.pageSize + (address % this.pageSize);
  }

  /** Whether an address is mapped MT_NORMAL_TAGGED: only then does memory there have tags, and are accesses checked. */
  isTagged(address: number): boolean {
    if (address < this.ram) return true;
    if (address < VMALLOC_START) return false;
    return (this.#entries[this.#index(address)] ?? 0) % 2 === 1;
  }

  /** include/linux/mm.h:is_vmalloc_addr. */
  isVmalloc(p: Pointer): boolean {
    return addressOf(p) >= VMALLOC_START;
  }

  #index(address: number): number {
    return Math.floor((address - VMALLOC_START) / this.pageSize);
  }
}
