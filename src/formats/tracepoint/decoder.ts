import { ByteInterner, FULL } from '../../base/byte-interner.ts';
import { isImpossiblePfn, POSSIBLE_PFN } from '../../trace/bounds.ts';
import type { EventTableBuilder } from '../../trace/event-table-builder.ts';
import type { EventShape } from '../../trace/event-table.ts';
import { impossibleShape } from '../../trace/impossible-shape.ts';
import type { LossLog } from '../../trace/loss-log.ts';
import { EVENT_NOT_KEPT } from '../../trace/pending-stacks.ts';
import { hexAddress, type Addresses } from './addresses.ts';
import type { EventFormat } from './event-format.ts';
import type { ShapeField } from './kept-fields.ts';
import { planRecords, type PlanProblem, type RecordPlan } from './record-plan.ts';

/** Distinct caches: a kernel has some hundred. */
const CACHE_LIMITS = { keys: 1 << 14, bytes: 1 << 20 };

/** Where events go: a table, or something that puts them in order first. */
export type EventSink = Pick<EventTableBuilder, 'add' | 'addShape'>;

/** An event of the trace's own list, and how its records are read. */
export interface Tracepoint {
  readonly name: string;
  /** Undefined for events that are counted and not kept. */
  readonly plan: RecordPlan | PlanProblem | undefined;
  /** Records that were read. */
  count: number;
}

/**
 * Reads raw records of tracepoints (as the ring buffer and perf have them) into a table.
 *
 * The layout of each event comes from its format file, compiled once into offsets. Of a record only the words that say
 * something are looked at, because what lies between fields is not cleared; equal ones are one shape, made once. No
 * object, and no string, is made for an event.
 */
export class TracepointDecoder {
  readonly #table: EventSink;
  readonly #log: LossLog;
  readonly #addresses: Addresses;
  /** By `common_type`. */
  readonly #tracepoints: (Tracepoint | undefined)[] = [];
  readonly #cacheKeys = new ByteInterner(CACHE_LIMITS);
  readonly #cacheNames: string[] = [];

  constructor(table: EventSink, log: LossLog, addresses: Addresses) {
    this.#table = table;
    this.#log = log;
    this.#addresses = addresses;
  }

