import { ByteInterner } from '../../base/byte-interner.ts';
import { EVENT } from '../../trace/event-type.ts';
import type { ShapeProblem } from '../../trace/impossible-shape.ts';
import { pageDistance } from './page-distance.ts';
import { findField, type EventField, type EventFormat } from './event-format.ts';
import { GfpNames } from './gfp-names.ts';
import { keptFields, type ShapeField } from './kept-fields.ts';

/** Distinct shapes of one event: far more than real traces have, and a bound on what a hostile one can fill. */
const SHAPE_LIMITS = { keys: 1 << 17, bytes: 1 << 25 };

/** How raw records of one kept event become rows of a table. */
export interface RecordPlan {
  /** Number of the event type. */
  readonly type: number;
  /** Records are at least this long. */
  readonly minBytes: number;
  readonly keyOffset: number;
  /** Whether the key has 64 bits. */
  readonly wideKey: boolean;
  /** What the key counts from, as two signed halves: 0 but where it is an address in the array of all pages. */
  readonly keyBase: readonly [hi: number, lo: number];
  /** Whether the key is a pfn. */
  readonly isPfn: boolean;
  /** Offsets in the record of the 32-bit words that make up the shape, but for the name of the cache. */
  readonly wordOffsets: Int32Array;
  /** Where the words of each field begin among them. */
  readonly fields: ReadonlyMap<ShapeField, { readonly word: number; readonly wide: boolean; readonly signed: boolean }>;
  /** The field that says where the cache's name is, or −1. */
  readonly cacheOffset: number;
  /** What the position of the name counts from: 0 for the record, else the end of the field. */
  readonly cacheBase: number;
  readonly gfp: GfpNames;
  /** The words of the record that is being read; one more for the name of the cache. */
  readonly words: Int32Array;
  readonly wordBytes: Uint8Array;
  readonly wordView: DataView;
  /** Combinations of words that were met, and the shape of each: −1 for one that is none. */
  readonly keys: ByteInterner;
  readonly shapes: number[];
  /** Why a combination is no shape. */
  readonly problems: Map<number, ShapeProblem>;
}

/** Why the records of an event cannot be read. */
export interface PlanProblem {
  readonly expected: string;
}

/** Makes the plan for an event; undefined for events that are not kept. */
export function planRecords(format: EventFormat): RecordPlan | PlanProblem | undefined {
  const kept = keptFields(format.name);
  if (kept === undefined) return undefined;
  const { type, fields } = kept;
  const keyName = fields.key.find((name) => findField(format, name) !== undefined);
  const key = keyName === undefined ? undefined : findField(format, keyName);
  if (key === undefined || !isNumber(key)) return missing(format, fields.key[0]);
  const base = keyName === 'page' ? pageDistance(format.printFormat) : 0n;
  if (base === undefined) return { expected: `a pfn, or a print format of ${format.name} that gives one` };

  const offsets: number[] = [];
  const places = new Map<ShapeField, { word: number; wide: boolean; signed: boolean }>();
  let minBytes = key.offset + key.size;
  for (const name of [...fields.needed, ...fields.optional]) {
    const field = findField(format, name);
    if (field === undefined || !isNumber(field)) {
      if (fields.needed.includes(name)) return missing(format, name);
      continue;
    }
    const wide = field.size === 8;
    places.set(name, { word: offsets.length, wide, signed: field.signed });
    offsets.push(field.offset);
    if (wide) offsets.push(field.offset + 4);
    minBytes = Math.max(minBytes, field.offset + field.size);
  }
  const cache = fields.cache ? findField(format, 'name') : undefined;
  const hasCache = cache !== undefined && cache.place !== 'here' && cache.size === 4;
  if (hasCache) minBytes = Math.max(minBytes, cache.offset + 4);

  const words = new Int32Array(offsets.length + 1);
  return {
    type: EVENT[type],
    minBytes,
    keyOffset: key.offset,
    wideKey: key.size === 8,
    keyBase: [Number(BigInt.asIntN(32, base >> 32n)), Number(BigInt.asIntN(32, base))],
    isPfn: keyName === 'pfn' || keyName === 'page',
    wordOffsets: Int32Array.from(offsets),
    fields: places,
    cacheOffset: hasCache ? cache.offset : -1,
    cacheBase: hasCache && cache.place === 'rel-loc' ? cache.offset + 4 : 0,
    gfp: new GfpNames(places.has('gfp_flags') ? format.printFormat : ''),
    words,
    wordBytes: new Uint8Array(words.buffer),
    wordView: new DataView(words.buffer),
    keys: new ByteInterner(SHAPE_LIMITS),
    shapes: [],
    problems: new Map(),
  };
}

/** No kernel gives the fields that are used here another size. */
const isNumber = ({ size, place }: EventField): boolean => place === 'here' && (size === 4 || size === 8);

const missing = (format: EventFormat, field: string): PlanProblem => ({
  expected: `a field ${field} of 4 or 8 bytes in the format of ${format.name}`,
});
