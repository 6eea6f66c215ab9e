import { WireReader } from '../../base/wire-reader.ts';
import type { TaskNames } from './task-names.ts';

/** Fields of CompactSched (protos/perfetto/trace/ftrace/ftrace_event_bundle.proto), as tags. */
const TABLE = 0x2a;
const COLUMNS = {
  switch: { time: 0x0a, pid: 0x1a, comm: 0x32 },
  waking: { time: 0x3a, pid: 0x42, comm: 0x5a },
} as const;

/** How many events of the scheduler a bundle holds in its compact form. */
export interface CompactCounts {
  readonly switches: number;
  readonly wakings: number;
  /** Times of the first and the last of them; infinite if there is none. */
  readonly firstTime: number;
  readonly lastTime: number;
}

/**
 * Reads scheduler events in columns, for the names of tasks that they tell. Undefined if they are malformed.
 *
 * @param timeOf the reader's time from a time stamp
 */
export function readCompactSched(
  data: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  tasks: TaskNames,
  timeOf: (hi: number, lo: number) => number,
): CompactCounts | undefined {
  const wire = new WireReader();
  wire.open(data, start, end);
  const parts = new Map<number, readonly [number, number]>();
  const table: number[] = [];
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    if ((tag & 7) !== 2) {
      wire.skip(tag);
      continue;
    }
    const stop = wire.bytesEnd();
    if (wire.failed) break;
    if (tag === TABLE) table.push(tasks.intern(data, view, wire.at, stop));
    else parts.set(tag, [wire.at, stop]);
    wire.at = stop;
  }
  if (wire.failed) return undefined;

  let firstTime = Number.POSITIVE_INFINITY;
  let lastTime = Number.NEGATIVE_INFINITY;
  /** Walks three columns at once; −1 if they are malformed or of different length. */
  const walk = ({ time, pid, comm }: (typeof COLUMNS)[keyof typeof COLUMNS]): number => {
    const [times, pids, comms] = [time, pid, comm].map((tag) => {
      const column = new WireReader();
      const [from, to] = parts.get(tag) ?? [0, 0];
      column.open(data, from, to);
      return column;
    });
    let count = 0;
    let now = 0;
    while (times.at < times.end && pids.at < pids.end && comms.at < comms.end) {
      times.varint();
      // The first time stamp is a time, those after it are differences.
      now = count === 0 ? timeOf(times.hi, times.lo) : now + (times.hi >>> 0) * 2 ** 32 + (times.lo >>> 0);
      if (now < firstTime) firstTime = now;
      if (now > lastTime) lastTime = now;
      pids.varint();
      const name = table[comms.uint32()];
      if (name !== undefined) tasks.set(pids.lo, now, name);
      count++;
    }
    return [times, pids, comms].some((column) => column.failed || column.at < column.end) ? -1 : count;
  };
  const switches = walk(COLUMNS.switch);
  const wakings = walk(COLUMNS.waking);
  return switches < 0 || wakings < 0 ? undefined : { switches, wakings, firstTime, lastTime };
}
