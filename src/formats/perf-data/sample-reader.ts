import { MAX_CPU, NO_STACK } from '../../trace/event-table.ts';
import type { LossLog } from '../../trace/loss-log.ts';
import type { TracepointDecoder } from '../tracepoint/decoder.ts';
import type { RawStacks } from '../tracepoint/raw-stacks.ts';
import { CONTEXT_KERNEL, CONTEXT_MAX, RECORD_HEADER_BYTES } from './abi.ts';
import type { OpenedEvents } from './opened-events.ts';
import type { OrderedEvents } from './ordered-events.ts';
import { endOfRead } from './sample-layout.ts';
import type { Tasks } from './tasks.ts';

/** The fields that all tracepoints begin with, in all kernels: type, flags, preempt count and pid. */
const COMMON_BYTES = 8;

/** Where samples go, and what is known of them. */
export interface SampleContext {
  readonly log: LossLog;
  readonly events: OpenedEvents;
  readonly tasks: Tasks;
  readonly ordered: OrderedEvents;
  /** Reads raw records into `ordered`. */
  readonly decoder: TracepointDecoder;
  readonly stacks: RawStacks;
  /** Whether stacks tell something: without names all would be equal. */
  readonly hasNames: () => boolean;
}

/** Reads samples. */
export class SampleReader {
  readonly #context: SampleContext;
  /** Kept events whose callchain was left out, because no address has a name. */
  unnamedStacks = 0;

  constructor(context: SampleContext) {
    this.#context = context;
  }

  /** Reads the sample that is the record [at, end). @param offset of it, for messages */
  read(data: Uint8Array, view: DataView, at: number, end: number, offset: number): void {
    const { log, events, ordered, tasks, decoder } = this.#context;
    const lost = (expected: string): void => log.unreadableBytes(data, at, end, offset, expected);
    const payload = at + RECORD_HEADER_BYTES;
    const event = events.find(view, payload, end);
    if (event === undefined) return lost('the number of one of the events');
    const { layout } = event;
    let position = payload + layout.fixedBytes;
    if (position > end) return lost(`a sample of at least ${layout.fixedBytes} bytes`);
    const timeAt = payload + layout.time;
    const time = layout.time < 0 ? 0 : ordered.timeOf(view.getInt32(timeAt + 4, true), view.getInt32(timeAt, true));
    if (!event.attribute.tracepoint || !layout.hasRaw) {
      if (layout.time >= 0) ordered.seen(time);
      event.count++;
      return undefined;
    }
    if (layout.hasRead) position = endOfRead(view, position, end, layout.readFormat);
    const chain = position + 8;
    if (layout.hasCallchain) position = endOfCallchain(view, position, end);
    const raw = position + 4;
    const rawEnd = raw <= end ? raw + view.getUint32(position, true) : raw;
    if (rawEnd > end || rawEnd - raw < COMMON_BYTES) return lost('callchain and raw data that end within the sample');

    const tracepoint = decoder.find(view.getUint16(raw, true));
    if (layout.time >= 0) ordered.seen(time);
    const cpu = layout.cpu < 0 ? 0 : view.getUint32(payload + layout.cpu, true);
    if (cpu >= MAX_CPU) return lost('a CPU that a machine can have');
    const tid = layout.tid < 0 ? -1 : view.getInt32(payload + layout.tid, true);
    // A task that has left its pid behind at exit has −1. Tracepoints still know it.
    const place = tasks.place(tid < 0 ? view.getInt32(raw + 4, true) : tid, cpu, view.getUint8(raw + 2));
    if (place < 0) return lost('fewer distinct tasks');
    if (tracepoint.plan === undefined) {
      tracepoint.count++;
      return undefined;
    }
    ordered.stack = layout.hasCallchain ? this.#stack(data, view, chain, position) : NO_STACK;
    if (layout.period >= 0) this.#countUnsampled(view, payload + layout.period);
    decoder.read(tracepoint, data, view, raw, rawEnd, time, place, offset);
    return undefined;
  }

  /** The stack of a callchain: the kernel's part, between its mark and the next. */
  #stack(data: Uint8Array, view: DataView, start: number, end: number): number {
    const { hasNames, stacks, log } = this.#context;
    let from = start;
    while (from < end && !(view.getInt32(from + 4, true) === -1 && view.getInt32(from, true) === CONTEXT_KERNEL))
      from += 8;
    from += 8;
    if (from >= end) return NO_STACK;
    if (!hasNames()) {
      this.unnamedStacks++;
      return NO_STACK;
    }
    let to = from;
    while (to < end && !(view.getInt32(to + 4, true) === -1 && isContext(view.getInt32(to, true)))) to += 8;
    const stack = stacks.find(data, view, from, to, true);
    if (stack >= 0) return stack;
    log.losses.orphanStacks++;
    return NO_STACK;
  }

  /** With a period above 1 a sample stands for so many events, of which all but it are lost. */
  #countUnsampled(view: DataView, at: number): void {
    const period = view.getUint32(at, true);
    if (period > 1) this.#context.log.losses.droppedEvents += period - 1;
  }
}

const isContext = (lo: number): boolean => lo < 0 && lo >= CONTEXT_MAX;

/** Where the callchain at `at` ends; beyond `end` if it is cut short. */
function endOfCallchain(view: DataView, at: number, end: number): number {
  if (at + 8 > end || view.getUint32(at + 4, true) !== 0) return end + 1;
  return at + 8 + view.getUint32(at, true) * 8;
}
