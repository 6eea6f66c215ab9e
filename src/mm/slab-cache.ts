import { roundUp } from '../base/units.ts';
import type { KasanBuild } from '../kasan/kernel-config.ts';
import { modeRules } from '../kasan/mode-rules.ts';
import { kasanObjectBytes } from '../kasan/object-layout.ts';
import type { SlabCache as KasanSlabCache } from '../kasan/slab.ts';

/** ARCH_SLAB_MINALIGN under HW_TAGS (arch/arm64/include/asm/cache.h): no two objects share a granule. */
const MIN_ALIGN = 16;
/** PAGE_ALLOC_COSTLY_ORDER: the largest order of slabs that is tried first (mm/slub.c:slub_max_order). */
const SLUB_MAX_ORDER = 3;
/** `struct slab_sheaf` before its objects (mm/slub.c): list or RCU head, cache, capacity and size, node. */
const SHEAF_HEADER = 32;
const SHEAF_SLOT = 8;

/** What a cache is created with (mm/slab_common.c:kmem_cache_create). */
export interface CacheDescription {
  readonly name: string;
  readonly objectSize: number;
  /** Larger alignments come from SLAB_HWCACHE_ALIGN and from kmalloc's power-of-two sizes. */
  readonly align?: number;
  readonly ctor?: boolean;
  readonly typesafeByRcu?: boolean;
  readonly kmalloc?: boolean;
  /** Sheaves are not used for the caches that sheaves themselves come from (mm/slub.c:calculate_sheaf_capacity). */
  readonly sheafCapacity?: number;
  /** False where the kernel has none for this cache: before 7.0, but for caches that asked for them. */
  readonly sheaves?: boolean;
  /** Where there are none: whether CPUs keep slabs with free objects (CONFIG_SLUB_CPU_PARTIAL). */
  readonly cpuPartial?: boolean;
}

/** `struct kmem_cache`: sizes and rules. */
export interface SlabCache extends KasanSlabCache {
  readonly name: string;
  readonly kmalloc: boolean;
  /** Order of the pages of a slab, and how many objects fit. */
  readonly order: number;
  readonly objects: number;
  /** Objects of a sheaf. */
  readonly sheafCapacity: number;
  /** Slabs without objects that a node keeps (mm/slub.c:set_min_partial). */
  readonly minPartial: number;
}

/** mm/slub.c:do_kmem_cache_create: derives sizes and orders. */
export function createCache(
  description: CacheDescription,
  pageSize: number,
  cpus: number,
  build: KasanBuild = 'hw-tags',
): SlabCache {
  const { name, objectSize, align = MIN_ALIGN, ctor = false, typesafeByRcu = false, kmalloc = false } = description;
  const bytes = kasanObjectBytes(modeRules({ build }), { objectSize, ctor, typesafeByRcu });
  const size = roundUp(bytes, Math.max(align, MIN_ALIGN));
  const order = calculate_order(size, pageSize, cpus);
  return {
    name,
    objectSize,
    size,
    ctor,
    typesafeByRcu,
    kmalloc,
    order,
    objects: Math.floor((pageSize << order) / size),
    sheafCapacity: description.sheafCapacity ?? calculate_sheaf_capacity(size, pageSize),
    minPartial: Math.min(10, Math.max(5, Math.floor(Math.log2(size) / 2))),
  };
}

/** mm/slub.c:calculate_order: the smallest order that wastes little and holds enough objects for the CPUs. */
export function calculate_order(size: number, pageSize: number, cpus: number): number {
  const wanted = 4 * (Math.floor(Math.log2(cpus)) + 2);
  const minObjects = Math.min(wanted, Math.max(Math.floor((pageSize << SLUB_MAX_ORDER) / size), 1));
  const minOrder = Math.max(0, Math.ceil(Math.log2((minObjects * size) / pageSize)));
  for (let fraction = 16; fraction > 1; fraction /= 2) {
    for (let order = minOrder; order <= SLUB_MAX_ORDER; order++) {
      const bytes = pageSize << order;
      if (bytes % size <= bytes / fraction) return order;
    }
  }
  return Math.max(0, Math.ceil(Math.log2(size / pageSize)));
}

/** mm/slub.c:calculate_sheaf_capacity: sheaves fill a size of kmalloc. */
function calculate_sheaf_capacity(size: number, pageSize: number): number {
  const wanted = size >= pageSize ? 4 : size >= 1024 ? 12 : size >= 256 ? 26 : 60;
  const bytes = 2 ** Math.ceil(Math.log2(SHEAF_HEADER + wanted * SHEAF_SLOT));
  return (bytes - SHEAF_HEADER) / SHEAF_SLOT;
}

/** Bytes that a sheaf of a cache takes from kmalloc. */
export const sheafBytes = (cache: SlabCache): number => SHEAF_HEADER + cache.sheafCapacity * SHEAF_SLOT;
