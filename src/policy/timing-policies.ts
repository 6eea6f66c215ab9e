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
      'The series, and slab asks the page allocator for pages with __GFP_SKIP_KASAN: a new slab is marked once, by kasan_poison_slab, and not given a random tag just before. kasan_poison_slab stays (leave-new-slab drops it too), since pages that were user memory, stacks or page tables before come without poison. Nothing else changes, and nothing is detected less.',
    source:
      'bugzilla 218321, its second step; "mm/slub: hw_tags: skip page-allocator unpoisoning on slab allocation", Dev Jain, 13 May 2026',
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
    name: 'leave-new-slab',
    description:
      'skip-new-slab, and kasan_poison_slab is dropped as well: objects are unpoisoned and poisoned one by one anyway. A new slab then has the tags that its pages came with. Pages that were tagged before are poisoned; pages that were user memory, a stack or a page table have whatever tag they had, and so have pages that nobody was given since boot. An overflow into an object that nobody had yet, or into the padding between the objects of an aligned cache, is missed where that tag is the same: once in 14, and for as long as the slab lives.',
    source: 'bugzilla 218321 (2024), both steps: "we can thus make kasan_poison_slab no-op for the tag-based modes"',
    rules: SERIES_RULES,
    otherwise: 'kernel',
    kasan: { newSlabs: 'leave' },
    flags: [
      {
        where: 'mm/slub.c:alloc_slab_page',
        class: ['slab-page'],
        says: '__GFP_SKIP_KASAN',
        why: 'Nothing marks the pages: objects are marked when they are given out and taken back.',
      },
    ],
  },
  {
    name: 'skip-large-kmalloc',
    description:
      'The series, and a kmalloc too large for a slab cache gets its pages with __GFP_SKIP_KASAN: neither tagged nor poisoned by the page allocator. Its pointer matches all tags, so its redzone would never be noticed and is not written either (as bugzilla 218358 asks for pages that are sampled out). The flag alone, without the other half of the proposal; kmalloc-large-in-hooks has both.',
    source: 'bugzilla 218322 read as skipping alone; bugzilla 218358',
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
  {
    name: 'kmalloc-large-in-hooks',
    description:
      'The series, and a kmalloc too large for a slab cache gets its pages with __GFP_SKIP_KASAN, and its tags from its own hooks: kasan_kmalloc_large unpoisons what is asked for and poisons the end, kasan_kfree_large poisons the pages. Detection stays, and the end is not written twice. Page sampling does not reach these allocations any more. Zeroing and tagging fall apart, since the page allocator zeroes what it does not tag; and page_address of such a page matches all tags.',
    source:
      'bugzilla 218322 (2024): "skip (un)poisoning of large kmalloc allocations in page_alloc via __GFP_SKIP_KASAN and (un)poison them in kasan_kmalloc/kfree_large instead"',
    rules: SERIES_RULES,
    otherwise: 'kernel',
    kasan: { largeKmalloc: 'hooks' },
    flags: [
      {
        where: 'mm/slub.c:___kmalloc_large_node',
        class: ['kmalloc-large'],
        says: '__GFP_SKIP_KASAN',
        why: 'kasan_kmalloc_large and kasan_kfree_large mark the memory instead.',
      },
    ],
  },
  {
    name: 'distinct-tags',
    description:
      'The series, and a tag that is drawn differs from the one that the memory had before, and from those of the slab objects, or granules of the page allocator, on both sides: use after free is found after the first reuse too, and a linear overflow always. The old tag is known without a look at memory (the pointer in the freelist, the flags of the page); each side costs one LDG, and IRG takes the mask. A tag may come again after two reuses. Caches with a constructor or SLAB_TYPESAFE_BY_RCU stay as they are, since objects that nobody has show no tag to their neighbours; vmalloc areas have guard pages.',
    source:
      'bugzilla 203505 (2019), "guaranteed detection of linear buffer overflow", and 212177 (2021), "improve use-after-reallocate detection"; the list, June 2026',
    rules: SERIES_RULES,
    otherwise: 'kernel',
    kasan: { draws: 'distinct' },
  },
];
