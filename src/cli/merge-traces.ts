import { UsageError } from '../base/errors.ts';
import type { TracePart } from '../result/result.ts';
import { mergeTables } from '../trace/merge-tables.ts';
import type { ReadTrace } from './read-trace.ts';

/** A gap between two files that is worth a word, in seconds. */
const MIN_GAP = 0.001;

/**
 * Makes one trace of several that are parts of one recording: buffers, or files that follow each other. Times are those
 * of the one clock that all must have; what is allocated in one may be freed in another. The tables are used up.
 *
 * @throws UsageError for traces that say that they are of different kernels or clocks
 */
export function mergeTraces(traces: readonly ReadTrace[]): {
  readonly trace: ReadTrace;
  readonly warnings: readonly string[];
} {
  requireSame(traces, 'kernelRelease', 'Linux');
  requireSame(traces, 'clock', 'the clock');
  const parts = traces.map(partOf);
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

function partOf({ table, source }: ReadTrace): TracePart {
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

function requireSame(traces: readonly ReadTrace[], key: 'kernelRelease' | 'clock', what: string): void {
  const said = traces.filter(({ table }) => table.recording[key] !== '');
  const other = said.find(({ table }) => table.recording[key] !== said[0].table.recording[key]);
  if (other === undefined) return;
  const of = ({ table, source }: ReadTrace): string =>
    `${source.files.join(', ')} is of ${what} ${table.recording[key]}`;
  throw new UsageError(
    `--merge: ${of(said[0])}, and ${of(other)}`,
    'Only parts of one recording can be merged. Without --merge each has a report of its own.',
  );
}

/** Files that have events of one CPU from the same time. */
function overlaps(traces: readonly ReadTrace[], parts: readonly TracePart[]): string[] {
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

/** Times between files of which no file has events. */
function gaps(parts: readonly TracePart[]): string[] {
  const inOrder = parts.toSorted((a, b) => a.firstTime - b.firstTime);
  let last = inOrder[0];
  return inOrder.slice(1).flatMap((part) => {
    const gap = part.firstTime - last.lastTime;
    const before = last;
    if (part.lastTime > last.lastTime) last = part;
    return gap < MIN_GAP
      ? []
      : [
          `between ${before.file} and ${part.file} ${gap.toFixed(3)} s are not recorded: what was freed then seems to live on until it is allocated again`,
        ];
  });
}
