import { SERIES_RULES } from './kernels.ts';
import type { Policy } from './policy.ts';

const RFC = 'kasan.tag_only_on_alloc, RFC of 12 June 2026 (20260612044425.763060-1-dev.jain@arm.com)';

/** The series, and beside it other times at which tags are written. */
export const TIMING_POLICIES: readonly Policy[] = [
  {
    name: 'tag-only-on-alloc',
    description:
      'The series, and nothing is poisoned when it is freed: neither pages nor slab objects, nor elements of a mempool. Redzones and new slabs are marked as before, and every allocation draws its tag. Freed memory keeps its tag, so use after free is found only once somebody else has the memory, and a double free is not found at all; a page that goes to user space, a stack or a page table keeps the tag for as long as it is there.',
    source: RFC,
    rules: SERIES_RULES,
    otherwise: 'kernel',
    kasan: { freedPages: 'keep', freedObjects: 'keep' },
  },
  {
    name: 'tag-only-on-alloc-poison-pages',
    description:
      'The series, and slab objects are not poisoned when they are freed; pages are. The answer to tag-only-on-alloc: short-lived objects are where poisoning is done most often, and a freed page that goes to somebody who is never tagged is still found by a stale pointer.',
    source: `Catalin Marinas in the thread of ${RFC}: keep kasan_poison_pages, skip the poisoning of slab`,
    rules: SERIES_RULES,
    otherwise: 'kernel',
    kasan: { freedObjects: 'keep' },
  },
  {
    name: 'tag-on-free',
    description:
      'The series, and freed memory gets a fresh random tag instead of poison, which its next owner takes over: a single page or a slab object costs nothing more when it is allocated, but for the redzone of a kmalloc. Blocks of several pages, which the buddy allocator may put together from pages with different tags, and vmalloc areas are tagged at allocation too; a new slab gives each object its first tag, and tags its pages when it is freed. A large kmalloc that was sampled out gets no redzone, since its pages go on as they are; and pages of programs that use MTE themselves (PROT_MTE), which come back with the tags of the program, would have to be tagged at free too, which is not modelled. Caches with a constructor or SLAB_TYPESAFE_BY_RCU stay as they are. A stale pointer meets another tag in 13 of 14 cases from the free on, and never the poison that it cannot match.',
    source: 'bugzilla 212189 (2021), "consider not tagging on alloc"; the thread of the RFC of June 2026',
    rules: SERIES_RULES,
    otherwise: 'kernel',
    kasan: { freedPages: 'redraw', freedObjects: 'redraw' },
  },
  {
    name: 'skip-new-slab',
    description:
      'The series, and slab asks the page allocator for pages with __GFP_SKIP_KASAN: a new slab is marked once, by kasan_poison_slab, and not given a random tag just before. kasan_poison_slab itself has to stay, since pages that were user memory, stacks or page tables before come without poison. Nothing else changes, and nothing is detected less.',
    source:
      'bugzilla 218321; "mm/slub: hw_tags: skip page-allocator unpoisoning on slab allocation", Dev Jain, 13 May 2026',
    rules: SERIES_RULES,
    otherwise: 'kernel',
    kasan: { newSlabs: 'skip' },
    flags: [
      {
        where: 'mm/slub.c:alloc_slab_page',
        class: ['slab-page'],
        says: '__GFP_SKIP_KASAN',
        why: 'kasan_poison_slab marks the same memory right after.',
      },
    ],
  },
  {
    name: 'skip-large-kmalloc',
    description:
      'The series, and a kmalloc too large for a slab cache gets its pages with __GFP_SKIP_KASAN: neither tagged nor poisoned by the page allocator. Its pointer matches all tags, so its redzone would never be noticed and is not written either (as bugzilla 218358 asks for pages that are sampled out). Read strictly, as skipping; were kmalloc to tag these pages itself, only what is written twice today would be saved.',
    source: 'bugzilla 218322: the work of the page allocator for large kmalloc; bugzilla 218358',
    rules: [...SERIES_RULES, { match: { class: ['kmalloc-large'] }, action: 'skip' }],
    otherwise: 'kernel',
    flags: [
      {
        where: 'mm/slub.c:___kmalloc_large_node',
        class: ['kmalloc-large'],
        says: '__GFP_SKIP_KASAN',
        why: 'Overflow and use after free of large kmallocs are not found any more.',
      },
    ],
  },
];
