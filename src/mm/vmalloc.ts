import { roundUp } from '../base/units.ts';
import { GFP_HIGHMEM, GFP_SKIP_KASAN, GFP_SKIP_ZERO, gfpHasAll, gfpUnion } from '../gfp/flags.ts';
import { __kasan_poison_vmalloc, __kasan_unpoison_vmalloc, vmallocPageGfp, vmallocTags } from '../kasan/vmalloc.ts';
import type { AddressSpace } from '../mte/address-space.ts';
import { NULL_POINTER, pointer, type Pointer } from '../mte/pointer.ts';
import { KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';
import type { KmemCache } from './kmem-cache.ts';
import type { Kmalloc } from './kmalloc.ts';
import { NO_PAGE, PAGE_TYPE } from './page-map.ts';
import type { Site } from './site.ts';
import { VmapRanges, type ReleasedArea } from './vmap-area.ts';
import type { WorkQueue } from './work-queue.ts';

/** `struct vm_struct` and the table of pages of an area, in bytes (as recorded of 7.3.4). */
const VM_STRUCT_BYTES = 80;
const PAGE_POINTER_BYTES = 8;
/** Addresses that the range has; more than memory could fill. */
const VMALLOC_BYTES = 2 ** 40;
/** mm/vmalloc.c:lazy_max_pages: 32 MiB for each bit of the number of CPUs. */
const LAZY_BYTES = 32 << 20;
/** What one page of a kernel page table maps, in entries. */
const TABLE_ENTRY_BYTES = 8;

/** Places in mm/vmalloc.c that allocate what an area needs beside its pages. */
export interface VmallocSites {
  readonly vmStruct: Site;
  readonly vmapArea: Site;
  readonly pagesArray: Site;
  readonly pageTable: Site;
}

/** Addresses that are taken, and what describes them (`struct vm_struct`, `struct vmap_area`). */
export interface VmRange {
  /** Where it begins, without a tag. */
  readonly address: number;
  /** NULL where nobody looks the range up by it: vm_map_ram has none. */
  readonly vmStruct: Pointer;
  readonly vmapArea: Pointer;
}

/** An area of vmalloc memory. */
export interface VmArea extends VmRange {
  /** Bytes asked for, which vrealloc changes, and bytes of addresses. */
  size: number;
  readonly mapped: number;
  /** Its pages, in order; vrealloc may give the last ones back. */
  readonly pfns: number[];
  /** `vm_struct->addr`. */
  pointer: Pointer;
  /** The caller passed __GFP_SKIP_KASAN: its memory is never tagged. */
  readonly skip: boolean;
  readonly row: number;
  readonly pagesArray: Pointer;
}

/** vmalloc and vfree (mm/vmalloc.c, 7.3), for areas of small pages. */
export class Vmalloc {
  readonly kmalloc: Kmalloc;
  readonly space: AddressSpace;
  readonly #sites: VmallocSites;
  readonly #vmapAreas: KmemCache;
  readonly #work: WorkQueue;
  readonly #ranges = new VmapRanges(VMALLOC_BYTES);
  readonly #areas = new Map<number, VmArea>();
  readonly #spare: Pointer[];
  readonly #lazyMaxPages: number;
  readonly #pageSites = new Map<Site, Site>();
  #lazy: ReleasedArea[] = [];
  #lazyPages = 0;
  /** Leaf tables of the kernel's page tables for this range; they are never freed. */
  readonly #tables = new Set<number>();

  constructor(
    kmalloc: Kmalloc,
    space: AddressSpace,
    vmapAreas: KmemCache,
    sites: VmallocSites,
    work: WorkQueue,
    cpus: number,
  ) {
    this.kmalloc = kmalloc;
    this.space = space;
    this.#sites = sites;
    this.#vmapAreas = vmapAreas;
    this.#work = work;
    this.#spare = Array.from({ length: cpus }, () => NULL_POINTER);
    this.#lazyMaxPages = ((Math.floor(Math.log2(cpus)) + 1) * LAZY_BYTES) / space.pageSize;
  }

  /** mm/vmalloc.c:find_vm_area, by the address without its tag. */
  find(address: number): VmArea | undefined {
    return this.#areas.get(address);
  }

  /**
   * mm/vmalloc.c:__vmalloc_node_range with PAGE_KERNEL, 7.3.
   *
   * @param site whose mask decides: with __GFP_SKIP_KASAN the area is mapped untagged and never tagged
   * @param metadata places that allocate what the area needs beside its pages
   * @returns undefined where memory is out
   */
  vmalloc(
    cpu: number,
    size: number,
    align: number,
    site: Site,
    metadata: VmallocSites = this.#sites,
  ): VmArea | undefined {
    const { slub } = this.kmalloc;
    const { kasan, ledger, pages } = slub;
    const { config } = kasan;
    const { pageSize } = this.space;
    const { skipFlags } = kasan.rules;
    const skip = config.kasan && skipFlags && gfpHasAll(site.gfp, GFP_SKIP_KASAN);
    const mapped = roundUp(size, pageSize);
    const range = this.get_vm_area(cpu, mapped, align, metadata);
    if (range === undefined) return undefined;
    const { address } = range;

    const pagesArray = this.kmalloc.kmalloc(cpu, (mapped / pageSize) * PAGE_POINTER_BYTES, metadata.pagesArray);
    const tagged = vmallocTags(config, skip);
    const pageSite = this.#pageSite(site, skip);
    const pfns: number[] = [];
    ledger.chargeTo(site.row);
    ledger.countAllocation(site.row, mapped);
    const area: VmArea = {
      address,
      vmStruct: range.vmStruct,
      vmapArea: range.vmapArea,
      size,
      mapped,
      pfns,
      pointer: pointer(KASAN_TAG_KERNEL, address),
      skip,
      row: site.row,
      pagesArray,
    };
    this.#areas.set(address, area);
    if (pagesArray === NULL_POINTER || !this.#vm_area_alloc_pages(cpu, pfns, mapped / pageSize, pageSite)) {
      this.vfree(cpu, area);
      return undefined;
    }
    for (let page = 0; page < pfns.length; page++) this.space.map(address + page * pageSize, pfns[page], tagged);
    this.ensureTables(cpu, address, mapped);
    if (skip) return area;
    // The mask that the caller passed: what vmalloc adds to it does not count here.
    const tag = this.#unpoison(area, site);
    if (tagged) for (const pfn of pfns) pages.map.kasanTag[pfn] = tag;
    area.pointer = pointer(tag, address);
    return area;
  }

  /** mm/vmalloc.c:vfree. In softirq context the kernel leaves it to a worker: see `vfree_atomic`. */
  vfree(cpu: number, area: VmArea): void {
    const { slub } = this.kmalloc;
    const { ledger } = slub;
    slub.clock.spend(slub.durations.vfree);
    this.#areas.delete(area.address);
    slub.pages.trace?.free_vmap_area_noflush(cpu, area.address);
    ledger.countFree(area.row);
    ledger.chargeTo(area.row);
    __kasan_poison_vmalloc(slub.kasan, area.address, area.mapped);
    this.giveBackPages(cpu, area, 0);
    this.kmalloc.kfree(cpu, area.pagesArray);
    this.release(cpu, area, area.mapped);
  }

  /** Unmaps an area's pages from the given one on, and frees them. */
  giveBackPages(cpu: number, area: VmArea, from: number): void {
    const { pageSize } = this.space;
    for (let page = from; page < area.pfns.length; page++) this.space.unmap(area.address + page * pageSize);
    this.#free_pages_bulk(cpu, area.pfns, from);
    area.pfns.length = Math.min(area.pfns.length, from);
  }

  /**
   * mm/vmalloc.c:__get_vm_area_node: addresses and what describes them; the mask for these never skips tags.
   *
   * @param mapped bytes of whole pages; a guard page follows
   * @returns undefined where memory or addresses are out
   */
  get_vm_area(cpu: number, mapped: number, align: number, metadata: VmallocSites = this.#sites): VmRange | undefined {
    const vmStruct = this.kmalloc.kmalloc(cpu, VM_STRUCT_BYTES, metadata.vmStruct);
    if (vmStruct === NULL_POINTER) return undefined;
    const range = this.alloc_vmap_area(cpu, mapped + this.space.pageSize, align, metadata.vmapArea);
    if (range === undefined) this.kmalloc.kfree(cpu, vmStruct);
    return range && { address: range.address, vmStruct, vmapArea: range.vmapArea };
  }

  /** mm/vmalloc.c:alloc_vmap_area. Undefined where memory or addresses are out. */
  alloc_vmap_area(cpu: number, size: number, align: number, site: Site = this.#sites.vmapArea): VmRange | undefined {
    const { slub } = this.kmalloc;
    const vmapArea = slub.alloc(cpu, this.#vmapAreas, site);
    if (this.#spare[cpu] === NULL_POINTER) this.#spare[cpu] = slub.alloc(cpu, this.#vmapAreas, site);
    if (vmapArea === NULL_POINTER) return undefined;
    const fit = this.#ranges.allocate(size, align, this.#spare[cpu]);
    if (fit === undefined) {
      slub.free(cpu, vmapArea);
      return undefined;
    }
    if (fit.usedSpare) this.#spare[cpu] = NULL_POINTER;
    if (fit.released !== NULL_POINTER) slub.free(cpu, fit.released);
    slub.pages.trace?.alloc_vmap_area(cpu, fit.address, size);
    return { address: fit.address, vmStruct: NULL_POINTER, vmapArea };
  }

  /** Gives back addresses: they can be used again once enough of them have come together. */
  release(cpu: number, range: VmRange, mapped: number): void {
    const { pageSize } = this.space;
    const guard = range.vmStruct === NULL_POINTER ? 0 : pageSize;
    this.kmalloc.kfree(cpu, range.vmStruct);
    this.#lazy.push({ address: range.address, size: mapped + guard, descriptor: range.vmapArea });
    this.#lazyPages += (mapped + guard) / pageSize;
    if (this.#lazyPages > this.#lazyMaxPages) this.#purge(cpu);
  }

  /** mm/vmalloc.c:vfree_atomic: a worker frees the area when it gets to run. */
  vfree_atomic(area: VmArea): void {
    this.#work.add((cpu) => this.vfree(cpu, area));
  }

  /** The place that allocates an area's pages: vmalloc adds to the masks, that of the policy and that of 7.3. */
  #pageSite(site: Site, skip: boolean): Site {
    const known = this.#pageSites.get(site);
    if (known !== undefined) return known;
    const { config } = this.kmalloc.slub.kasan;
    const { description } = site;
    const passed = vmallocPageGfp(config, description.gfp, config.kasan && gfpHasAll(description.gfp, GFP_SKIP_KASAN));
    const made: Site = {
      ...site,
      gfp: gfpUnion(vmallocPageGfp(config, site.gfp, skip), GFP_HIGHMEM),
      description: { ...description, gfp: gfpUnion(passed, GFP_HIGHMEM) },
    };
    this.#pageSites.set(site, made);
    return made;
  }

  #unpoison(area: VmArea, site: Site): number {
    const { kasan, ledger } = this.kmalloc.slub;
    ledger.chargeTo(site.row);
    return __kasan_unpoison_vmalloc(kasan, area.address, area.size, site.gfp);
  }

  /** mm/vmalloc.c:vm_area_alloc_pages: blocks as large as can be had, each split; false if there is not enough. */
  #vm_area_alloc_pages(cpu: number, pfns: number[], wanted: number, site: Site): boolean {
    const { pages } = this.kmalloc.slub;
    const { map } = pages;
    let limit = pages.maxOrder;
    while (pfns.length < wanted) {
      let order = Math.min(limit, 31 - Math.clz32(wanted - pfns.length));
      let pfn = pages.alloc_area_pages(cpu, order, site);
      while (pfn === NO_PAGE && order > 0) pfn = pages.alloc_area_pages(cpu, --order, site);
      if (pfn === NO_PAGE) return false;
      limit = order;
      if (order > 0) pages.split_page(pfn);
      for (let page = 0; page < 1 << order; page++) {
        map.type[pfn + page] = PAGE_TYPE.vmalloc;
        pfns.push(pfn + page);
      }
    }
    return true;
  }

  /** mm/vmalloc.c:vm_area_free_pages: pages are prepared one by one, and runs of them go back together. */
  #free_pages_bulk(cpu: number, pfns: readonly number[], from: number): void {
    const { pages } = this.kmalloc.slub;
    let first = from;
    while (first < pfns.length) {
      let end = first;
      do pages.free_pages_prepare(cpu, pfns[end++], 0);
      while (end < pfns.length && pfns[end] === pfns[end - 1] + 1);
      this.#give(cpu, pfns[first], end - first);
      first = end;
    }
  }

  /** mm/page_alloc.c:free_prepared_contig_range: aligned blocks, as large as the run has them. */
  #give(cpu: number, from: number, count: number): void {
    const { pages } = this.kmalloc.slub;
    let pfn = from;
    let left = count;
    while (left > 0) {
      let order = 0;
      while (order < pages.maxOrder && (pfn & ((2 << order) - 1)) === 0 && 2 << order <= left) order++;
      pages.free_prepared_contig_range(cpu, pfn, order);
      pfn += 1 << order;
      left -= 1 << order;
    }
  }

  /** Areas that were unmapped and whose addresses were not given back yet: mm/vmalloc.c:__purge_vmap_area_lazy. Addresses can be used again, and ranges merge. */
  #purge(cpu: number): void {
    const lazy = this.#lazy;
    this.#lazy = [];
    this.#lazyPages = 0;
    for (const superfluous of this.#ranges.release(lazy))
      if (superfluous !== NULL_POINTER) this.kmalloc.slub.free(cpu, superfluous);
  }

  /** mm/vmalloc.c:vmap_pages_range: tables of the kernel's own page tables, where addresses are used for the first time. */
  ensureTables(cpu: number, address: number, size: number): void {
    const { pageSize } = this.space;
    const covered = (pageSize / TABLE_ENTRY_BYTES) * pageSize;
    for (let at = Math.floor(address / covered); at <= Math.floor((address + size - 1) / covered); at++) {
      if (this.#tables.has(at)) continue;
      this.#tables.add(at);
      this.kmalloc.slub.pages.alloc_pages(cpu, 0, this.#sites.pageTable);
    }
  }
}

/** Whether an area's memory goes untagged under a policy: what the caller's mask says. */
export const skipsTags = (site: Site): boolean =>
  gfpHasAll(site.gfp, GFP_SKIP_KASAN) && !gfpHasAll(site.gfp, GFP_SKIP_ZERO);
