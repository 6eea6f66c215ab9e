import type { AllocationClass } from '../base/allocation-class.ts';
import type { KasanChanges } from '../base/kasan-changes.ts';
import type { SiteLifetimes, SiteWork } from '../result/result.ts';

/** A call site as rules look at it. */
export interface SiteFacts extends SiteWork {
  /** Of all tag-setting instructions, 0 … 1. */
  readonly share: number;
  /** Bytes of a page. */
  readonly pageSize: number;
  /** Undefined where the trace shows nothing of it ending. */
  readonly lifetimes: SiteLifetimes | undefined;
}

/**
 * What would be done about the call sites that a rule finds: their memory is skipped, the hooks do otherwise, or their own
 * code would have to do with less, which no policy can say.
 */
export type Remedy = { readonly skip: 'sites' } | { readonly kasan: Partial<KasanChanges> } | { readonly code: 'less' };

/** Memory that costs tag work and that a kernel may want to leave untagged, and how it is recognised. */
export interface AdviceRule {
  readonly id: AdviceId;
  readonly title: string;
  /** What it rests on: a property of the kernel, with where that can be read. */
  readonly because: string;
  /** What would have to be changed. */
  readonly change: string;
  /** Why it applies to a call site, in a few words; undefined if it does not. */
  readonly evidence: (site: SiteFacts) => string | undefined;
  readonly remedy: Remedy;
  /** The class whose memory is audited in place of a call site's own; undefined: its own, if the audit knows it. */
  readonly auditedAs?: (own: AllocationClass) => AllocationClass;
}

export type AdviceId =
  | 'match-all'
  | 'tagged-twice'
  | 'user-data'
  | 'gather-batches'
  | 'device-buffers'
  | 'gone-at-once'
  | 'objects-gone-at-once'
  | 'large-blocks';

/** What lives no longer than this, for the most part, is gone at once: nanoseconds. */
const AT_ONCE = 65_536;
/** So many must have been seen to end before anything is said of how long they live. */
const MIN_ENDED = 16;
/** kasan.page_alloc.sample.order= by default (mm/kasan/hw_tags.c). */
const LARGE_ORDER = 3;
/** Objects below this cost next to nothing. */
const LARGE_OBJECT = 1024;

const of =
  (classes: readonly AllocationClass[], words: string) =>
  (site: SiteFacts): string | undefined =>
    classes.includes(site.class) ? words : undefined;

/** Memory that has a mask of its own: objects have none that slab would honour, and pages of a slab are slab's. */
const isPages = ({ class: name }: SiteFacts): boolean => name !== 'slab-object' && name !== 'slab-page';

function goneAtOnce({ lifetimes, allocations }: SiteFacts): string | undefined {
  if (lifetimes === undefined || lifetimes.ended < MIN_ENDED || lifetimes.ended < 0.5 * allocations) return undefined;
  if (lifetimes.ninetieth > AT_ONCE) return undefined;
  return `90 % are gone in ${Math.ceil(lifetimes.ninetieth / 1000)} us`;
}

/**
 * Functions that allocate data that devices read and write: coherent and pooled DMA memory, the pages of page_pool, copies
 * for block I/O, and fragments that payload is copied into. What drivers keep about a transfer (requests, scatterlists,
 * tables of an IOMMU, heads of socket buffers) is not among them: there are pointers in it.
 */
const DEVICE_SITES =
  /^(?:_*dma_alloc_\w+|dma_pool_alloc|dma_direct_alloc\w*|_*iommu_dma_alloc_\w+|page_pool_\w+|bio_copy_\w+|skb_page_frag_refill|alloc_skb_with_frags)$/;

/** kernel/scs.c: __scs_alloc gives its pointer back with its tag reset, and x18 is loaded with it. */
const SHADOW_STACK_SITES = /^(?:_*scs_alloc|scs_prepare|init_irq_scs)$/;

