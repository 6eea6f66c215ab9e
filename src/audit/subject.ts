import type { AllocationClass } from '../base/allocation-class.ts';
import type { TestKernel } from '../conform/test-kernel.ts';
import { GFP_COMP, gfpUnion, type Gfp } from '../gfp/flags.ts';
import {
  GFP_HIGHUSER,
  GFP_HIGHUSER_MOVABLE,
  GFP_KERNEL,
  GFP_NOWAIT,
  GFP_PGTABLE_USER,
  GFP_VMAP_STACK,
} from '../gfp/masks.ts';
import type { KmemCache } from '../mm/kmem-cache.ts';
import { addressOf, resetTag, type Pointer } from '../mte/pointer.ts';

/** Which allocator a kind of memory comes from: that decides what a bug meets. */
export type Allocator = 'slab' | 'kmalloc-large' | 'page' | 'vmalloc';

/**
 * How memory is reached: by the pointer that the allocator gave, or in the way that the kernel has for this kind of
 * memory, which leaves the tag away (page tables by __va, stacks by SP, user pages by page_address).
 */
export type Route = 'pointer' | 'match-all';

/** A kind of memory that bugs are injected into. */
export interface Subject {
  readonly name: string;
  readonly class: AllocationClass;
  readonly allocator: Allocator;
  readonly route: Route;
  /** The kernel itself does not go this way; code that keeps the allocator's pointer would. */
  readonly hypothetical?: boolean;
  /** Bytes asked for; of a stack, with hardware tags. */
  readonly size: number;
  /** Bytes up to the next owner's memory. */
  readonly slot: number;
  /** A block of as many pages as a kernel stack has. */
  readonly stackSized?: boolean;
  /** SLAB_TYPESAFE_BY_RCU: freed objects stay accessible. */
  readonly typesafeByRcu?: boolean;
  /** The mask that the kernel passes. */
  readonly gfp: Gfp;
}

const PAGE = 4096;
const STACK = 16384;

const slab = (name: string, size: number, slot: number): Subject => ({
  name,
  class: 'slab-object',
  allocator: 'slab',
  route: 'pointer',
  size,
  slot,
  gfp: GFP_KERNEL,
});

const page = (name: string, classOf: AllocationClass, gfp: Gfp, route: Route = 'pointer'): Subject => ({
  name,
  class: classOf,
  allocator: 'page',
  route,
  size: PAGE,
  slot: PAGE,
  gfp,
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

const TABLE = gfpUnion(GFP_PGTABLE_USER, GFP_COMP);

/** The kinds of memory that are audited, for pages of 4 KiB. */
export const SUBJECTS: readonly Subject[] = [
  slab('slab object of 200', 200, 208),
  { ...slab('typesafe-by-RCU object of 200', 200, 208), typesafeByRcu: true },
  slab('kmalloc(24)', 24, 32),
  slab('kmalloc(100)', 100, 128),
  slab('kmalloc(600)', 600, 1024),
  {
    name: 'kmalloc(20000)',
    class: 'kmalloc-large',
    allocator: 'kmalloc-large',
    route: 'pointer',
    size: 20000,
    slot: 32768,
    gfp: GFP_KERNEL,
  },
  page('page', 'driver/other', GFP_KERNEL),
  {
    ...page('block of pages, as large as a stack', 'driver/other', GFP_KERNEL),
    stackSized: true,
    size: STACK,
    slot: STACK,
  },
  page('mmu-gather batch', 'mmu-gather', GFP_NOWAIT),
  page('pipe buffer', 'pipe', GFP_HIGHUSER),
  page('user page', 'user-anon', GFP_HIGHUSER_MOVABLE),
  page('page table, by __va', 'page-table', TABLE, 'match-all'),
  { ...page('page table, by page_address', 'page-table', TABLE), hypothetical: true },
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
];

/** Allocates and frees one kind of memory on a kernel. */
export class SubjectAllocator {
  readonly subject: Subject;
  readonly #kernel: TestKernel;
  /** Undefined for kmalloc. */
  readonly #cache: KmemCache | undefined;

  constructor(kernel: TestKernel, subject: Subject) {
    this.subject = subject;
    this.#kernel = kernel;
    const isCache = subject.allocator === 'slab' && !subject.name.startsWith('kmalloc');
    this.#cache = isCache
      ? kernel.kmem_cache_create('audited', subject.size, { typesafeByRcu: subject.typesafeByRcu === true })
      : undefined;
  }

  /** Bytes up to the next owner's memory in the kernel at hand: generic KASAN puts redzones between objects. */
  get slot(): number {
    const { allocator, slot, size, class: classOf } = this.subject;
    if (classOf === 'kernel-stack') return this.#kernel.config.threadSize;
    if (allocator !== 'slab') return slot;
    return (this.#cache ?? this.#kernel.kmallocs.cacheFor(size))?.size ?? slot;
  }

  /** The pointer that the bug goes through. */
  alloc(): Pointer {
    const p = this.#alloc();
    return this.subject.route === 'match-all' ? resetTag(p) : p;
  }

  #alloc(): Pointer {
    const { allocator, size, gfp, stackSized = false, class: classOf } = this.subject;
    const k = this.#kernel;
    switch (allocator) {
      case 'slab':
        return this.#cache === undefined ? k.kmalloc(size) : k.kmem_cache_alloc(this.#cache);
      case 'kmalloc-large':
        return k.kmalloc(size);
      case 'page':
        return k.page_address(
          k.alloc_pages(stackSized ? Math.log2(k.config.threadSize / k.pageSize) : 0, gfp, classOf),
        );
      case 'vmalloc':
        return k.vmalloc(classOf === 'kernel-stack' ? k.config.threadSize : size, gfp, classOf);
    }
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
    }
  }
}
