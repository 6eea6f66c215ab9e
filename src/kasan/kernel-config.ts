import type { KernelVersion } from '../base/kernel-version.ts';
import type { Bytes } from '../base/units.ts';
import { bytes } from '../base/units.ts';
import { DEFAULT_DETECTION, type Detection } from './detection.ts';

/** Which KASAN a kernel is built with: CONFIG_KASAN_HW_TAGS, _SW_TAGS or _GENERIC. */
export type KasanBuild = 'hw-tags' | 'sw-tags' | 'generic';

export const KASAN_BUILDS = ['hw-tags', 'sw-tags', 'generic'] as const satisfies readonly KasanBuild[];

/** The release whose rules the hooks have. */
export const RULES_VERSION: KernelVersion = { major: 7, minor: 3 };

/** What of a kernel's configuration and command line decides its tag work. The hooks' rules are those of Linux 7.3. */
export interface KernelConfig {
  /** The release whose allocators and tasks the executable model has. A replay follows events, and does not ask for it. */
  readonly version: KernelVersion;
  /** Bits of a program's addresses that the page tables cover: CONFIG_ARM64_VA_BITS, or fewer where the CPU has fewer. */
  readonly vaBits: number;
  /** CONFIG_SHADOW_CALL_STACK */
  readonly shadowCallStack: boolean;
  /** CONFIG_MEMCG and CONFIG_NUMA: they make objects of tasks and address spaces larger. */
  readonly memcg: boolean;
  readonly numa: boolean;
  /** CONFIG_SLUB_CPU_PARTIAL, which kernels before 7.0 have unless somebody turns it off. */
  readonly slubCpuPartial: boolean;
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

/**
 * What arm64's default of 52 bits comes to on a CPU without FEAT_LPA2 and FEAT_LVA, by page size (arch/arm64/Kconfig). Pages
 * of 64 KiB have the same tables for 52 bits as for 48, but for a larger pgd.
 */
const DEFAULT_VA_BITS: ReadonlyMap<number, number> = new Map([
  [4096, 48],
  [16384, 47],
  [65536, 52],
]);

/** The defaults of 7.3 for a page size: mm/kasan/hw_tags.c, and INIT_ON_ALLOC/FREE_DEFAULT_ON off. */
export function defaultKernelConfig(pageSize = 4096, build: KasanBuild = 'hw-tags'): KernelConfig {
  return {
    version: RULES_VERSION,
    vaBits: DEFAULT_VA_BITS.get(pageSize) ?? 48,
    shadowCallStack: false,
    memcg: false,
    numa: false,
    slubCpuPartial: true,
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
