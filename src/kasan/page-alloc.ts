import { GFP_SKIP_KASAN, GFP_SKIP_ZERO, GFP_ZERO, GFP_ZEROTAGS, gfpHasAll, type Gfp } from '../gfp/flags.ts';
import { KASAN_TAG_KERNEL, type Tag } from '../mte/tag-machine.ts';
import { hookId } from './hook.ts';
import type { Kasan } from './kasan.ts';
import type { KernelConfig } from './kernel-config.ts';
import { GRANULE_BYTES } from '../base/units.ts';
import { drawTag, kasan_poison, kasan_unpoison } from './poison.ts';

const UNPOISON_PAGES = hookId('__kasan_unpoison_pages');
const POISON_PAGES = hookId('__kasan_poison_pages');
const TAG_CLEAR_HIGHPAGES = hookId('tag_clear_highpages');
const CLEAR_AT_ALLOC = hookId('clear_pages (alloc)');
const CLEAR_AT_FREE = hookId('clear_pages (free)');

/** Bytes of a block of pages. */
const blockBytes = (config: KernelConfig, order: number): number => config.pageSize * (1 << order);

/** What is known of pages that are unpoisoned. */
interface PagesBefore {
  /** They are zeroed with the same instructions. */
  readonly init: boolean;
  /** Of the first one, from its last owner. */
  readonly pageTag: Tag;
}

/** mm/page_alloc.c:should_skip_kasan_unpoison, 7.3. The software builds have no flag to skip by. */
export const should_skip_kasan_unpoison = ({ config, rules }: Kasan, gfp: Gfp): boolean =>
  !config.kasan || (rules.skipFlags && gfpHasAll(gfp, GFP_SKIP_KASAN));

/**
 * mm/kasan/common.c:__kasan_unpoison_pages, 7.3: one random tag for the whole block, unless the allocation is sampled
 * out. There is no highmem on arm64.
 *
 * @returns the page tag of the block: KASAN_TAG_KERNEL if it was sampled out
 */
export function __kasan_unpoison_pages(
  kasan: Kasan,
  cpu: number,
  address: number,
  order: number,
  { init, pageTag }: PagesBefore,
): Tag {
  if (!kasan.sampler.kasan_sample_page_alloc(cpu, order)) return KASAN_TAG_KERNEL;
  kasan.enter(UNPOISON_PAGES);
  const tag = drawTag(kasan, pageTag, [address - GRANULE_BYTES, address + blockBytes(kasan.config, order)]);
  kasan_unpoison(kasan, address, blockBytes(kasan.config, order), tag, init);
  return tag;
}

/**
 * What a kernel that tags pages when they are freed would do instead of `__kasan_unpoison_pages`: a page comes with the tag
 * that was drawn for it, and its page tag is set to that. A larger block may have been put together from pages of several
 * frees (mm/page_alloc.c:__free_one_page), each with a tag of its own, and has to be tagged.
 */
function takeOverPages(kasan: Kasan, cpu: number, address: number, order: number): Tag {
  if (!kasan.sampler.kasan_sample_page_alloc(cpu, order)) return KASAN_TAG_KERNEL;
  kasan.enter(UNPOISON_PAGES);
  return kasan.machine.ldg(address);
}

/**
 * mm/mm_init.c:memblock_free_all: memory comes to the page allocator for the first time. A kernel that tags pages when they
 * are freed has to begin here; others leave what is there (mm/page_alloc.c:should_skip_kasan_poison). To the page allocator
 * this is a free (mm/page_alloc.c:__free_pages_core), which comes before any workload: whoever boots keeps it off the account.
 */
export function memblock_free_all(kasan: Kasan, address: number, bytes: number): void {
  const { config, changes, machine } = kasan;
  if (!config.kasan || changes.freedPages !== 'redraw') return;
  kasan.enter(POISON_PAGES);
  for (let at = address; at < address + bytes; at += config.pageSize)
    kasan_unpoison(kasan, at, config.pageSize, machine.irg(), false);
}