/** The rules in order: a call site belongs to the first that finds it. */
export const ADVICE_RULES: readonly AdviceRule[] = [
  {
    id: 'match-all',
    title: 'Leave untagged what is only reached through match-all pointers',
    because:
      'The stack pointer, x18 and the addresses that page tables hold have no tag, so nothing that they reach is ever checked (kernel/fork.c, kernel/scs.c, include/asm-generic/pgalloc.h): tagging it detects nothing.',
    change: 'Pass __GFP_SKIP_KASAN where it is allocated, as Linux 7.3 does for stacks and page tables.',
    evidence: (site) =>
      site.class === 'kernel-stack' || site.class === 'page-table'
        ? `class ${site.class}`
        : SHADOW_STACK_SITES.test(site.site)
          ? 'a shadow call stack, which x18 points to'
          : undefined,
    remedy: { skip: 'sites' },
    // A shadow call stack is reached as a stack is.
    auditedAs: (own) => (own === 'page-table' ? own : 'kernel-stack'),
  },
  {
    id: 'tagged-twice',
    title: 'Mark new slabs once instead of twice',
    because:
      'The page allocator gives a new slab a random tag, and kasan_poison_slab overwrites it right after (mm/slub.c:allocate_slab; bugzilla 218321).',
    change: 'mm/slub.c:alloc_slab_page passes __GFP_SKIP_KASAN; kasan_poison_slab stays.',
    evidence: ({ class: name, allocations }) => (name === 'slab-page' ? `${allocations} new slabs` : undefined),
    remedy: { kasan: { newSlabs: 'skip' } },
  },
  {
    id: 'user-data',
    title: 'Leave untagged what holds data of user space',
    because:
      'The kernel copies it in and out with lengths that it checks, and keeps no pointers in it; GFP_HIGHUSER_MOVABLE skips such pages already (include/linux/gfp_types.h), masks without __GFP_MOVABLE do not.',
    change: 'Add __GFP_SKIP_KASAN to the mask of the call site.',
    evidence: of(['user-anon', 'user-file', 'pipe'], 'data of user space'),
    remedy: { skip: 'sites' },
  },
  {
    id: 'gather-batches',
    title: 'Leave untagged the batch pages of TLB teardown',
    because:
      'A batch is an array of page pointers that mm/mmu_gather.c alone writes and reads, up to a bound in the batch itself, and it is freed when the mappings are gone.',
    change: 'mm/mmu_gather.c:tlb_next_batch and tlb_remove_table add __GFP_SKIP_KASAN to GFP_NOWAIT.',
    evidence: of(['mmu-gather'], 'batches of mmu_gather'),
    remedy: { skip: 'sites' },
  },
  {
    id: 'device-buffers',
    title: 'Leave untagged buffers for devices',
    because:
      'Devices read and write them by physical address, which no tag check sees; what the CPU does with them is still checked today.',
    change: 'Add __GFP_SKIP_KASAN where the buffer is allocated; see that the CPU reaches it with bounds of its own.',
    evidence: ({ site, class: name }) =>
      DEVICE_SITES.test(site) && name !== 'slab-object' ? `by its name: ${site}` : undefined,
    remedy: { skip: 'sites' },
  },
  {
    id: 'gone-at-once',
    title: 'Leave untagged pages that are freed at once',
    because:
      'Both ends of so short a life are paid for in full, and a stale pointer has little time to be used before the pages are somebody else’s.',
    change: 'Add __GFP_SKIP_KASAN to the mask of the call site, or keep the pages and use them again.',
    evidence: (site) => (isPages(site) ? goneAtOnce(site) : undefined),
    remedy: { skip: 'sites' },
  },
  {
    id: 'objects-gone-at-once',
    title: 'Do without large objects that are freed at once',
    because:
      'An object is tagged as a whole, however little of it is used: getname takes 4 KiB for a path on kernels before 7.3 (fs/namei.c:getname_flags).',
    change: 'No flag does it: SLUB drops __GFP_SKIP_KASAN. A smaller object would, or one that is kept and used again.',
    evidence: (site) =>
      site.class === 'slab-object' && site.bytes >= LARGE_OBJECT * site.allocations ? goneAtOnce(site) : undefined,
    remedy: { code: 'less' },
  },
  {
    id: 'large-blocks',
    title: 'Sample large blocks of pages',
    because:
      'Few allocations are large, and they are most of the pages: assigning tags to them was one of the two costs that mattered on a Pixel 8 (Andrey Konovalov, February 2025).',
    change: 'Boot with kasan.page_alloc.sample=10: of page allocations of order 3 and more one in ten is tagged.',
    evidence: ({ class: name, bytes, allocations, pageSize }) =>
      name !== 'slab-object' &&
      name !== 'vmalloc' &&
      allocations > 0 &&
      bytes >= allocations * (pageSize << LARGE_ORDER)
        ? `${allocations} blocks of ${Math.round(bytes / allocations / 1024)} KiB on average`
        : undefined,
    remedy: { kasan: { sample: { every: 10, order: LARGE_ORDER } } },
  },
];
