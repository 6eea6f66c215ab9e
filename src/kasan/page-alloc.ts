import { GFP_SKIP_KASAN, GFP_SKIP_ZERO, GFP_ZERO, GFP_ZEROTAGS, gfpHasAll, type Gfp } from '../gfp/flags.ts';
import { KASAN_TAG_KERNEL, type Tag } from '../mte/tag-machine.ts';
import { hookId } from './hook.ts';
import type { Kasan } from './kasan.ts';
import type { KernelConfig } from './kernel-config.ts';
import { kasan_poison, kasan_unpoison } from './poison.ts';

const UNPOISON_PAGES = hookId('__kasan_unpoison_pages');
const POISON_PAGES = hookId('__kasan_poison_pages');
const TAG_CLEAR_HIGHPAGES = hookId('tag_clear_highpages');
const CLEAR_AT_ALLOC = hookId('clear_pages (alloc)');
const CLEAR_AT_FREE = hookId('clear_pages (free)');

/** Bytes of a block of pages. */
const blockBytes = (config: KernelConfig, order: number): number => config.pageSize * (1 << order);

/** mm/page_alloc.c:should_skip_kasan_unpoison, 7.3. The software builds have no flag to skip by. */
export const should_skip_kasan_unpoison = ({ config, rules }: Kasan, gfp: Gfp): boolean =>
  !config.kasan || (rules.skipFlags && gfpHasAll(gfp, GFP_SKIP_KASAN));

/**
 * mm/kasan/common.c:__kasan_unpoison_pages, 7.3: one random tag for the whole block, unless the allocation is sampled
 * out. There is no highmem on arm64.
 *
 * @returns the page tag of the block: KASAN_TAG_KERNEL if it was sampled out
 */
export function __kasan_unpoison_pages(kasan: Kasan, cpu: number, address: number, order: number, init: boolean): Tag {
  if (!kasan.sampler.kasan_sample_page_alloc(cpu, order)) return KASAN_TAG_KERNEL;
  kasan.enter(UNPOISON_PAGES);
  const tag = kasan.machine.irg();
  kasan_unpoison(kasan, address, blockBytes(kasan.config, order), tag, init);
  return tag;
}

/**
 * mm/page_alloc.c:post_alloc_hook, 7.3: tags and zeroes a block of 2^order pages that leaves the page allocator.
 *
 * @param address of the block in the linear map; a multiple of the page size, so 0 serves where only counts matter
 * @param gfp the effective mask: with __GFP_SKIP_KASAN and __GFP_SKIP_ZERO where the kernel in question passes them
 * @returns the page tag that each page of the block has from now on
 */
export function post_alloc_hook(kasan: Kasan, cpu: number, address: number, order: number, gfp: Gfp): Tag {
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
  const tag = should_skip_kasan_unpoison(kasan, gfp)
    ? KASAN_TAG_KERNEL
    : __kasan_unpoison_pages(kasan, cpu, address, order, init);
  if (init && (tag === KASAN_TAG_KERNEL || !integratedInit)) clear_pages(kasan, address, blockBytes(config, order));
  return tag;
}

/** arch/arm64/lib/clear_page.S:clear_page over whole pages at allocation: zeroes them and leaves their tags. */
export function clear_pages(kasan: Kasan, address: number, size: number): void {
  kasan.enter(CLEAR_AT_ALLOC);
  kasan.machine.clearPages(address, size);
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
  const { tags, integratedInit } = kasan.rules;
  // mm/page_alloc.c:should_skip_kasan_poison: without page tags nothing is skipped.
  const poisons = config.kasan && (!tags || pageTag !== KASAN_TAG_KERNEL);
  if (poisons) {
    kasan.enter(POISON_PAGES);
    kasan_poison(kasan, address, size, kasan.rules.poison.pageFree, config.initOnFree);
  }
  if (config.initOnFree && !(poisons && integratedInit)) {
    kasan.enter(CLEAR_AT_FREE);
    kasan.machine.clearPages(address, size);
  }
}
