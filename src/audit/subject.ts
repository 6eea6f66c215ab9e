import type { TestKernel } from '../conform/test-kernel.ts';
import { GFP_COMP, GFP_ZERO, gfpUnion, type Gfp } from '../gfp/flags.ts';
import {
  GFP_HIGHUSER,
  GFP_HIGHUSER_MOVABLE,
  GFP_KERNEL,
  GFP_KERNEL_ACCOUNT,
  GFP_NOWAIT,
  GFP_PGTABLE_USER,
  GFP_VMAP_STACK,
} from '../gfp/masks.ts';
import { SHADOW } from '../kasan/shadow-values.ts';
import type { KmemCache } from '../mm/kmem-cache.ts';
import { addressOf, offsetBy, resetTag, type Pointer } from '../mte/pointer.ts';
import type { AllocationClass } from '../base/allocation-class.ts';
import type { CacheKind, Memory, Route } from './memory.ts';

/** A kind of memory that bugs are injected into. */
export interface Subject extends Memory {
  readonly name: string;
  /** The kernel does not work on this memory by this route; a pointer that keeps the tag of the page goes it. */
  readonly hypothetical?: boolean;
  /** Bytes asked for; of a stack, with hardware tags. */
  readonly size: number;
  /** Bytes up to the next owner's memory. */
  readonly slot: number;
  /** Alignment of the objects of a cache. */
  readonly align?: number;
  /** A block of as many pages as a kernel stack has. */
  readonly stackSized?: boolean;
}

const PAGE = 4096;
const STACK = 16384;

const slab = (name: string, size: number, slot: number, cache: CacheKind = 'plain'): Subject => ({
  name,
  class: 'slab-object',
  allocator: 'slab',
  cache,
  route: 'pointer',
  size,
  slot,
  gfp: GFP_KERNEL,
});
const kmalloc = (size: number, slot: number): Subject => slab(`kmalloc(${size})`, size, slot, 'kmalloc');

const page = (name: string, classOf: AllocationClass, gfp: Gfp, route: Route = 'pointer'): Subject => ({
  name,
  class: classOf,
  allocator: 'page',
  route,
  size: PAGE,
  slot: PAGE,
  gfp,
});
const block = (name: string, order: number): Subject => ({
  ...page(name, 'driver/other', GFP_KERNEL),
  order,
  size: PAGE << order,
  slot: PAGE << order,
});

const stack = (name: string, route: Route): Subject => ({
  name,
  class: 'kernel-stack',
  allocator: 'vmalloc',
  route,
  size: STACK,
  slot: STACK,
  gfp: GFP_VMAP_STACK,
});

const variable = (name: string, classOf: Memory['class']): Subject => ({
  name,
  class: classOf,
  allocator: 'variable',
  route: 'match-all',
  size: VARIABLE,
  slot: VARIABLE,
  gfp: GFP_KERNEL,
});
/** Where a variable is in its frame, or in its page. */
const PLACE_OF_VARIABLE = 1024;
const GLOBAL_SHADOW = [SHADOW.globalRedzone, SHADOW.globalRedzone] as const;
const STACK_SHADOW = [SHADOW.stackLeft, SHADOW.stackRight] as const;
/** Bytes of a variable: whole granules, so that what lies behind it has a granule of its own. */
const VARIABLE = 64;

const TABLE = gfpUnion(GFP_PGTABLE_USER, GFP_COMP);

/** The kinds of memory that are audited, for pages of 4 KiB. */
export const SUBJECTS: readonly Subject[] = [
  slab('slab object of 200', 200, 208),
  { ...slab('slab object of 200, aligned to 64', 200, 256), align: 64 },
  slab('object of 200 with a constructor', 200, 208, 'ctor'),
  slab('typesafe-by-RCU object of 200', 200, 208, 'typesafe-by-rcu'),
  kmalloc(24, 32),
  kmalloc(100, 128),
  kmalloc(600, 1024),
  {
    name: 'kmalloc(20000)',
    class: 'kmalloc-large',
    allocator: 'kmalloc-large',
    route: 'pointer',
    order: 3,
    size: 20000,
    slot: 32768,
    gfp: GFP_KERNEL,
  },
  page('page', 'driver/other', GFP_KERNEL),
  { ...block('block of pages, as large as a stack', 2), stackSized: true },
  block('block of 8 pages', 3),
  page('mmu-gather batch', 'mmu-gather', GFP_NOWAIT),
  page('pipe buffer', 'pipe', GFP_HIGHUSER),
  page('user page', 'user-anon', GFP_HIGHUSER_MOVABLE),
  page('page table, by __va', 'page-table', TABLE, 'match-all'),
  { ...page('page table, by page_address', 'page-table', TABLE), hypothetical: true },
  // arch/arm64/kvm/mmu.c: tables of guests are no GFP_PGTABLE_*, and stage2_free_unlinked_table_rcu_cb reaches one by
  // page_to_virt, which has the tag of the page.
  page('table of a guest, by page_to_virt', 'driver/other', gfpUnion(GFP_KERNEL_ACCOUNT, GFP_ZERO)),
  {
    name: 'vmalloc(8000)',
    class: 'vmalloc',
    allocator: 'vmalloc',
    route: 'pointer',
    size: 8000,
    slot: 8192,
    gfp: GFP_KERNEL,
  },
  stack('kernel stack, by SP', 'match-all'),
  { ...stack('kernel stack, by vm_struct.addr', 'pointer'), hypothetical: true },
  variable('variable on a kernel stack', 'kernel-stack'),
  variable('global variable', 'global'),
  variable('per-CPU variable', 'percpu'),
];

