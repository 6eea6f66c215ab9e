import type { Bytes } from '../base/units.ts';
import { bytes } from '../base/units.ts';
import { DEFAULT_DETECTION, type Detection } from './detection.ts';

/** Which KASAN a kernel is built with: CONFIG_KASAN_HW_TAGS, _SW_TAGS or _GENERIC. */
export type KasanBuild = 'hw-tags' | 'sw-tags' | 'generic';

export const KASAN_BUILDS = ['hw-tags', 'sw-tags', 'generic'] as const satisfies readonly KasanBuild[];

/** What of a kernel's configuration and command line decides its tag work. The rules are those of Linux 7.3. */
export interface KernelConfig {
  /** Size of a page: 4096, 16384 or 65536 bytes. It is that of the recording kernel: its events count in such pages. */
  readonly pageSize: Bytes;
  /** CONFIG_VMAP_STACK, which arm64 always has. */
  readonly vmapStack: boolean;
  /** THREAD_SIZE (arch/arm64/include/asm/memory.h): 16 KiB, or a page where pages are larger. */
  readonly threadSize: Bytes;
  /** KMALLOC_MAX_CACHE_SIZE (include/linux/slab.h): a larger kmalloc is served by the page allocator. */
  readonly kmallocMaxCacheSize: Bytes;
  readonly build: KasanBuild;
  /** `kasan=`: whether HW tags are enabled at all; the software builds have no such parameter. */
  readonly kasan: boolean;
  /** `kasan.vmalloc=` */
  readonly vmalloc: boolean;
  /** `kasan.page_alloc.sample=`: every how many-th page allocation is tagged. */
  readonly pageAllocSample: number;
  /** `kasan.page_alloc.sample.order=`: from which order on sampling holds. */
  readonly pageAllocSampleOrder: number;
  /** `init_on_alloc=` */
  readonly initOnAlloc: boolean;
  /** `init_on_free=` */
  readonly initOnFree: boolean;
  /** What is detected and reported. */
  readonly detection: Detection;
}

/** KASAN_THREAD_SHIFT (arch/arm64/include/asm/memory.h), as bytes: code that is instrumented needs more stack. */
const minThreadSize = (build: KasanBuild): number => (build === 'hw-tags' ? 16384 : 32768);

/** A kernel without CONFIG_VMAP_STACK: a stack need not be whole pages (arch/arm64/include/asm/memory.h:THREAD_SHIFT). */
export const withoutVmapStack = (config: KernelConfig): KernelConfig => ({
  ...config,
  vmapStack: false,
  threadSize: bytes(minThreadSize(config.build)),
});

/** The defaults of 7.3 for a page size: mm/kasan/hw_tags.c, and INIT_ON_ALLOC/FREE_DEFAULT_ON off. */
export function defaultKernelConfig(pageSize = 4096, build: KasanBuild = 'hw-tags'): KernelConfig {
  return {
    pageSize: bytes(pageSize),
    vmapStack: true,
    threadSize: bytes(Math.max(minThreadSize(build), pageSize)),
    kmallocMaxCacheSize: bytes(2 * pageSize),
    build,
    kasan: true,
    vmalloc: true,
    pageAllocSample: 1,
    pageAllocSampleOrder: 3,
    initOnAlloc: false,
    initOnFree: false,
    detection: DEFAULT_DETECTION,
  };
}