/**
 * mm/page_alloc.c:post_alloc_hook, 7.3: tags and zeroes a block of 2^order pages that leaves the page allocator.
 *
 * @param address of the block in the linear map; a multiple of the page size, so 0 serves where only counts matter
 * @param gfp the effective mask: with __GFP_SKIP_KASAN and __GFP_SKIP_ZERO where the kernel in question passes them
 * @param pageTag that the first page has from its last owner, if that is known
 * @returns the page tag that each page of the block has from now on
 */
export function post_alloc_hook(
  kasan: Kasan,
  cpu: number,
  address: number,
  order: number,
  gfp: Gfp,
  pageTag: Tag = KASAN_TAG_KERNEL,
): Tag {
  const { config, machine } = kasan;
  const { skipFlags, integratedInit } = kasan.rules;
  let init =
    !config.initOnFree &&
    (config.initOnAlloc || gfpHasAll(gfp, GFP_ZERO)) &&
    !(config.kasan && skipFlags && gfpHasAll(gfp, GFP_SKIP_ZERO));
  if (gfpHasAll(gfp, GFP_ZEROTAGS)) {
    kasan.enter(TAG_CLEAR_HIGHPAGES);
    machine.clearPageTags(address, blockBytes(config, order), init);
    init = false;
  }
  const takesOver = kasan.changes.freedPages === 'redraw' && order === 0;
  const tag = should_skip_kasan_unpoison(kasan, gfp)
    ? KASAN_TAG_KERNEL
    : takesOver
      ? takeOverPages(kasan, cpu, address, order)
      : __kasan_unpoison_pages(kasan, cpu, address, order, { init, pageTag });
  const isZeroed = integratedInit && tag !== KASAN_TAG_KERNEL && !takesOver;
  if (init && !isZeroed) clear_pages(kasan, address, blockBytes(config, order));
  return tag;
}

/** arch/arm64/lib/clear_page.S:clear_page over whole pages at allocation: zeroes them and leaves their tags. */
export function clear_pages(kasan: Kasan, address: number, size: number): void {
  kasan.enter(CLEAR_AT_ALLOC);
  kasan.machine.clearPages(address, size);
}

/**
 * mm/kasan/common.c:__kasan_poison_pages, 7.3: nobody may touch the block any more.
 *
 * @returns whether it was zeroed with the same instructions, if it is to be
 */
function __kasan_poison_pages(kasan: Kasan, address: number, size: number, { init, pageTag }: PagesBefore): boolean {
  const { changes, rules } = kasan;
  if (changes.freedPages === 'keep') return false;
  kasan.enter(POISON_PAGES);
  if (changes.freedPages === 'redraw')
    kasan_unpoison(kasan, address, size, drawTag(kasan, pageTag, [address - GRANULE_BYTES, address + size]), init);
  else kasan_poison(kasan, address, size, rules.poison.pageFree, init);
  return rules.integratedInit;
}

/**
 * mm/page_alloc.c:__free_pages_prepare, 7.3: poisons a block that goes back to the page allocator. The free side sees
 * no gfp flags; only the page tag tells whether the block was tagged.
 *
 * @param address of the block in the linear map, see `post_alloc_hook`
 * @param pageTag of the head page
 */
export function __free_pages_prepare(kasan: Kasan, address: number, order: number, pageTag: Tag): void {
  const { config } = kasan;
  const size = blockBytes(config, order);
  // mm/page_alloc.c:should_skip_kasan_poison: without page tags nothing is skipped.
  const poisons = config.kasan && (!kasan.rules.tags || pageTag !== KASAN_TAG_KERNEL);
  const isZeroed = poisons && __kasan_poison_pages(kasan, address, size, { init: config.initOnFree, pageTag });
  if (config.initOnFree && !isZeroed) {
    kasan.enter(CLEAR_AT_FREE);
    kasan.machine.clearPages(address, size);
  }
}
