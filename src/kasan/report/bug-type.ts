import { SHADOW } from '../shadow-values.ts';
import type { RingFinding } from '../stack-ring.ts';

/** The common type where nothing else is known (mm/kasan/report_tags.c and report_generic.c, 7.3). */
const OUT_OF_BOUNDS = 'out-of-bounds';

/**
 * mm/kasan/report_tags.c:get_common_bug_type: an access that wraps around the address space is a negative size.
 *
 * @param wraps whether address + size is below the address
 */
const commonBugType = (wraps: boolean): string => (wraps ? OUT_OF_BOUNDS : 'invalid-access');

/**
 * mm/kasan/report_tags.c:kasan_complete_mode_report_info: the bug type of an access in the tag-based modes.
 *
 * @param ring what the stack ring says of the slab object at the address; undefined where there is none
 */
export function tagBasedBugType(wraps: boolean, ring: RingFinding | undefined): string {
  switch (ring?.newest) {
    case 'free':
      return 'slab-use-after-free';
    case 'alloc':
      return 'slab-out-of-bounds';
    default:
      return commonBugType(wraps);
  }
}

/** mm/kasan/report_generic.c:get_shadow_bug_type, as a table. */
const SHADOW_BUG_TYPES: ReadonlyMap<number, string> = new Map<number, string>([
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((value): [number, string] => [value, OUT_OF_BOUNDS]),
  [SHADOW.pageRedzone, 'slab-out-of-bounds'],
  [SHADOW.slabRedzone, 'slab-out-of-bounds'],
  [SHADOW.globalRedzone, 'global-out-of-bounds'],
  [SHADOW.stackLeft, 'stack-out-of-bounds'],
  [SHADOW.stackMid, 'stack-out-of-bounds'],
  [SHADOW.stackRight, 'stack-out-of-bounds'],
  [SHADOW.stackPartial, 'stack-out-of-bounds'],
  [SHADOW.pageFree, 'use-after-free'],
  [SHADOW.slabFree, 'slab-use-after-free'],
  [SHADOW.slabFreeMeta, 'slab-use-after-free'],
  [SHADOW.allocaLeft, 'alloca-out-of-bounds'],
  [SHADOW.allocaRight, 'alloca-out-of-bounds'],
  [SHADOW.vmallocInvalid, 'vmalloc-out-of-bounds'],
]);

/**
 * mm/kasan/report_generic.c:get_bug_type for an address that has shadow.
 *
 * @param shadow the byte at the first bad address
 * @param next the byte after it, which tells more where the first one is that of a partly accessible granule
 */
export function genericBugType(wraps: boolean, shadow: number, next: number): string {
  if (wraps) return OUT_OF_BOUNDS;
  return SHADOW_BUG_TYPES.get(shadow >= 1 && shadow <= 7 ? next : shadow) ?? 'unknown-crash';
}

/**
 * mm/kasan/report_generic.c:get_wild_bug_type for an address that has none.
 *
 * @param address untagged
 * @param taskSize TASK_SIZE: where user addresses end
 */
export function wildBugType(address: number, pageSize: number, taskSize: number): string {
  if (address < pageSize) return 'null-ptr-deref';
  return address < taskSize ? 'user-memory-access' : 'wild-memory-access';
}