/** Allocates and frees one kind of memory on a kernel. */
export class SubjectAllocator {
  readonly subject: Subject;
  readonly #kernel: TestKernel;
  /** Undefined for kmalloc. */
  readonly #cache: KmemCache | undefined;
  /** What ends the life of a variable, by its address. */
  readonly #variables = new Map<number, () => void>();

  constructor(kernel: TestKernel, subject: Subject) {
    this.subject = subject;
    this.#kernel = kernel;
    const { allocator, cache, size, align } = subject;
    const isOwn = allocator === 'slab' && cache !== 'kmalloc';
    this.#cache = isOwn
      ? kernel.kmem_cache_create('audited', size, {
          typesafeByRcu: cache === 'typesafe-by-rcu',
          ctor: cache === 'ctor',
          ...(align === undefined ? {} : { align }),
        })
      : undefined;
  }

  /** Bytes up to the next owner's memory in the kernel at hand: generic KASAN puts redzones between objects. */
  get slot(): number {
    const { allocator, slot, size, class: classOf } = this.subject;
    if (allocator === 'variable') return slot;
    if (classOf === 'kernel-stack') return this.#kernel.config.threadSize;
    if (allocator !== 'slab') return slot;
    return (this.#cache ?? this.#kernel.kmallocs.cacheFor(size))?.size ?? slot;
  }

  /** Objects of a slab of the cache that is the subject's own; 0 for other memory. */
  get objectsOfSlab(): number {
    return this.#cache?.objects ?? 0;
  }

  /** The pointer that the bug goes through. */
  alloc(): Pointer {
    const p = this.#alloc();
    return this.subject.route === 'match-all' && !this.#hasTaggedVariables ? resetTag(p) : p;
  }

  #alloc(): Pointer {
    const { allocator, size, gfp, order = 0, stackSized = false, class: classOf } = this.subject;
    const k = this.#kernel;
    switch (allocator) {
      case 'slab':
        return this.#cache === undefined ? k.kmalloc(size) : k.kmem_cache_alloc(this.#cache);
      case 'kmalloc-large':
        return k.kmalloc(size);
      case 'page':
        return k.page_address(
          k.alloc_pages(
            stackSized ? Math.log2(k.config.threadSize / k.pageSize) : order,
            gfp,
            classOf === 'global' ? undefined : classOf,
          ),
        );
      case 'vmalloc':
        return k.vmalloc(
          classOf === 'kernel-stack' ? k.config.threadSize : size,
          gfp,
          classOf === 'kernel-stack' ? classOf : 'vmalloc',
        );
      case 'variable':
        return this.#variable();
    }
  }

  get #hasTaggedVariables(): boolean {
    return this.subject.allocator === 'variable' && this.#isInstrumented;
  }

  /** Compilers instrument stack frames in the software builds, and global variables in generic KASAN (lib/Kconfig.kasan). */
  get #isInstrumented(): boolean {
    const { build } = this.#kernel.config;
    const { class: classOf } = this.subject;
    return (build === 'generic' && classOf !== 'percpu') || (build === 'sw-tags' && classOf === 'kernel-stack');
  }

  #variable(): Pointer {
    const k = this.#kernel;
    const { class: classOf, size, gfp } = this.subject;
    if (this.#isInstrumented) {
      const [left, right] = classOf === 'global' ? GLOBAL_SHADOW : STACK_SHADOW;
      const p = k.instrumentedVariable(size, left, right);
      return this.#freedBy(p, () => k.free_pages(Math.floor(addressOf(p) / k.pageSize)));
    }
    if (classOf === 'kernel-stack') {
      const frames = k.vmalloc(k.config.threadSize, gfp, classOf);
      return this.#freedBy(offsetBy(frames, PLACE_OF_VARIABLE), () => k.vfree(frames));
    }
    // The image and the chunks of percpu are mapped untagged (arch/arm64/mm/mmu.c:map_kernel; mm/percpu-vm.c).
    const pfn = k.alloc_pages(0, gfp, classOf === 'percpu' ? classOf : undefined);
    const mapped = k.vmap(pfn);
    return this.#freedBy(offsetBy(mapped, PLACE_OF_VARIABLE), () => {
      k.vunmap(mapped);
      k.free_pages(pfn);
    });
  }

  #freedBy(p: Pointer, free: () => void): Pointer {
    this.#variables.set(addressOf(p), free);
    return p;
  }

  free(p: Pointer): void {
    const k = this.#kernel;
    switch (this.subject.allocator) {
      case 'slab':
        if (this.#cache === undefined) k.kfree(p);
        else k.kmem_cache_free(this.#cache, p);
        return;
      case 'kmalloc-large':
        k.kfree(p);
        return;
      case 'page':
        k.free_pages(Math.floor(addressOf(p) / k.pageSize));
        return;
      case 'vmalloc':
        k.vfree(p);
        return;
      case 'variable':
        this.#variables.get(addressOf(p))?.();
        this.#variables.delete(addressOf(p));
    }
  }
}
