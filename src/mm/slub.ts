import { GFP_ZERO, gfpHasAll } from '../gfp/flags.ts';
import type { Kasan } from '../kasan/kasan.ts';
import type { Ledger } from '../kasan/ledger.ts';
import {
  __kasan_kmalloc,
  __kasan_poison_slab,
  __kasan_slab_alloc,
  __kasan_slab_free,
  alloc_slab_page_gfp,
  setsUpObjects,
  setup_object,
} from '../kasan/slab.ts';
import { addressOf, NULL_POINTER, pointer, tagOf, type Pointer } from '../mte/pointer.ts';
import { KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';
import type { Clock } from './clock.ts';
import { giveToCpuSlab, takeFromCpuSlab, type SlabPages } from './cpu-slab.ts';
import type { Durations } from './durations.ts';
import type { KmemCache } from './kmem-cache.ts';
import type { PageAllocator } from './page-allocator.ts';
import { NO_PAGE, PAGE_TYPE, type PageMap } from './page-map.ts';
import { Quarantine } from './quarantine.ts';
import type { Rcu } from './rcu.ts';
import { Sheaf, type CpuSheaves } from './sheaf.ts';
import { siteAt, type Site } from './site.ts';
import { NO_OWNER, NOT_LISTED, Slab } from './slab.ts';
import { sheafBytes } from './slab-cache.ts';
import type { Tracepoints } from './tracepoints.ts';

/** Why an object was not freed (mm/kasan/common.c:check_slab_allocation). */
export type BadFree = 'invalid-free' | 'double-free';

/** Told of frees that KASAN refuses. */
export type BadFreeReporter = (kind: BadFree, object: Pointer, cpu: number) => void;

/** Who allocates sheaves, and for which of their functions. */
export interface SheafSites {
  readonly replaceFullMain: Site;
  readonly replaceEmptyMain: Site;
  readonly kfreeRcu: Site;
  readonly prefill: Site;
  /** Pages for the objects of a prefilled sheaf. */
  readonly prefilled: Site;
}

/** Gives memory for a sheaf itself. */
export type SheafMemory = (cpu: number, size: number, site: Site) => Pointer;

/**
 * The slab allocator (mm/slub.c, 7.3): objects come from sheaves of the CPU, sheaves from the barn of the node, and what
 * is missing from slabs. None of these moves touches tags; only giving an object out and taking it back do.
 */
export class Slub {
  readonly kasan: Kasan;
  readonly ledger: Ledger;
  readonly pages: PageAllocator;
  readonly rcu: Rcu;
  readonly clock: Clock;
  readonly durations: Durations;
  readonly #map: PageMap;
  readonly #slabs: Slab[] = [];
  /** Numbers of slabs whose pages were freed. */
  readonly #freeNumbers: number[] = [];
  readonly #sheafSites: SheafSites;
  readonly #slabPageSites = new Map<Site, Site>();
  #quarantine: Quarantine | undefined;
  /** Set once kmalloc works. */
  sheafMemory: SheafMemory | undefined;
  reportBadFree: BadFreeReporter | undefined;
  readonly trace: Tracepoints | undefined;

  constructor(pages: PageAllocator, rcu: Rcu, clock: Clock, durations: Durations, sheafSites: SheafSites) {
    this.kasan = pages.kasan;
    this.ledger = pages.ledger;
    this.pages = pages;
    this.trace = pages.trace;
    this.rcu = rcu;
    this.clock = clock;
    this.durations = durations;
    this.#map = pages.map;
    this.#sheafSites = sheafSites;
  }

  /** Freed objects wait from now on (CONFIG_KASAN_GENERIC). @param ram bytes of memory */
  addQuarantine(ram: number, cpus: number): void {
    this.#quarantine = new Quarantine(ram, cpus, (cpu, cache, address) => this.#toSheaf(cpu, cache, address));
  }

  /** The slab that an address lies in, or undefined. */
  slabAt(address: number): Slab | undefined {
    const pfn = Math.floor(address / this.#map.pageSize);
    return this.#map.type[pfn] === PAGE_TYPE.slab ? this.#slabs[this.#map.slab[pfn]] : undefined;
  }

  /**
   * mm/slub.c:kmem_cache_alloc and the kmalloc family: an object, or NULL.
   *
   * @param requested bytes asked for: in kmalloc caches the rest of the object becomes its redzone
   */
  alloc(cpu: number, cache: KmemCache, site: Site, requested: number = cache.objectSize): Pointer {
    this.#quarantine?.reduce(cpu);
    const address = cache.hasSheaves
      ? this.#fromSheaf(cpu, cache, site)
      : takeFromCpuSlab(cache, cpu, this.#slabPages(cpu, cache, site));
    return address === undefined ? NULL_POINTER : this.#slabPostAllocHook(cpu, cache, address, site, requested);
  }

  /**
   * mm/slub.c:kmem_cache_free and kfree of a slab object.
   *
   * @param unseen the kernel does it without an event
   */
  free(cpu: number, object: Pointer, unseen = false): void {
    const address = addressOf(object);
    const slab = this.slabAt(address);
    if (slab === undefined) {
      this.reportBadFree?.('invalid-free', object, cpu);
      return;
    }
    if (!this.#slabFreeHook(cpu, slab, address, object, unseen)) return;
    this.#toSheaf(cpu, slab.cache, address);
  }

  #fromSheaf(cpu: number, cache: KmemCache, site: Site): number | undefined {
    const pcs = cache.cpus[cpu];
    if (pcs.main.count === 0 && !this.#replaceEmptyMain(cpu, cache, pcs, site)) return undefined;
    return pcs.main.pop();
  }

  /** Pages of slabs for a CPU's own. @param site that finds its cache empty; none where objects are freed */
  #slabPages(cpu: number, cache: KmemCache, site?: Site): SlabPages {
    return {
      create: () => (site === undefined ? undefined : this.#newSlab(cpu, cache, site)),
      discard: (slab) => this.#discardSlab(cpu, slab),
    };
  }

  /** mm/slab_common.c:kfree_rcu, through the RCU sheaf of the CPU (mm/slub.c:__kfree_rcu_sheaf). */
  kfree_rcu(cpu: number, object: Pointer): void {
    const address = addressOf(object);
    const slab = this.slabAt(address);
    if (slab === undefined) {
      this.reportBadFree?.('invalid-free', object, cpu);
      return;
    }
    const { cache } = slab;
    const pcs = cache.cpus[cpu];
    pcs.rcuFree ??= cache.barn.takeEmpty() ?? this.#emptySheaf(cpu, cache, this.#sheafSites.kfreeRcu);
    const sheaf = pcs.rcuFree;
    if (sheaf === undefined) {
      this.rcu.call_rcu(cpu, { rcuCallback: (onCpu) => this.free(onCpu, object, true) });
      return;
    }
    sheaf.push(address);
    if (!sheaf.isFull) return;
    pcs.rcuFree = undefined;
    this.rcu.call_rcu(cpu, { rcuCallback: (onCpu) => this.#rcuFreeSheaf(onCpu, cache, sheaf) });
  }

  /** mm/slub.c:kmem_cache_prefill_sheaf: a sheaf with at least so many objects, for its user alone. */
  prefillSheaf(cpu: number, cache: KmemCache, wanted: number): Sheaf | undefined {
    const pcs = cache.cpus[cpu];
    const site = this.#sheafSites.prefill;
    let sheaf = pcs.spare;
    pcs.spare = undefined;
    sheaf ??= cache.barn.takeFull() ?? cache.barn.takeEmpty() ?? this.#emptySheaf(cpu, cache, site);
    if (sheaf !== undefined && sheaf.count < wanted) this.#refill(cpu, cache, sheaf, this.#sheafSites.prefilled);
    return sheaf;
  }

  /** mm/slub.c:kmem_cache_alloc_from_sheaf. */
  allocFromSheaf(cpu: number, cache: KmemCache, sheaf: Sheaf, site: Site): Pointer {
    return sheaf.count === 0
      ? this.alloc(cpu, cache, site)
      : this.#slabPostAllocHook(cpu, cache, sheaf.pop(), site, cache.objectSize);
  }

  /** mm/slub.c:kmem_cache_return_sheaf. */
  returnSheaf(cpu: number, cache: KmemCache, sheaf: Sheaf): void {
    const pcs = cache.cpus[cpu];
    if (pcs.spare === undefined) {
      pcs.spare = sheaf;
      return;
    }
    if (cache.barn.hasRoomForFull && this.#refill(cpu, cache, sheaf, this.#sheafSites.prefilled)) {
      cache.barn.putFull(sheaf);
      return;
    }
    this.#flush(cpu, cache, sheaf);
  }

  #slabPostAllocHook(cpu: number, cache: KmemCache, address: number, site: Site, requested: number): Pointer {
    const { kasan, ledger } = this;
    const slab = this.#slabs[this.#map.slab[Math.floor(address / this.#map.pageSize)]];
    const object = this.#objectOf(slab, address);
    this.clock.spend(this.durations.slabAlloc);
    slab.rows[object] = site.row;
    slab.skipped[object] = site.skipped ? 1 : 0;
    ledger.chargeTo(site.row);
    ledger.countAllocation(site.row, cache.size);
    let tag = KASAN_TAG_KERNEL;
    if (!site.skipped) {
      tag = __kasan_slab_alloc(kasan, cache, address, slab.tags[object], gfpHasAll(site.gfp, GFP_ZERO));
      if (cache.kmalloc) __kasan_kmalloc(kasan, cache, address, requested);
    }
    slab.tags[object] = tag;
    const result = pointer(tag, address);
    this.trace?.kmem_cache_alloc(cpu, result, cache, requested, site);
    return result;
  }

  /** mm/slub.c:slab_free_hook. @returns whether the object may be given out again, now */
  #slabFreeHook(cpu: number, slab: Slab, address: number, freed: Pointer, unseen: boolean): boolean {
    const { cache } = slab;
    const object = this.#objectOf(slab, address);
    this.clock.spend(cache.typesafeByRcu ? this.durations.slabFreeTypesafe : this.durations.slabFree);
    if (slab.base + object * cache.size !== address) {
      this.reportBadFree?.('invalid-free', freed, cpu);
      return false;
    }
    this.trace?.kmem_cache_free(cpu, freed, cache, unseen);
    const row = slab.rows[object];
    if (row !== NO_OWNER) this.ledger.chargeTo(row);
    if (slab.skipped[object] === 0 && !__kasan_slab_free(this.kasan, cache, address, tagOf(freed))) {
      this.reportBadFree?.('double-free', freed, cpu);
      return false;
    }
    if (row !== NO_OWNER) this.ledger.countFree(row);
    slab.rows[object] = NO_OWNER;
    if (this.#quarantine === undefined) return true;
    this.#quarantine.put(cpu, cache, address);
    return false;
  }

  #objectOf(slab: Slab, address: number): number {
    // A little more, so that rounding of the reciprocal never leads to the object before.
    return Math.floor((address - slab.base) * slab.cache.reciprocalSize + 2 ** -20);
  }

  #toSheaf(cpu: number, cache: KmemCache, address: number): void {
    if (!cache.hasSheaves) {
      const slab = this.#slabs[this.#map.slab[Math.floor(address / this.#map.pageSize)]];
      giveToCpuSlab(cache, cpu, slab, address, this.#slabPages(cpu, cache));
      return;
    }
    const pcs = cache.cpus[cpu];
    if (pcs.main.isFull && !this.#replaceFullMain(cpu, cache, pcs)) {
      this.#toSlab(cpu, address);
      return;
    }
    pcs.main.push(address);
  }

  /** mm/slub.c:__pcs_replace_empty_main. False where there is no memory for more objects. */
  #replaceEmptyMain(cpu: number, cache: KmemCache, pcs: CpuSheaves, site: Site): boolean {
    if (pcs.spare !== undefined && pcs.spare.count > 0) {
      [pcs.main, pcs.spare] = [pcs.spare, pcs.main];
      return true;
    }
    const full = cache.barn.takeFull();
    const emptied = pcs.main;
    if (full !== undefined) {
      pcs.main = full;
      cache.barn.putEmpty(emptied);
      return true;
    }
    return this.#refill(cpu, cache, emptied, site);
  }

  /** mm/slub.c:__pcs_replace_full_main. False if the object must go to its slab. */
  #replaceFullMain(cpu: number, cache: KmemCache, pcs: CpuSheaves): boolean {
    const { main, spare } = pcs;
    if (spare !== undefined && !spare.isFull) {
      pcs.main = spare;
      pcs.spare = main;
      return true;
    }
    const mayKeep = spare === undefined || cache.barn.hasRoomForFull;
    const empty = mayKeep
      ? (cache.barn.takeEmpty() ?? this.#emptySheaf(cpu, cache, this.#sheafSites.replaceFullMain))
      : undefined;
    if (empty === undefined) return false;
    if (spare === undefined) pcs.spare = main;
    else cache.barn.putFull(main);
    pcs.main = empty;
    return true;
  }

  /** mm/slub.c:rcu_free_sheaf, after a grace period: its objects are freed without an event each. */
  #rcuFreeSheaf(cpu: number, cache: KmemCache, sheaf: Sheaf): void {
    for (const address of sheaf.takeAll()) {
      const slab = this.#slabs[this.#map.slab[Math.floor(address / this.#map.pageSize)]];
      const object = pointer(slab.tags[this.#objectOf(slab, address)], address);
      if (this.#slabFreeHook(cpu, slab, address, object, true)) sheaf.push(address);
    }
    if (sheaf.isFull && cache.barn.hasRoomForFull) {
      cache.barn.putFull(sheaf);
      return;
    }
    this.#flush(cpu, cache, sheaf);
  }

  /** The objects of a sheaf go back to their slabs, and the sheaf to the barn. */
  #flush(cpu: number, cache: KmemCache, sheaf: Sheaf): void {
    while (sheaf.count > 0) this.#toSlab(cpu, sheaf.pop());
    cache.barn.putEmpty(sheaf);
  }

  /** mm/slub.c:alloc_empty_sheaf. kmalloc's own caches get none that way: it would never end. */
  #emptySheaf(cpu: number, cache: KmemCache, site: Site): Sheaf | undefined {
    if (cache.kmalloc || this.sheafMemory === undefined) return new Sheaf(cache.sheafCapacity);
    return this.sheafMemory(cpu, sheafBytes(cache), site) === NULL_POINTER ? undefined : new Sheaf(cache.sheafCapacity);
  }

  /** mm/slub.c:refill_objects: fills a sheaf from slabs. False if it stays empty. */
  #refill(cpu: number, cache: KmemCache, sheaf: Sheaf, site: Site): boolean {
    while (!sheaf.isFull) {
      let slab = cache.partial.at(-1);
      if (slab === undefined) {
        slab = this.#newSlab(cpu, cache, site);
        if (slab === undefined) break;
        this.#list(slab);
      }
      while (!sheaf.isFull && slab.free > 0) sheaf.push(slab.take());
      if (slab.free === 0) this.#unlist(slab);
    }
    return sheaf.count > 0;
  }

  /** The place that takes pages for a slab, with the mask that slab makes of what is passed. */
  #slabPageSite(site: Site): Site {
    const gfp = alloc_slab_page_gfp(this.kasan, site.gfp);
    if (gfp === site.gfp) return site;
    const made = this.#slabPageSites.get(site) ?? { ...site, gfp, byOrder: undefined };
    this.#slabPageSites.set(site, made);
    return made;
  }

  /** mm/slub.c:allocate_slab. */
  #newSlab(cpu: number, cache: KmemCache, site: Site): Slab | undefined {
    const pageSite = this.#slabPageSite(siteAt(site.slabPages ?? site, cache.order));
    const pfn = this.pages.alloc_pages(cpu, cache.order, pageSite);
    if (pfn === NO_PAGE) return undefined;
    const { kasan } = this;
    const map = this.#map;
    const base = pfn * map.pageSize;
    const slab = new Slab(cache, base, pfn);
    const number = this.#freeNumbers.pop() ?? this.#slabs.length;
    this.#slabs[number] = slab;
    for (let page = pfn; page < pfn + (1 << cache.order); page++) {
      map.slab[page] = number;
      map.type[page] = PAGE_TYPE.slab;
    }
    const bytes = map.pageSize << cache.order;
    map.setTags(pfn, cache.order, pageSite.skipped ? KASAN_TAG_KERNEL : __kasan_poison_slab(kasan, base, bytes));
    if (pageSite.skipped || !setsUpObjects(kasan, cache)) return slab;
    for (let object = 0; object < cache.objects; object++)
      slab.tags[object] = setup_object(kasan, cache, base + object * cache.size);
    return slab;
  }

  /** mm/slub.c:__slab_free. */
  #toSlab(cpu: number, address: number): void {
    const map = this.#map;
    const slab = this.#slabs[map.slab[Math.floor(address / map.pageSize)]];
    const { cache } = slab;
    slab.give(this.#objectOf(slab, address));
    this.#list(slab);
    if (slab.free < cache.objects || cache.partial.length <= cache.minPartial) return;
    this.#unlist(slab);
    this.#discardSlab(cpu, slab);
  }

  /** mm/slub.c:discard_slab. */
  #discardSlab(cpu: number, slab: Slab): void {
    const map = this.#map;
    const { cache } = slab;
    this.#freeNumbers.push(map.slab[slab.pfn]);
    map.type.fill(PAGE_TYPE.plain, slab.pfn, slab.pfn + (1 << cache.order));
    this.pages.free_pages(cpu, slab.pfn);
  }

  #list(slab: Slab): void {
    if (slab.place !== NOT_LISTED) return;
    slab.place = slab.cache.partial.push(slab) - 1;
  }

  #unlist(slab: Slab): void {
    const { partial } = slab.cache;
    const last = partial.pop();
    if (last !== undefined && last !== slab) {
      partial[slab.place] = last;
      last.place = slab.place;
    }
    slab.place = NOT_LISTED;
  }
}
