import {
  __kasan_mempool_poison_object,
  __kasan_mempool_poison_pages,
  __kasan_mempool_unpoison_object,
  __kasan_mempool_unpoison_pages,
} from '../kasan/mempool.ts';
import { addressOf, pointer, tagOf, type Pointer } from '../mte/pointer.ts';
import type { Kmalloc } from './kmalloc.ts';
import type { KmemCache } from './kmem-cache.ts';
import { NO_PAGE } from './page-map.ts';
import type { Site } from './site.ts';
import type { BadFree } from './slub.ts';

/** What a pool holds (include/linux/mempool.h: mempool_kmalloc, mempool_alloc_slab, mempool_alloc_pages). */
export type MempoolElements =
  | { readonly kind: 'kmalloc'; readonly size: number }
  | { readonly kind: 'slab'; readonly cache: KmemCache }
  | { readonly kind: 'pages'; readonly order: number };

/** Told of what KASAN notes of elements. */
export interface MempoolListener {
  /** An element comes back wrongly (mm/kasan/common.c:check_slab_allocation and check_page_allocation). */
  bad(kind: BadFree, element: Pointer): void;
  /** A slab object begins and ends to wait. */
  poisoned(element: Pointer, cache: KmemCache): void;
  unpoisoned(element: Pointer, cache: KmemCache): void;
}

/** How pools treat one kind of elements: the functions that a pool is made with. */
interface ElementRules {
  /** The cache that elements are objects of; undefined for pages and large kmalloc. */
  readonly cache: KmemCache | undefined;
  allocate(cpu: number): Pointer | undefined;
  free(cpu: number, element: Pointer): void;
  /** Where the memory that an element lies in begins. */
  start(element: Pointer): number;
  /** @returns false for one that waits already */
  poison(element: Pointer): boolean;
  /** @returns the element with the tag that it has from now on */
  unpoison(cpu: number, element: Pointer): Pointer;
}

/** Elements that are kept for when memory is short (mm/mempool.c, 7.3). KASAN poisons them while they wait. */
export class Mempool {
  readonly #rules: ElementRules;
  readonly #min: number;
  readonly #listener: MempoolListener;
  readonly #waiting: Pointer[] = [];

  /** mm/mempool.c:mempool_create: a pool with `min` elements. */
  constructor(
    kmalloc: Kmalloc,
    cpu: number,
    elements: MempoolElements,
    min: number,
    site: Site,
    listener: MempoolListener,
  ) {
    this.#rules = elementRules(kmalloc, elements, site);
    this.#min = min;
    this.#listener = listener;
    for (let made = 0; made < min; made++) {
      const element = this.#rules.allocate(cpu);
      if (element !== undefined) this.#add(element);
    }
  }

  /** mm/mempool.c:mempool_alloc_preallocated: one of those that wait. */
  allocPreallocated(cpu: number): Pointer | undefined {
    const element = this.#waiting.pop();
    if (element === undefined) return undefined;
    const { cache, unpoison } = this.#rules;
    if (cache !== undefined) this.#listener.unpoisoned(element, cache);
    return unpoison(cpu, element);
  }

  /** mm/mempool.c:mempool_free: into the pool while it lacks elements. */
  free(cpu: number, element: Pointer): void {
    if (this.#waiting.length < this.#min) this.#add(element);
    else this.#rules.free(cpu, element);
  }

  /** mm/mempool.c:add_element: what KASAN refuses is dropped. */
  #add(element: Pointer): void {
    const { start, poison, cache } = this.#rules;
    if (start(element) !== addressOf(element)) this.#listener.bad('invalid-free', element);
    else if (poison(element)) {
      this.#waiting.push(element);
      if (cache !== undefined) this.#listener.poisoned(element, cache);
    } else this.#listener.bad('double-free', element);
  }
}

function elementRules(kmalloc: Kmalloc, elements: MempoolElements, site: Site): ElementRules {
  const { slub } = kmalloc;
  const { kasan, pages } = slub;
  const { map } = pages;
  const pfnOf = (element: Pointer): number => Math.floor(addressOf(element) / map.pageSize);
  switch (elements.kind) {
    case 'pages': {
      const { order } = elements;
      return {
        cache: undefined,
        allocate: (cpu) => {
          const pfn = pages.alloc_pages(cpu, order, site);
          return pfn === NO_PAGE ? undefined : pointer(map.kasanTag[pfn], pfn * map.pageSize);
        },
        free: (cpu, element) => pages.free_pages(cpu, pfnOf(element)),
        start: (element) => pfnOf(element) * map.pageSize,
        poison: (element) =>
          __kasan_mempool_poison_pages(kasan, addressOf(element), order, map.kasanTag[pfnOf(element)]),
        unpoison: (cpu, element) => {
          const pfn = pfnOf(element);
          const tag = __kasan_mempool_unpoison_pages(kasan, cpu, addressOf(element), order, map.kasanTag[pfn]);
          map.setTags(pfn, order, tag);
          return pointer(tag, addressOf(element));
        },
      };
    }
    case 'kmalloc':
    case 'slab': {
      const cache = elements.kind === 'slab' ? elements.cache : kmalloc.cacheFor(elements.size);
      const memoryOf = cache === undefined ? 'pages' : 'slab';
      const size = elements.kind === 'slab' ? elements.cache.objectSize : elements.size;
      const capacity = (element: Pointer): number => cache?.objectSize ?? map.pageSize << map.order[pfnOf(element)];
      return {
        cache,
        allocate: (cpu) => {
          const made = cache === undefined ? kmalloc.kmalloc(cpu, size, site) : slub.alloc(cpu, cache, site, size);
          return made === 0 ? undefined : made;
        },
        free: (cpu, element) => kmalloc.kfree(cpu, element),
        start: (element) => {
          const slab = slub.slabAt(addressOf(element));
          if (slab === undefined) return pfnOf(element) * map.pageSize;
          return slab.base + slab.objectAt(addressOf(element)) * slab.cache.size;
        },
        poison: (element) =>
          __kasan_mempool_poison_object(kasan, addressOf(element), tagOf(element), capacity(element), memoryOf),
        unpoison: (_cpu, element) => {
          const used = elements.kind === 'slab' ? capacity(element) : size;
          __kasan_mempool_unpoison_object(kasan, addressOf(element), tagOf(element), used, capacity(element), memoryOf);
          return element;
        },
      };
    }
  }
}
