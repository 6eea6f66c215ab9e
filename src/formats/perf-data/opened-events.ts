import type { Unusable } from '../../trace/event-table.ts';
import { PERF_RECORD } from '../../trace/recorders.ts';
import type { Attribute } from './attribute.ts';
import type { DescribedEvent } from './event-desc.ts';
import { layOut, type SampleLayout } from './sample-layout.ts';
import { uint64At } from './uint64.ts';

/** More events than can be opened, and numbers than they can have on all CPUs. */
const MAX_EVENTS = 1 << 12;
const MAX_IDS = 1 << 22;
/** Events that are named in a message. */
const SHOWN_EVENTS = 5;

/** An event of the recording, and how its samples are read. */
export interface OpenedEvent {
  readonly attribute: Attribute;
  readonly layout: SampleLayout;
  name: string;
  /** Samples of an event that is no tracepoint. */
  count: number;
}

/** The events that a recording was made of, and which of them a sample belongs to. */
export class OpenedEvents {
  readonly #events: OpenedEvent[] = [];
  readonly #byId = new Map<number, OpenedEvent>();
  /** All are tracepoints whose samples have one layout; undefined if they are not, and an id must tell. */
  #common: OpenedEvent | undefined;
  #idOffset = -1;

  /** The event whose layout records that are no samples have. */
  get first(): OpenedEvent | undefined {
    return this.#events.at(0);
  }

  add(attribute: Attribute): void {
    if (this.#events.length === MAX_EVENTS) return;
    const name = `(type ${attribute.type} config ${attribute.config})`;
    const event: OpenedEvent = { attribute, layout: layOut(attribute), name, count: 0 };
    this.#events.push(event);
    for (const id of attribute.ids) if (this.#byId.size < MAX_IDS) this.#byId.set(id, event);
    const [first] = this.#events;
    const alike = this.#events.every((other) => areRead(other.attribute, first.attribute));
    this.#common = alike ? first : undefined;
    this.#idOffset = event.layout.id;
  }

  /** Names of events that are no tracepoints, and attributes, where the file has no others. */
  describe(described: readonly DescribedEvent[]): void {
    if (this.#events.length === 0) for (const { attribute } of described) this.add(attribute);
    for (const [index, { name }] of described.entries()) {
      const event = this.#events.at(index);
      if (event !== undefined && name !== '') event.name = name;
    }
  }

  /** The event of the sample whose fields begin at `payload`, or one that has the same layout; undefined for none. */
  find(view: DataView, payload: number, end: number): OpenedEvent | undefined {
    if (this.#common !== undefined) return this.#common;
    if (this.#events.length === 1) return this.#events[0];
    const at = payload + this.#idOffset;
    return this.#idOffset < 0 || at + 8 > end ? undefined : this.#byId.get(uint64At(view, at));
  }

  /** Adds the samples of events that are no tracepoints, by name. */
  addCounts(byType: Map<string, number>): void {
    for (const { name, count } of this.#events) if (count > 0) byType.set(name, (byType.get(name) ?? 0) + count);
  }

  /**
   * Why nothing of use can be in the file, and how to record it; undefined where something can.
   *
   * @param hasFormats whether the file has the formats of its tracepoints
   */
  unusable(hasFormats: boolean): Unusable | undefined {
    const refuse = (found: string, expected: string, advice: string): Unusable => ({ found, expected, advice });
    const tracepoints = this.#events.filter(({ attribute }) => attribute.tracepoint);
    if (tracepoints.length === 0) {
      const names = this.#events.slice(0, SHOWN_EVENTS).map((event) => event.name);
      return refuse(
        names.length === 0 ? 'a perf.data file without events' : `a perf.data file of ${names.join(', ')}`,
        'tracepoints of the group kmem',
        `Record them: ${PERF_RECORD}.`,
      );
    }
    if (!hasFormats) {
      return refuse(
        'a perf.data file without the formats of its events',
        'the feature TRACING_DATA',
        `perf had no access to tracefs, or the file is cut short. Copy it again, or record as root: ${PERF_RECORD}.`,
      );
    }
    const blind = tracepoints.find(({ layout }) => !layout.hasRaw || layout.time < 0);
    if (blind !== undefined) {
      return refuse(
        `samples of ${blind.name} without ${blind.layout.hasRaw ? 'a time' : 'their fields'}`,
        'raw samples (PERF_SAMPLE_RAW) with a time',
        `Record with perf's defaults for tracepoints: ${PERF_RECORD}.`,
      );
    }
    return undefined;
  }
}

/** Whether the samples of a tracepoint are read as those of another event. */
const areRead = (a: Attribute, b: Attribute): boolean =>
  a.tracepoint && a.sampleType === b.sampleType && a.readFormat === b.readFormat && a.sampleIdAll === b.sampleIdAll;
