import type { InternedRuns } from '../../base/byte-interner.ts';
import type { EventBatch } from '../../trace/event-table.ts';
import type { ReaderOptions, StreamReader } from '../reader.ts';
import type { CpuClock } from './cpu-clocks.ts';
import type { EventTextPart } from './event-text.ts';
import type { NamesPart } from './event-names.ts';
import type { InputPart } from './text-input.ts';

/** What is said besides to a reader that reads a part of a text. */
export interface TextReaderOptions extends ReaderOptions {
  /** The second that times are relative to, if another part has the beginning. */
  readonly baseSeconds?: number;
}

/**
 * What a reader made of a part of a text: plain data, which can be handed to another thread. What repeats is there as the
 * bytes that it was decoded from, so that whoever joins parts finds what is equal as one reader would have found it.
 */
export interface TextPart {
  readonly input: InputPart;
  readonly events: EventTextPart;
  readonly names: NamesPart;
  readonly origins: InternedRuns;
  readonly clocks: readonly CpuClock[];
  readonly batches: readonly EventBatch[];
  /** Events in the batches. */
  readonly length: number;
  /** Times of the first and the last event, kept or not; infinite if there is none. */
  readonly firstTime: number;
  readonly lastTime: number;
  readonly baseSeconds: number;
  readonly totalEvents: number;
  /** It may have begun within a record, whose first lines are in the part before. */
  readonly beginsAmid: boolean;
}

/**
 * Reads a whole text, or a part of it. What it makes of parts is equal to what it makes of the whole, or it says that the
 * parts do not fit: that somewhere what a line means depends on a line of another part.
 */
export interface TextReader<Part extends TextPart = TextPart> extends StreamReader {
  /** Events read, kept or not. */
  readonly totalEvents: number;
  /** The second that times are relative to; undefined before the first line with a time. */
  readonly baseSeconds: number | undefined;
  /** How many events may still get a stack. */
  readonly waiting: number;
  /** Ends the input, which was a part of a text. Instead of `finish`. */
  part(): Part;
  /**
   * Goes on as if the parts that follow had been pushed. Then nothing may be pushed any more.
   *
   * @returns whether the parts fit; if not, nothing has changed and the text of the parts can be pushed
   */
  join(parts: readonly Part[]): boolean;
}

/** The memory of a part that need not be copied to be handed to another thread. */
export function memoryOf({ events, names, origins, batches }: TextPart): ArrayBuffer[] {
  const columns = batches.flatMap(({ time, stack }) => [time.buffer, stack.buffer]);
  const runs = [origins, names.names, events.stackKeys, ...events.kinds.map(({ keys }) => keys)];
  return [
    ...runs.flatMap(({ starts, keys, bytes }) => [starts.buffer, keys.buffer, bytes.buffer]),
    ...events.kinds.map(({ shapes }) => shapes.buffer),
    events.stacks.buffer,
    names.counts.buffer,
    // Other columns are in one piece with the times, and batches without stacks share the column of none.
    ...new Set(columns),
  ].filter((memory) => memory instanceof ArrayBuffer);
}

/** Whether parts that follow each other can be told apart at all, and each begins with a record of its own. */
export const areCutBetweenLines = (before: InputPart, parts: readonly TextPart[]): boolean =>
  parts.every(
    ({ input, beginsAmid }, index) =>
      input.bytes > 0 && !beginsAmid && (index === 0 ? before : parts[index - 1].input).endsLine,
  );
