import type { KasanBuild } from '../kasan/kernel-config.ts';
import { KmemCache } from './kmem-cache.ts';
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
  anonVma: { name: 'anon_vma', objectSize: 88, ctor: true, typesafeByRcu: true },
  anonVmaChain: { name: 'anon_vma_chain', objectSize: 64 },
  pid: { name: 'pid', objectSize: 144, align: HWCACHE },
  radixNode: { name: 'radix_tree_node', objectSize: 576, ctor: true },
  vmapArea: { name: 'vmap_area', objectSize: 72 },
} as const satisfies Readonly<Record<string, CacheDescription>>;

export type KernelCaches = Readonly<Record<keyof typeof CACHES, KmemCache>>;

export const kernelCaches = (pageSize: number, cpus: number, build: KasanBuild): KernelCaches => ({
  taskStruct: new KmemCache(CACHES.taskStruct, pageSize, cpus, build),
  execState: new KmemCache(CACHES.execState, pageSize, cpus, build),
  cred: new KmemCache(CACHES.cred, pageSize, cpus, build),
  files: new KmemCache(CACHES.files, pageSize, cpus, build),
  fs: new KmemCache(CACHES.fs, pageSize, cpus, build),
  sighand: new KmemCache(CACHES.sighand, pageSize, cpus, build),
  signal: new KmemCache(CACHES.signal, pageSize, cpus, build),
  mm: new KmemCache(CACHES.mm, pageSize, cpus, build),
  mapleNode: new KmemCache(CACHES.mapleNode, pageSize, cpus, build),
  vma: new KmemCache(CACHES.vma, pageSize, cpus, build),
  anonVma: new KmemCache(CACHES.anonVma, pageSize, cpus, build),
  anonVmaChain: new KmemCache(CACHES.anonVmaChain, pageSize, cpus, build),
  pid: new KmemCache(CACHES.pid, pageSize, cpus, build),
  radixNode: new KmemCache(CACHES.radixNode, pageSize, cpus, build),
  vmapArea: new KmemCache(CACHES.vmapArea, pageSize, cpus, build),
});
