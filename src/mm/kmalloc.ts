import { roundUp } from '../base/units.ts';
import { __kasan_kfree_large, __kasan_kmalloc_large, kmalloc_large_gfp } from '../kasan/slab.ts';
import { addressOf, NULL_POINTER, pointer, tagOf, type Pointer } from '../mte/pointer.ts';
import { KmemCache } from './kmem-cache.ts';
import { NO_PAGE, PAGE_TYPE } from './page-map.ts';
import type { Release } from './release.ts';
import { siteAt, type Site } from './site.ts';
import type { Slub } from './slub.ts';

/** Sizes of kmalloc caches below a page's (mm/slab_common.c:kmalloc_info; the smallest one is a granule's under HW_TAGS). */
const SMALL_SIZES = [16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048];
/** Sizes that are no power of two are aligned to the smallest size alone. */
const MIN_SIZE = 16;

/** kmalloc and kfree (mm/slub.c, mm/slab_common.c, 7.3). */
export class Kmalloc {
  readonly slub: Slub;
  readonly caches: readonly KmemCache[];
  readonly #maxCacheSize: number;
  /** First pages of what was too large for a cache, and the policy leaves alone. */
  readonly #skipped = new Set<number>();
  readonly #largePageSites = new Map<Site, Site>();
  /** By size in units of the smallest one, up to the largest cache. */
  readonly #byUnits: readonly KmemCache[];

  constructor(slub: Slub, cpus: number, { sheaves }: Pick<Release, 'sheaves'>) {
    this.slub = slub;
    const { pageSize, kmallocMaxCacheSize, slubCpuPartial: cpuPartial } = slub.kasan.config;
    this.#maxCacheSize = kmallocMaxCacheSize;
    const powers: number[] = [];
    for (let size = 4096; size <= kmallocMaxCacheSize; size *= 2) powers.push(size);
    this.caches = [...SMALL_SIZES, ...powers].map(
      (size) =>
        new KmemCache(
          {
            name: `kmalloc-${size >= 1024 ? `${size / 1024}k` : size}`,
            objectSize: size,
            align: Number.isInteger(Math.log2(size)) ? size : MIN_SIZE,
            kmalloc: true,
            sheaves,
            cpuPartial,
          },
          pageSize,
          cpus,
          slub.kasan.config.build,
        ),
    );
    const byUnits: KmemCache[] = [];
    for (const cache of this.caches) while (byUnits.length * MIN_SIZE <= cache.objectSize) byUnits.push(cache);
    this.#byUnits = byUnits;
  }

  /** mm/slab.h:kmalloc_slab: the cache that serves a size; undefined if it is too large for any. */
  cacheFor(size: number): KmemCache | undefined {
    return size <= this.#maxCacheSize ? this.#byUnits[Math.ceil(size / MIN_SIZE)] : undefined;
  }

  /**
   * kmalloc, with the mask of `site`.
   *
   * @param size in bytes, at least 1
   * @returns NULL where memory is out
   */
  kmalloc(cpu: number, size: number, site: Site): Pointer {
    const cache = this.cacheFor(size);
    return cache === undefined
      ? this.#kmallocLarge(cpu, size, site.largePages ?? site)
      : this.slub.alloc(cpu, cache, site, size);
  }

  /** mm/slub.c:kfree. NULL is left alone. */
  kfree(cpu: number, object: Pointer): void {
    if (object === NULL_POINTER) return;
    const { map } = this.slub.pages;
    const pfn = Math.floor(addressOf(object) / map.pageSize);
    if (map.type[pfn] === PAGE_TYPE.largeKmalloc) this.#freeLarge(cpu, object, pfn);
    else this.slub.free(cpu, object);
  }

  /** mm/slub.c:___kmalloc_large_node: whole pages, and the end of them a redzone. */
  #kmallocLarge(cpu: number, size: number, anyOrder: Site): Pointer {
    const { pages, kasan } = this.slub;
    const { map } = pages;
    const order = Math.ceil(Math.log2(roundUp(size, map.pageSize) / map.pageSize));
    const site = siteAt(anyOrder, order);
    const pfn = pages.alloc_pages(cpu, order, site.skipped ? site : this.#largePageSite(site));
    if (pfn === NO_PAGE) return NULL_POINTER;
    map.type.fill(PAGE_TYPE.largeKmalloc, pfn, pfn + (1 << order));
    const address = pfn * map.pageSize;
    const allocated = map.pageSize << order;
    if (site.skipped) this.#skipped.add(pfn);
    const pageTag = map.kasanTag[pfn];
    const tag = site.skipped ? pageTag : __kasan_kmalloc_large(kasan, address, size, allocated, pageTag);
    const object = pointer(tag, address);
    pages.trace?.kmalloc_large(cpu, object, size, allocated, site);
    return object;
  }

  /** The place that takes pages for a large kmalloc, with the mask that kmalloc makes of what is passed. */
  #largePageSite(site: Site): Site {
    const gfp = kmalloc_large_gfp(this.slub.kasan, site.gfp);
    if (gfp === site.gfp) return site;
    const made = this.#largePageSites.get(site) ?? { ...site, gfp, byOrder: undefined };
    this.#largePageSites.set(site, made);
    return made;
  }

  /** mm/slub.c:free_large_kmalloc. Bad frees are reported, and free the pages all the same. */
  #freeLarge(cpu: number, object: Pointer, anyPfn: number): void {
    const { pages, kasan, ledger } = this.slub;
    const { map } = pages;
    let pfn = anyPfn;
    while (pfn > 0 && map.type[pfn - 1] === PAGE_TYPE.largeKmalloc && map.order[pfn] === 0) pfn--;
    pages.trace?.kfree_large(cpu, object);
    ledger.chargeTo(map.row[pfn]);
    const address = addressOf(object);
    if (address !== pfn * map.pageSize) this.slub.reportBadFree?.('invalid-free', object, cpu);
    else if (
      !this.#skipped.delete(pfn) &&
      !__kasan_kfree_large(kasan, address, tagOf(object), map.pageSize << map.order[pfn])
    )
      this.slub.reportBadFree?.('double-free', object, cpu);
    map.type.fill(PAGE_TYPE.plain, pfn, pfn + (1 << map.order[pfn]));
    pages.free_pages(cpu, pfn);
  }
}