  /** Learns an event. Of two with one number the first holds. */
  add(format: EventFormat): Tracepoint {
    const tracepoint: Tracepoint = { name: format.name, plan: planRecords(format), count: 0 };
    return (this.#tracepoints[format.id] ??= tracepoint);
  }

  /** The event of a record's `common_type` (below 65,536), which need not be among those that were learnt. */
  find(id: number): Tracepoint {
    return (this.#tracepoints[id] ??= { name: `(unknown event ${id})`, plan: undefined, count: 0 });
  }

  /** How often each event was read, by name. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const tracepoint of this.#tracepoints) {
      if (tracepoint === undefined || tracepoint.count === 0) continue;
      counts.set(tracepoint.name, (counts.get(tracepoint.name) ?? 0) + tracepoint.count);
    }
    return counts;
  }

  /**
   * Reads the record `[start, end)`, which begins with its common fields, and counts it. Gives the index of the event in
   * the table, or `EVENT_NOT_KEPT`.
   *
   * @param view of the memory of `data`, from its beginning
   * @param time nanoseconds since the second in which the trace begins
   * @param offset of the record in the input, for messages
   */
  read(
    tracepoint: Tracepoint,
    data: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    time: number,
    origin: number,
    offset: number,
  ): number {
    const { plan } = tracepoint;
    if (plan === undefined) {
      tracepoint.count++;
      return EVENT_NOT_KEPT;
    }
    if ('expected' in plan) return this.#lost(data, start, end, offset, plan.expected);
    if (end - start < plan.minBytes) {
      return this.#lost(data, start, end, offset, `${tracepoint.name} of at least ${plan.minBytes} bytes`);
    }

    const { words, wordOffsets } = plan;
    const count = wordOffsets.length;
    for (let index = 0; index < count; index++) words[index] = view.getInt32(start + wordOffsets[index], true);
    if (plan.cacheOffset >= 0) {
      const cache = this.#cache(plan, data, view, start, end);
      if (cache < 0) return this.#lost(data, start, end, offset, 'the name of a slab cache within the record');
      words[count] = cache;
    }
    const found = plan.keys.intern(plan.wordBytes, plan.wordView, 0, (count + 1) << 2);
    if (found === FULL) {
      return this.#lost(data, start, end, offset, 'fewer distinct combinations of call site, size and flags');
    }
    const shape = found >= 0 ? plan.shapes[found] : this.#newShape(plan, ~found);
    if (shape < 0) {
      const problem = plan.problems.get(found >= 0 ? found : ~found)?.expected ?? 'the fields of the event';
      return this.#lost(data, start, end, offset, problem);
    }

    let lo = view.getInt32(start + plan.keyOffset, true);
    let hi = plan.wideKey ? view.getInt32(start + plan.keyOffset + 4, true) : 0;
    const [baseHi, baseLo] = plan.keyBase;
    // An address of 0 is no page, which is printed as pfn 0.
    if ((baseHi | baseLo) !== 0 && (hi | lo) !== 0) {
      hi = (hi - baseHi - (lo >>> 0 < baseLo >>> 0 ? 1 : 0)) | 0;
      lo = (lo - baseLo) | 0;
    }
    if (plan.isPfn && isImpossiblePfn(hi, lo)) {
      return this.#lost(data, start, end, offset, POSSIBLE_PFN);
    }
    tracepoint.count++;
    return this.#table.add(time, origin, shape, hi, lo);
  }

  /** The number of the cache whose name the record has, or −1 if it has none. */
  #cache(plan: RecordPlan, data: Uint8Array, view: DataView, start: number, end: number): number {
    // Length in the upper half, position in the lower.
    const place = view.getInt32(start + plan.cacheOffset, true);
    const from = start + plan.cacheBase + (place & 0xffff);
    const limit = from + (place >>> 16);
    if (limit > end) return -1;
    let to = from;
    while (to < limit && data[to] !== 0) to++;
    const key = this.#cacheKeys.intern(data, view, from, to);
    if (key >= 0) return key;
    if (key === FULL) return -1;
    this.#cacheNames.push(new TextDecoder().decode(data.subarray(from, to)));
    return ~key;
  }

  #newShape(plan: RecordPlan, key: number): number {
    const shape = this.#shapeOf(plan);
    const problem = impossibleShape(shape);
    if (problem !== undefined) plan.problems.set(key, problem);
    const number = problem === undefined ? this.#table.addShape(shape) : -1;
    plan.shapes.push(number);
    return number;
  }

  /** The shape that the words of the plan say. */
  #shapeOf({ type, fields, words, wordOffsets, cacheOffset, gfp }: RecordPlan): EventShape {
    const number = (name: ShapeField): number => {
      const field = fields.get(name);
      if (field === undefined) return 0;
      const lo = words[field.word];
      if (!field.wide) return field.signed ? lo : lo >>> 0;
      const hi = words[field.word + 1];
      return (field.signed ? hi : hi >>> 0) * 0x1_0000_0000 + (lo >>> 0);
    };
    const site = fields.get('call_site');
    const siteHi = site?.wide === true ? words[site.word + 1] : 0;
    const siteLo = site === undefined ? 0 : words[site.word];
    return {
      type,
      callSite: site === undefined ? '' : (this.#addresses.functionAt(siteHi, siteLo) ?? hexAddress(siteHi, siteLo)),
      cache: cacheOffset < 0 ? '' : this.#cacheNames[words[wordOffsets.length]],
      bytesReq: number('bytes_req'),
      bytesAlloc: number('bytes_alloc'),
      gfp: fields.has('gfp_flags') ? gfp.print(number('gfp_flags')) : '',
      order: number('order'),
      migratetype: number('migratetype'),
      areaBytes: number('size'),
      areaAlign: number('align'),
      failed: number('failed') !== 0,
    };
  }

  #lost(data: Uint8Array, start: number, end: number, offset: number, expected: string): number {
    this.#log.unreadableBytes(data, start, end, offset, expected);
    return EVENT_NOT_KEPT;
  }
}
