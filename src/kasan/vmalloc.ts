import { roundUp } from '../base/units.ts';
import { GFP_SKIP_KASAN, GFP_SKIP_ZERO, GFP_ZERO, gfpHasAll, gfpUnion, type Gfp } from '../gfp/flags.ts';
import { KASAN_TAG_KERNEL, type Tag } from '../mte/tag-machine.ts';
import { hookId } from './hook.ts';
import type { Kasan } from './kasan.ts';
import type { KernelConfig } from './kernel-config.ts';
import { modeRules } from './mode-rules.ts';
import { clear_pages } from './page-alloc.ts';
import { kasan_poison, kasan_poison_last_granule, kasan_unpoison, wholeGranules } from './poison.ts';

const UNPOISON_VMALLOC = hookId('__kasan_unpoison_vmalloc');
const POISON_VMALLOC = hookId('__kasan_poison_vmalloc');
const VREALLOC = hookId('__kasan_vrealloc');

/**
 * Whether the page allocator is asked neither to tag nor to zero the pages of an area, since vmalloc sees to both: under
 * HW_TAGS, whatever kasan.vmalloc says. The software builds mark what is mapped, apart from the pages.
 */
const takesOverPages = (config: KernelConfig, skip: boolean): boolean =>
  config.kasan && !skip && !modeRules(config).vmallocMarks;

/** Whether vmalloc tags the pages of an area. With kasan.vmalloc=off it takes them over, and only zeroes them. */
export const vmallocTags = (config: KernelConfig, skip: boolean): boolean =>
  takesOverPages(config, skip) && config.vmalloc;

/**
 * mm/vmalloc.c:__vmalloc_node_range, 7.3, step that makes the mask for the backing pages of a PAGE_KERNEL area. It does
 * not ask for kasan.vmalloc: with that off nobody tags these pages, at allocation or at free (measured on 7.3.4).
 *
 * @param gfp what the caller of vmalloc passes
 * @param skip the caller passes __GFP_SKIP_KASAN
 */
export function vmallocPageGfp(config: KernelConfig, gfp: Gfp, skip: boolean): Gfp {
  if (skip) return gfpUnion(gfp, GFP_SKIP_KASAN);
  return takesOverPages(config, skip) ? gfpUnion(gfp, GFP_SKIP_KASAN, GFP_SKIP_ZERO) : gfp;
}

/**
 * mm/kasan/hw_tags.c:__kasan_unpoison_vmalloc, 7.3: tags a vmalloc area as one range through its own mapping, and
 * poisons (and zeroes) the rest of its last page. With kasan.vmalloc=off it zeroes the pages and leaves their tags alone.
 *
 * @param address of the area in its own mapping, a multiple of the page size
 * @param size the bytes asked for, not rounded to pages
 * @param gfp what the caller of vmalloc passes
 * @returns the tag of the area's pointer and of its pages
 */
export function __kasan_unpoison_vmalloc(kasan: Kasan, address: number, size: number, gfp: Gfp): Tag {
  const { config, machine } = kasan;
  const { vmallocMarks } = kasan.rules;
  const init = !config.initOnFree && (config.initOnAlloc || gfpHasAll(gfp, GFP_ZERO));
  if (!vmallocMarks && !vmallocTags(config, false)) {
    if (init && takesOverPages(config, false)) clear_pages(kasan, address, roundUp(size, config.pageSize));
    return KASAN_TAG_KERNEL;
  }
  kasan.enter(UNPOISON_VMALLOC);
  const tag = machine.irg();
  kasan_unpoison(kasan, address, size, tag, init);
  // Where what is mapped has marks of its own, those behind the area are still from before it was mapped.
  const used = wholeGranules(kasan, size);
  if (!vmallocMarks)
    kasan_poison(kasan, address + used, roundUp(used, config.pageSize) - used, kasan.rules.poison.vmallocInvalid, init);
  return tag;
}

/**
 * __kasan_unpoison_vmalloc, 7.3, of a mapping without KASAN_VMALLOC_VM_ALLOC (vmap, vm_map_ram): HW_TAGS leaves it alone
 * (mm/kasan/hw_tags.c), the software builds mark it (mm/kasan/shadow.c).
 *
 * @param size bytes of whole pages
 * @returns the tag of the mapping's pointer
 */
export function __kasan_unpoison_vmap(kasan: Kasan, address: number, size: number): Tag {
  if (!kasan.rules.vmallocMarks) return KASAN_TAG_KERNEL;
  kasan.enter(UNPOISON_VMALLOC);
  const tag = kasan.machine.irg();
  kasan_unpoison(kasan, address, size, tag, false);
  return tag;
}

/** mm/kasan/shadow.c:__kasan_poison_vmalloc, 7.3, when an area is unmapped. Under HW_TAGS its pages are poisoned instead. */
export function __kasan_poison_vmalloc(kasan: Kasan, address: number, size: number): void {
  if (!kasan.rules.vmallocMarks) return;
  kasan.enter(POISON_VMALLOC);
  kasan_poison(kasan, address, wholeGranules(kasan, size), kasan.rules.poison.vmallocInvalid, false);
}

/**
 * mm/kasan/common.c:__kasan_vrealloc, 7.3, for an area whose pages stay. What is new is unpoisoned with the tag of the
 * area. Where it shrinks, the software builds poison the end; under HW_TAGS nothing is done, and the end stays accessible
 * (measured: the kernel's own test vmalloc_oob fails for it).
 */
export function __kasan_vrealloc(kasan: Kasan, address: number, tag: Tag, oldSize: number, size: number): void {
  const { vmallocMarks, granule } = kasan.rules;
  if (!vmallocMarks && !vmallocTags(kasan.config, false)) return;
  const used = wholeGranules(kasan, size);
  if (size > oldSize) {
    kasan.enter(VREALLOC);
    const from = oldSize - (oldSize % granule);
    kasan_unpoison(kasan, address + from, size - from, tag, false);
    const end = roundUp(used, kasan.config.pageSize);
    if (!vmallocMarks) kasan_poison(kasan, address + used, end - used, kasan.rules.poison.vmallocInvalid, false);
  } else if (vmallocMarks) {
    kasan.enter(VREALLOC);
    kasan_poison_last_granule(kasan, address, size);
    kasan_poison(kasan, address + used, wholeGranules(kasan, oldSize) - used, kasan.rules.poison.vmallocInvalid, false);
  }
}
