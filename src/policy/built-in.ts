import type { Policy } from './policy.ts';

/** The policies that can be named without a file. */
export const BUILT_IN_POLICIES: readonly Policy[] = [
  {
    name: 'before-series',
    description:
      'The kernel before the series "KASAN: HW_TAGS: Disable tagging for stack and page-tables": kernel stacks and page tables are tagged when they are allocated and poisoned when they are freed, and a stack from the cache of its CPU is unpoisoned again.',
    source:
      'kernel/fork.c and include/asm-generic/pgalloc.h before the series (measured: 7.3.4 with the series undone)',
    rules: [{ match: { class: ['kernel-stack', 'page-table'] }, action: 'tag' }],
    otherwise: 'kernel',
  },
  {
    name: 'series',
    description:
      'The series as merged, Linux 7.3: kernel stacks and page tables pass __GFP_SKIP_KASAN. No tag is written to them at allocation, at reuse or at free. What is served by slab instead of the page allocator (small pgds, small stacks) stays tagged.',
    source: 'Linux 7.3: GFP_VMAP_STACK, THREADINFO_GFP, GFP_PGTABLE_KERNEL; mm/vmalloc.c:__vmalloc_node_range',
    rules: [{ match: { class: ['kernel-stack', 'page-table'] }, action: 'skip' }],
    otherwise: 'kernel',
  },
  {
    name: 'all',
    description:
      'Every allocation is tagged, user memory too: what tagging would cost if no allocation could opt out. Not a kernel that exists; the upper end of the scale.',
    source: 'a bound',
    rules: [],
    otherwise: 'tag',
  },
  {
    name: 'none',
    description: 'Nothing is tagged. The lower end of the scale: what remains is the zeroing that was asked for.',
    source: 'a bound',
    rules: [],
    otherwise: 'skip',
  },
];

export const DEFAULT_POLICY = 'before-series';
