import { GRANULE_BYTES } from '../../base/units.ts';
import { addressOf, pointer, tagOf, type Pointer } from '../../mte/pointer.ts';
import { KASAN_TAG_INVALID } from '../../mte/tag-machine.ts';
import type { AddressInfo, ObjectAt } from './address-info.ts';
import { SHADOW } from '../shadow-values.ts';
import { genericBugType, tagBasedBugType, wildBugType } from './bug-type.ts';
import type { BugContext, BugFinding, ReportRules } from './reporter.ts';

/** Granule of generic KASAN (mm/kasan/kasan.h, KASAN_GRANULE_SIZE). */
export const GENERIC_GRANULE_BYTES = 8;

/** Sizes are unsigned in the kernel: a negative one makes address + size wrap around. */
const wraps = (size: number): boolean => size < 0;

/** mm/kasan/report_hw_tags.c and report_sw_tags.c:kasan_get_alloc_size: up to the first poisoned granule. */
function allocSizeByTags(info: AddressInfo, { address, objectSize }: ObjectAt): number {
  for (let size = 0; size < objectSize; size += GRANULE_BYTES)
    if (info.metadata(address + size) === KASAN_TAG_INVALID) return size;
  return objectSize;
}

/** mm/kasan/report_tags.c:kasan_complete_mode_report_info. */
function bugTypeByTags({ pointer: p, size, object, ring }: BugContext): BugFinding {
  const found = object === undefined ? undefined : ring?.find(pointer(tagOf(p), object.address), object.objectSize);
  return { type: tagBasedBugType(wraps(size), found), allocated: found?.allocated, freed: found?.freed };
}

/** The address of the first granule of an access whose metadata is bad; the end if none is. */
function firstBadGranule(granule: number, p: Pointer, size: number, isBad: (address: number) => boolean): number {
  const address = addressOf(p);
  const end = address + Math.max(size, 0);
  for (let at = address; at < end; at += granule - (at % granule)) if (isBad(at)) return at;
  return end;
}

/** HW_TAGS: the hardware told the address (mm/kasan/report_hw_tags.c). */
export const HW_TAGS_REPORTS: ReportRules = {
  granule: GRANULE_BYTES,
  tags: true,
  firstBadAddress: (_info, p) => addressOf(p),
  allocSize: allocSizeByTags,
  bugType: bugTypeByTags,
};

/** SW_TAGS (mm/kasan/report_sw_tags.c). */
export const SW_TAGS_REPORTS: ReportRules = {
  ...HW_TAGS_REPORTS,
  firstBadAddress: (info, p, size) =>
    firstBadGranule(GRANULE_BYTES, p, size, (address) => info.metadata(address) !== tagOf(p)),
};

/** TASK_SIZE does not matter to a model without user addresses: its linear map begins at 0. */
const NO_USER_ADDRESSES = 0;
const FIRST_PAGE = 4096;

/** Generic KASAN (mm/kasan/report_generic.c). */
export const GENERIC_REPORTS: ReportRules = {
  granule: GENERIC_GRANULE_BYTES,
  tags: false,
  firstBadAddress: (info, p, size) =>
    firstBadGranule(GENERIC_GRANULE_BYTES, p, size, (address) => info.metadata(address) !== 0),
  allocSize: (info, { address, objectSize }) => {
    let size = 0;
    while (size < objectSize) {
      const shadow = info.metadata(address + size);
      if (shadow >= 1 && shadow < GENERIC_GRANULE_BYTES) return size + shadow;
      if (shadow !== 0) return size;
      size += GENERIC_GRANULE_BYTES;
    }
    return size;
  },
  bugType: ({ info, pointer: p, size, firstBad, object }) => {
    const address = addressOf(p);
    const type = info.hasMetadata(address)
      ? genericBugType(wraps(size), info.metadata(firstBad), info.metadata(firstBad + GENERIC_GRANULE_BYTES))
      : wildBugType(address, FIRST_PAGE, NO_USER_ADDRESSES);
    const tracks = object === undefined ? undefined : info.tracksOf?.(object);
    const isFreed = object !== undefined && info.metadata(object.address) === SHADOW.slabFreeMeta;
    const state = GENERIC_STATES.get(type);
    return {
      type,
      allocated: tracks?.allocated,
      freed: isFreed ? tracks?.freed : undefined,
      ...(state === undefined ? {} : { state }),
    };
  },
};

/** mm/kasan/report.c:describe_object_addr: what generic KASAN says of the object. */
const GENERIC_STATES: ReadonlyMap<string, 'allocated' | 'freed'> = new Map<string, 'allocated' | 'freed'>([
  ['slab-out-of-bounds', 'allocated'],
  ['slab-use-after-free', 'freed'],
]);
