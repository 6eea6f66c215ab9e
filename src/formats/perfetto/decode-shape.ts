import type { WireReader } from '../../base/wire-reader.ts';
import { EVENT } from '../../trace/event-type.ts';
import type { EventShape } from '../../trace/event-table.ts';
import { impossibleShape, type ShapeProblem } from '../../trace/impossible-shape.ts';
import { ROLE, type EventSpec } from './event-spec.ts';

/** The values that an event has for what is part of its shape; undefined for what it does not have. */
export interface ShapeValues {
  callSite: string | undefined;
  cache: string | undefined;
  bytesReq: number | undefined;
  bytesAlloc: number | undefined;
  gfp: number | undefined;
  order: number | undefined;
  migratetype: number | undefined;
  areaBytes: number | undefined;
  areaAlign: number | undefined;
  failed: number | undefined;
}

export const noValues = (): ShapeValues => ({
  callSite: undefined,
  cache: undefined,
  bytesReq: undefined,
  bytesAlloc: undefined,
  gfp: undefined,
  order: undefined,
  migratetype: undefined,
  areaBytes: undefined,
  areaAlign: undefined,
  failed: undefined,
});

/** Fields without which an event cannot be replayed. Flags are not among them: see `ReadLosses.unrecordedFlags`. */
const REQUIRED: { readonly [type: number]: readonly (readonly [keyof ShapeValues, string])[] } = {
  [EVENT.mm_page_alloc]: [['order', 'order']],
  [EVENT.mm_page_free]: [['order', 'order']],
  [EVENT.kmem_cache_alloc]: [
    ['bytesReq', 'bytes_req'],
    ['bytesAlloc', 'bytes_alloc'],
  ],
  [EVENT.kmalloc]: [
    ['bytesReq', 'bytes_req'],
    ['bytesAlloc', 'bytes_alloc'],
  ],
  [EVENT.alloc_vmap_area]: [['areaBytes', 'size']],
};

/** Whether an event of this type is an allocation that is made with gfp flags. */
export const hasFlags = (type: number): boolean =>
  type === EVENT.mm_page_alloc || type === EVENT.kmem_cache_alloc || type === EVENT.kmalloc;

/**
 * Reads the fields of `wire` into `values`; false if they are malformed.
 *
 * @param symbol the function of a call site, from its address or number
 */
export function readValues(
  wire: WireReader,
  spec: EventSpec,
  values: ShapeValues,
  symbol: (hi: number, lo: number) => string,
  decoder: { decode(data: Uint8Array): string },
): boolean {
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    const role = spec.roles[tag >>> 3] ?? ROLE.none;
    if (role === ROLE.cache && (tag & 7) === 2) {
      const end = wire.bytesEnd();
      values.cache = decoder.decode(wire.data.subarray(wire.at, end));
      wire.at = end;
      continue;
    }
    if (role <= ROLE.key || (tag & 7) !== 0) {
      wire.skip(tag);
      continue;
    }
    wire.varint();
    setNumber(values, role, wire.hi, wire.lo, symbol);
  }
  return !wire.failed;
}

/** Sets the value of a role from a number, given as two halves. */
export function setNumber(
  values: ShapeValues,
  role: number,
  hi: number,
  lo: number,
  symbol: (hi: number, lo: number) => string,
): void {
  const number = (hi >>> 0) * 0x1_0000_0000 + (lo >>> 0);
  switch (role) {
    case ROLE.callSite:
      values.callSite = symbol(hi, lo);
      break;
    case ROLE.bytesReq:
      values.bytesReq = number;
      break;
    case ROLE.bytesAlloc:
      values.bytesAlloc = number;
      break;
    case ROLE.gfp:
      values.gfp = number;
      break;
    case ROLE.order:
      values.order = number;
      break;
    case ROLE.migratetype:
      values.migratetype = lo;
      break;
    case ROLE.areaBytes:
      values.areaBytes = number;
      break;
    case ROLE.areaAlign:
      values.areaAlign = number;
      break;
    case ROLE.failed:
      values.failed = number;
      break;
  }
}

/** The shape that has these values. */
export function shapeOfValues(type: number, values: ShapeValues): EventShape | ShapeProblem {
  const missing = REQUIRED[type]?.find(([value]) => values[value] === undefined);
  if (missing !== undefined) return { expected: `the field ${missing[1]}` };
  const { bytesReq = 0, bytesAlloc = 0, areaBytes = 0, areaAlign = 0, order = 0, migratetype = 0 } = values;
  const impossible = impossibleShape({ order, bytesReq, bytesAlloc, areaBytes, areaAlign });
  if (impossible !== undefined) return impossible;
  return {
    type,
    callSite: values.callSite ?? '',
    cache: values.cache ?? '',
    bytesReq,
    bytesAlloc,
    gfp: values.gfp === undefined ? '' : `0x${values.gfp.toString(16)}`,
    order,
    migratetype,
    areaBytes,
    areaAlign,
    failed: (values.failed ?? 0) !== 0,
  };
}
