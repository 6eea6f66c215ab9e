import { framesOf } from './stack-table.ts';
import { TimeMerge, type TimedStream } from '../base/time-merge.ts';
import { EventTableBuilder, type NewNumbers } from './event-table-builder.ts';
import { BATCH_MASK, BATCH_ROWS, BATCH_SHIFT, NO_STACK, type EventBatch, type EventTable } from './event-table.ts';
import { addLosses, noLosses, type ReadLosses } from './losses.ts';
import type { Recording } from './recording.ts';

/** One of the tables, standing at an event, and the numbers that things of it have in the merged table. */
class Part implements TimedStream {
  readonly table: EventTable;
  readonly numbers: NewNumbers;
  /** What is added to its times. */
  readonly shift: number;
  #next = 0;

  constructor(table: EventTable, numbers: NewNumbers, shift: number) {
    this.table = table;
    this.numbers = numbers;
    this.shift = shift;
  }

  get row(): number {
    return this.#next & BATCH_MASK;
  }

  get batch(): EventBatch {
    return this.table.batches[this.#next >> BATCH_SHIFT];
  }

  get time(): number {
    return this.batch.time[this.row] + this.shift;
  }

  advance(): boolean {
    return ++this.#next < this.table.length;
  }
}

/**
 * One table of the events of several, in order of time: of two at the same time, first that of the first table. All
 * must be of one kernel and one clock. The tables are used up: their memory goes into the one that is made.
 */
export function mergeTables(tables: readonly EventTable[]): EventTable {
  const builder = new EventTableBuilder();
  const known = new Map<string, number>();
  const once = <Thing>(kind: string, thing: Thing, add: (thing: Thing) => number): number => {
    const key = `${kind}${JSON.stringify(thing)}`;
    const number = known.get(key) ?? add(thing);
    known.set(key, number);
    return number;
  };
  const baseSeconds = Math.min(...tables.map((table) => table.baseSeconds));
  const parts = tables.map((table) => {
    const numbers = {
      shapes: table.shapes.map((shape) => once('shape', shape, (added) => builder.addShape(added))),
      origins: table.origins.map((origin) => once('origin', origin, (added) => builder.addOrigin(added))),
      stacks: Array.from({ length: table.stacks.length }, (_, stack) =>
        once('stack', framesOf(table.stacks, stack), (frames) => builder.stacks.add(frames)),
      ),
    };
    return new Part(table, numbers, (table.baseSeconds - baseSeconds) * 1e9);
  });
  const withEvents = parts.filter(({ table }) => table.length > 0);
  new TimeMerge(withEvents).run(Number.POSITIVE_INFINITY, (part) => {
    take(part, builder);
    return part.advance();
  });
  return builder.finish({
    byType: sumOfTypes(tables),
    totalEvents: tables.reduce((sum, table) => sum + table.totalEvents, 0),
    baseSeconds,
    losses: sumOfLosses(tables.map(({ losses }) => losses)),
    reference: tables.find(({ reference }) => reference !== undefined)?.reference,
    recording: commonRecording(tables.map(({ recording }) => recording)),
  });
}

/** Moves the event that a part stands at into the merged table. */
function take({ batch, row, time, numbers }: Part, builder: EventTableBuilder): void {
  const { origin, shape, keyHi, keyLo } = batch;
  const index = builder.add(time, numbers.origins[origin[row]], numbers.shapes[shape[row]], keyHi[row], keyLo[row]);
  const stack = batch.stack[row];
  if (stack !== NO_STACK) builder.setStack(index, numbers.stacks[stack]);
  if (row === BATCH_ROWS - 1) builder.recycle(batch);
}

function sumOfTypes(tables: readonly EventTable[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { byType } of tables) {
    for (const [event, count] of byType) sums.set(event, (sums.get(event) ?? 0) + count);
  }
  return sums;
}

function sumOfLosses(all: readonly ReadLosses[]): ReadLosses {
  const sum = noLosses();
  for (const losses of all) addLosses(sum, losses);
  return sum;
}

/** What all recordings that say something say, and what only some of them say. */
function commonRecording(recordings: readonly Recording[]): Recording {
  const said = (key: 'kernelRelease' | 'architecture' | 'clock' | 'recorder'): string =>
    [...new Set(recordings.map((recording) => recording[key]).filter((text) => text !== ''))].join(', ');
  return {
    kernelRelease: said('kernelRelease'),
    architecture: said('architecture'),
    clock: said('clock'),
    recorder: said('recorder'),
    pageSize: recordings.find(({ pageSize }) => pageSize > 0)?.pageSize ?? 0,
    timeUnit: recordings[0]?.timeUnit ?? 'nanoseconds',
    notes: [...new Set(recordings.flatMap(({ notes }) => notes))],
    warnings: [...new Set(recordings.flatMap(({ warnings }) => warnings))],
    unnamedStacks: recordings.reduce((sum, { unnamedStacks }) => sum + unnamedStacks, 0),
    stackEntries: recordings.reduce((sum, { stackEntries }) => sum + stackEntries, 0),
  };
}
