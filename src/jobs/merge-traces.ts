import { UsageError } from '../base/errors.ts';
import { BATCH_MASK, batchOf, type EventTable } from '../trace/event-table.ts';
import { mergeTables } from '../trace/merge-tables.ts';
import type { Recording } from '../trace/recording.ts';
import { gapsBetween, type TracePart } from '../trace/trace-source.ts';
import type { OpenedTrace } from '../open/opened-trace.ts';

/**
 * A gap that files of one recording do not have, in seconds, unless they say that they are of one kernel and one clock. Clocks
 * of two boots, or two clocks of one, are mostly further apart.
 */
const MAX_GAP = 60;

/**
 * Makes one trace of several that are parts of one recording: buffers, or files that follow each other. Times are those
 * of the one clock that all must have; what is allocated in one may be freed in another. The tables are used up.
 *
 * @throws UsageError for traces that say that they are of different kernels, machines or clocks, and for one that is there
 *   twice
 */
export function mergeTraces(traces: readonly OpenedTrace[]): {
  readonly trace: OpenedTrace;
  readonly warnings: readonly string[];
} {
  for (const same of SAME) requireSame(traces, same);
  requireDistinct(traces);
  const parts = traces.map(partOf);
  requireNear(traces, parts);
  const warnings = [...overlaps(traces, parts), ...gaps(parts)];
  const formats = [...new Set(parts.map(({ format }) => format))];
  const source = {
    files: parts.map(({ file }) => file),
    format: formats.join(', '),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    parts,
  };
  return { trace: { table: mergeTables(traces.map(({ table }) => table)), source }, warnings };
}

function partOf({ table, source }: OpenedTrace): TracePart {
  return {
    file: source.files.join(', '),
    format: source.format,
    bytes: source.bytes,
    events: table.totalEvents,
    firstTime: table.baseSeconds + table.firstTime / 1e9,
    lastTime: table.baseSeconds + table.lastTime / 1e9,
    losses: table.losses,
  };
}

/** What all parts must have alike, as far as they say it: in words, or '' for what is not said. */
const SAME: readonly ((recording: Recording) => string)[] = [
  ({ kernelRelease }) => (kernelRelease === '' ? '' : `Linux ${kernelRelease}`),
  ({ architecture }) => (architecture === '' ? '' : `a machine of ${architecture}`),
  ({ pageSize }) => (pageSize === 0 ? '' : `pages of ${pageSize} bytes`),
  ({ clock }) => (clock === '' ? '' : `the clock ${clock}`),
  ({ timeUnit }) => (timeUnit === 'ticks' ? 'a clock that counts ticks' : 'a clock that counts nanoseconds'),
];

function requireSame(traces: readonly OpenedTrace[], what: (recording: Recording) => string): void {
  const said = traces.filter(({ table }) => what(table.recording) !== '');
  const other = said.find(({ table }) => what(table.recording) !== what(said[0].table.recording));
  if (other === undefined) return;
  const of = ({ table, source }: OpenedTrace): string => `${source.files.join(', ')} is of ${what(table.recording)}`;
  throw new UsageError(
    `--merge: ${of(said[0])}, and ${of(other)}`,
    'Only parts of one recording can be merged. Without --merge each has a report of its own.',
  );
}

function requireDistinct(traces: readonly OpenedTrace[]): void {
  for (const [index, trace] of traces.entries()) {
    const twin = traces.slice(0, index).find((other) => isSameRecording(other.table, trace.table));
    if (twin === undefined) continue;
    throw new UsageError(
      `--merge: ${twin.source.files.join(', ')} and ${trace.source.files.join(', ')} have the same events`,
      'What is there twice would count twice: give each part once.',
    );
  }
}

/** Of traces that say nothing of themselves, their times must say that they belong together. */
function requireNear(traces: readonly OpenedTrace[], parts: readonly TracePart[]): void {
  const isTold = traces.every(({ table: { recording } }) => recording.kernelRelease !== '' && recording.clock !== '');
  const far = isTold ? undefined : gapsBetween(parts).find(({ seconds }) => seconds > MAX_GAP);
  if (far === undefined) return;
  throw new UsageError(
    `--merge: ${far.after.file} begins ${far.seconds.toFixed(0)} s after ${far.before.file} ends, and not both say of which kernel and clock they are`,
    `Parts of one recording are no more than ${MAX_GAP} s apart: these look like two boots, or two clocks. Without --merge each has a report of its own.`,
  );
}

/** Whether two tables have the same events, all of them. */
function isSameRecording(a: EventTable, b: EventTable): boolean {
  if (a.length === 0 || a.length !== b.length || a.totalEvents !== b.totalEvents) return false;
  if (a.baseSeconds !== b.baseSeconds || a.firstTime !== b.firstTime || a.lastTime !== b.lastTime) return false;
  for (let index = 0; index < a.length; index++) {
    const row = index & BATCH_MASK;
    const [one, other] = [batchOf(a, index), batchOf(b, index)];
    if (one.time[row] !== other.time[row] || one.keyLo[row] !== other.keyLo[row] || one.keyHi[row] !== other.keyHi[row])
      return false;
  }
  return true;
}

/** Files that have events of one CPU from the same time. */
function overlaps(traces: readonly OpenedTrace[], parts: readonly TracePart[]): string[] {
  const cpus = traces.map(({ table }) => new Set(table.origins.map(({ cpu }) => cpu)));
  return parts.flatMap((part, index) =>
    parts.slice(index + 1).flatMap((other, at) => {
      const shared = [...cpus[index]].filter((cpu) => cpus[index + 1 + at].has(cpu));
      if (shared.length === 0 || part.lastTime < other.firstTime || other.lastTime < part.firstTime) return [];
      return [
        `${part.file} and ${other.file} have events of ${shared.length === 1 ? `CPU ${shared[0]}` : `${shared.length} CPUs`} from the same time: an event that both recorded is counted twice`,
      ];
    }),
  );
}

const gaps = (parts: readonly TracePart[]): string[] =>
  gapsBetween(parts).map(
    ({ before, after, seconds }) =>
      `between ${before.file} and ${after.file} ${seconds.toFixed(3)} s are not recorded: what was freed then seems to live on until it is allocated again`,
  );
