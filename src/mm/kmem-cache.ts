import { cpuPartialSlabs, newCpuSlab, type CpuSlab } from './cpu-slab.ts';
import type { KasanBuild } from '../kasan/kernel-config.ts';
import { Barn, Sheaf, type CpuSheaves } from './sheaf.ts';
import type { Slab } from './slab.ts';
import { createCache, type CacheDescription, type SlabCache } from './slab-cache.ts';

/** A cache and what it holds (mm/slab.h: struct kmem_cache, with its one node). */
export class KmemCache implements SlabCache {
  readonly name: string;
  readonly objectSize: number;
  readonly size: number;
  readonly ctor: boolean;
  readonly typesafeByRcu: boolean;
  readonly kmalloc: boolean;
  readonly order: number;
  readonly objects: number;
  readonly sheafCapacity: number;
  readonly minPartial: number;
  /** To find the number of an object without a division. */
  readonly reciprocalSize: number;
  readonly cpus: readonly CpuSheaves[];
  readonly barn = new Barn();
  readonly partial: Slab[] = [];
  /** Whether objects are given out from sheaves; else from slabs of the CPUs, and these three are used instead. */
  readonly hasSheaves: boolean;
  readonly cpuSlabs: readonly CpuSlab[];
  /** Slabs of the node with free objects, in the order of its list. */
  readonly nodePartial = new Set<Slab>();
  /** Slabs that a CPU keeps; 0 where it keeps none. */
  readonly cpuPartialSlabs: number;

  constructor(description: CacheDescription, pageSize: number, cpus: number, build: KasanBuild = 'hw-tags') {
    const cache = createCache(description, pageSize, cpus, build);
    this.name = cache.name;
    this.objectSize = cache.objectSize;
    this.size = cache.size;
    this.ctor = cache.ctor;
    this.typesafeByRcu = cache.typesafeByRcu;
    this.kmalloc = cache.kmalloc;
    this.order = cache.order;
    this.objects = cache.objects;
    this.sheafCapacity = cache.sheafCapacity;
    this.minPartial = cache.minPartial;
    this.reciprocalSize = 1 / cache.size;
    this.hasSheaves = description.sheaves ?? true;
    this.cpuSlabs = Array.from({ length: this.hasSheaves ? 0 : cpus }, newCpuSlab);
    this.cpuPartialSlabs = (description.cpuPartial ?? true) ? cpuPartialSlabs(cache, pageSize) : 0;
    // mm/slub.c:init_percpu_sheaves, when the cache is created.
    this.cpus = Array.from({ length: this.hasSheaves ? cpus : 0 }, () => ({
      main: new Sheaf(cache.sheafCapacity),
      spare: undefined,
      rcuFree: undefined,
    }));
  }
}
