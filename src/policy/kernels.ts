import type { FlagUse, Policy, PolicyRule } from './policy.ts';

/** What the series as merged does; later proposals begin there. */
export const SERIES_RULES: readonly PolicyRule[] = [
  { match: { class: ['kernel-stack', 'page-table'] }, action: 'skip' },
];

/** What kernels before it do. */
export const BEFORE_SERIES_RULES: readonly PolicyRule[] = [
  { match: { class: ['kernel-stack', 'page-table'] }, action: 'tag' },
];

/**
 * Stacks that are no task's (arch/arm64/include/asm/vmap_stack.h:arch_alloc_vmap_stack and its callers in arch/arm64, and
 * x86's): their mask is THREADINFO_GFP. The compiler may have inlined one into the other.
 */
export const OTHER_STACKS: readonly string[] = [
  'arch_alloc_vmap_stack',
  'init_irq_stacks',
  'init_sdei_stack*',
  'arm64_efi_rt_init',
  'irq_init_percpu_irqstack',
];

const FORK_STACKS: FlagUse = {
  where: 'kernel/fork.c:alloc_thread_stack_node, beside GFP_VMAP_STACK and THREADINFO_GFP at both calls',
  class: ['kernel-stack'],
  says: '__GFP_SKIP_KASAN',
  why: 'The stack pointer has no tag. A stack from the cache of its CPU is not unpoisoned either.',
};
const TABLES: FlagUse = {
  where: 'include/asm-generic/pgalloc.h:GFP_PGTABLE_KERNEL, and through it GFP_PGTABLE_USER',
  class: ['page-table'],
  says: '__GFP_SKIP_KASAN',
  why: 'The kernel reaches tables by __va, the MMU by their physical address. A pgd smaller than a page is a slab object, and slab drops the flag.',
};

/** Kernels that there are, or that were sent to the list as patches. */
export const KERNELS: readonly Policy[] = [
  {
    name: 'before-series',
    description:
      'The kernel before the series "KASAN: HW_TAGS: Disable tagging for stack and page-tables": kernel stacks and page tables are tagged when they are allocated and poisoned when they are freed, and a stack from the cache of its CPU is unpoisoned again.',
    source:
      'kernel/fork.c and include/asm-generic/pgalloc.h before the series (measured: 7.3.4 with the series undone)',
    rules: BEFORE_SERIES_RULES,
    otherwise: 'kernel',
  },
  {
    name: 'series-v1',
    description:
      'The series as first sent: the flag stands at the two calls in fork that allocate a stack, and in GFP_PGTABLE_KERNEL. Task stacks and page tables cost what they cost under series, also those from the cache of a CPU and those without VMAP_STACK. What review found missing stays tagged: other users of THREADINFO_GFP, which are the stacks for interrupts, SDEI and EFI (arch_alloc_vmap_stack). These are allocated at boot, so that few traces show them.',
    source:
      'version 1 of the series, 19 March 2026 (20260319114952.3241359-1-usama.anjum@arm.com); its review by Ryan Roberts the same day',
    rules: [{ match: { class: ['kernel-stack'], site: OTHER_STACKS }, action: 'tag' }, ...SERIES_RULES],
    otherwise: 'kernel',
    flags: [
      FORK_STACKS,
      {
        where: 'include/linux/thread_info.h:THREADINFO_GFP, through arch_alloc_vmap_stack',
        class: ['kernel-stack'],
        says: '',
        why: 'Missed: stacks for interrupts, SDEI and EFI are tagged as before.',
      },
      TABLES,
    ],
  },
  {
    name: 'series',
    description:
      'The series as merged, Linux 7.3: kernel stacks and page tables pass __GFP_SKIP_KASAN. No tag is written to them at allocation, at reuse or at free. What is served by slab instead of the page allocator (small pgds, small stacks) stays tagged.',
    source: 'Linux 7.3: GFP_VMAP_STACK, THREADINFO_GFP, GFP_PGTABLE_KERNEL; mm/vmalloc.c:__vmalloc_node_range',
    rules: SERIES_RULES,
    otherwise: 'kernel',
    flags: [
      {
        where: 'kernel/fork.c:GFP_VMAP_STACK',
        class: ['kernel-stack'],
        says: '__GFP_SKIP_KASAN',
        why: 'Task stacks from vmalloc. One from the cache of its CPU is not unpoisoned either.',
      },
      {
        where: 'include/linux/thread_info.h:THREADINFO_GFP',
        class: ['kernel-stack'],
        says: '__GFP_SKIP_KASAN',
        why: 'Stacks without VMAP_STACK, and those for interrupts, SDEI and EFI. Where they are objects of a cache, slab drops the flag.',
      },
      TABLES,
    ],
  },
];
