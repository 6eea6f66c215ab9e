import { isAtLeast } from '../base/kernel-version.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import { KmemCache } from './kmem-cache.ts';
import type { Release } from './release.ts';
import type { CacheDescription } from './slab-cache.ts';

/** SLAB_HWCACHE_ALIGN on arm64 cores with 64-byte lines; small objects are aligned to less (mm/slab_common.c:calculate_alignment). */
const HWCACHE = 64;
/** The sheaves of these two are asked for with that many objects (kernel/fork.c and lib/maple_tree.c). */
const VMA_SHEAF = 32;

/** The caches of 7.3.4 that forking, mapping and ending allocate from: object sizes as its traces show them. */
const CACHES = {
  taskStruct: { name: 'task_struct', objectSize: 3008, align: HWCACHE },
  execState: { name: 'task_exec_state', objectSize: 32 },
  cred: { name: 'cred', objectSize: 136, align: HWCACHE },
  files: { name: 'files_cache', objectSize: 704, align: HWCACHE },
  fs: { name: 'fs_cache', objectSize: 56, align: HWCACHE },
  sighand: { name: 'sighand_cache', objectSize: 2080, align: HWCACHE, ctor: true, typesafeByRcu: true },
  signal: { name: 'signal_cache', objectSize: 960, align: HWCACHE },
  mm: { name: 'mm_struct', objectSize: 1160, align: HWCACHE },
  mapleNode: { name: 'maple_node', objectSize: 256, align: 256, sheafCapacity: VMA_SHEAF },
  vma: { name: 'vm_area_struct', objectSize: 192, align: HWCACHE, typesafeByRcu: true, sheafCapacity: VMA_SHEAF },
  vmaLock: { name: 'vma_lock', objectSize: 40 },
  anonVma: { name: 'anon_vma', objectSize: 88, ctor: true, typesafeByRcu: true },
  anonVmaChain: { name: 'anon_vma_chain', objectSize: 64 },
  pid: { name: 'pid', objectSize: 144, align: HWCACHE },
  radixNode: { name: 'radix_tree_node', objectSize: 576, ctor: true },
  vmapArea: { name: 'vmap_area', objectSize: 72 },
} as const satisfies Readonly<Record<string, CacheDescription>>;

type CacheName = keyof typeof CACHES;
export type KernelCaches = Readonly<Record<CacheName, KmemCache>>;
type Changes = Partial<Record<CacheName, Partial<CacheDescription>>>;

/** With CONFIG_MEMCG and CONFIG_NUMA (7.3.4, as its counts show them). */
const LARGER: Changes = {
  taskStruct: { objectSize: 3200 },
  signal: { objectSize: 992 },
  mm: { objectSize: 1368 },
};

/** In 6.12.117, as its traces show them. */
const OLDER: Changes = {
  taskStruct: { objectSize: 3392 },
  signal: { objectSize: 952 },
  mm: { objectSize: 1032 },
  vma: { objectSize: 144, align: 16, typesafeByRcu: false },
  anonVma: { objectSize: 96 },
  pid: { objectSize: 128 },
};
/** Objects of releases before this are taken to be as large as those of 6.12. */
const NEWER_OBJECTS = { major: 6, minor: 15 };

/** Caches that asked for sheaves before all had them. */
const EARLY_SHEAVES: ReadonlySet<CacheName> = new Set(['mapleNode', 'vma']);

/** The caches of a kernel. */
export function kernelCaches(config: KernelConfig, release: Release, cpus: number): KernelCaches {
  const changes = isAtLeast(config.version, NEWER_OBJECTS) ? (config.memcg && config.numa ? LARGER : {}) : OLDER;
  const make = (name: CacheName): KmemCache => {
    const sheaves = release.sheaves || (release.mapleSheaves && EARLY_SHEAVES.has(name));
    const description = { ...CACHES[name], ...changes[name], sheaves, cpuPartial: config.slubCpuPartial };
    return new KmemCache(description, config.pageSize, cpus, config.build);
  };
  return {
    taskStruct: make('taskStruct'),
    execState: make('execState'),
    cred: make('cred'),
    files: make('files'),
    fs: make('fs'),
    sighand: make('sighand'),
    signal: make('signal'),
    mm: make('mm'),
    mapleNode: make('mapleNode'),
    vma: make('vma'),
    vmaLock: make('vmaLock'),
    anonVma: make('anonVma'),
    anonVmaChain: make('anonVmaChain'),
    pid: make('pid'),
    radixNode: make('radixNode'),
    vmapArea: make('vmapArea'),
  };
}
