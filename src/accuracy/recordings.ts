import type { ExecutedRun } from './executed.ts';
import { executedKernel, type ExecutedKernel } from './executed-kernel.ts';
import { unknownConfig, type SkippedRun } from './model.ts';

/** How counts and traces of the same runs are told by their names. */
interface RecordingKind {
  /** Ending of the files of counts; what stands before it is the kernel, what it holds the kind of trace. */
  readonly counts: RegExp;
  /** Folder of the traces, and how their names end. */
  readonly folder: string;
  readonly ending: RegExp;
}

const COUNTS_ENDING = /\.json(?:\.gz)?$/;
const TEXT_TRACES: RecordingKind = {
  counts: /-traced(?<kind>(?:-[\w-]+)?)\.json(?:\.gz)?$/,
  folder: 'traces',
  ending: /\.trace(?:\.zst|\.gz)?$/,
};
const TRACE_DATS: RecordingKind = {
  counts: /-tracedat\.json(?:\.gz)?$/,
  folder: 'traces/trace-dat',
  ending: /(?:\.v\d\w*)?\.dat(?:\.zst|\.gz)?$/,
};
const KINDS = [TEXT_TRACES, TRACE_DATS];

/** Folders in which traces are looked for. */
export const TRACE_FOLDERS: readonly string[] = KINDS.map(({ folder }) => folder);

/** Whether a file of counts is of runs that were recorded; the others are for the model. */
export const isOfRecordings = (countsFile: string): boolean => KINDS.some(({ counts }) => counts.test(countsFile));

/** A file of counts, by its name. */
export interface CountsFile {
  readonly name: string;
  readonly runs: readonly ExecutedRun[];
}

/** A run whose trace and counts are there. */
export interface RecordedRun {
  readonly name: string;
  /** Folder and file of the trace. */
  readonly trace: string;
  readonly executed: ExecutedRun;
  readonly kernel: ExecutedKernel;
}

/**
 * Finds the trace of each run that was recorded: the counts `KERNEL[-MORE]-traced[-KIND].json` are of the traces
 * `KERNEL-WORKLOAD[-KIND].trace.zst`, and of several files whose names begin with the kernel of a trace the one with
 * the shortest name is its own.
 *
 * @param traces names of files by folder
 */
export function pairRecordings(
  countsFiles: readonly CountsFile[],
  traces: ReadonlyMap<string, readonly string[]>,
): { readonly runs: readonly RecordedRun[]; readonly skipped: readonly SkippedRun[] } {
  const runs: RecordedRun[] = [];
  const skipped: SkippedRun[] = [];
  for (const { name: file, runs: executedRuns } of countsFiles) {
    const parts = partsOf(file);
    if (parts === undefined) continue;
    const { folder, ending } = parts.recorded;
    const files = traces.get(folder) ?? [];
    const seen = new Map<string, number>();
    for (const executed of executedRuns) {
      const nth = seen.get(executed.workload) ?? 0;
      seen.set(executed.workload, nth + 1);
      const kind = parts.recorded === TRACE_DATS && nth > 0 ? '-stack' : parts.kind;
      const wanted = `-${executed.workload}${kind}`;
      const rivals = countsFiles
        .filter(({ name, runs: own }) => isSameKind(partsOf(name), parts) && has(own, executed.workload))
        .flatMap(({ name }) => partsOf(name)?.kernel ?? []);
      const found = files.filter((trace) => {
        const base = trace.replace(ending, '');
        return (
          ending.test(trace) && base.endsWith(wanted) && ownerOf(base.slice(0, -wanted.length), rivals) === parts.kernel
        );
      });
      const kernel = executedKernel(executed);
      const why =
        'unknown' in kernel
          ? unknownConfig(executed.config ?? '', kernel.unknown)
          : found.length === 0
            ? `there is no trace *${wanted} of its kernel in ${folder}`
            : undefined;
      if (why !== undefined) skipped.push({ run: `${file.replace(COUNTS_ENDING, '')} ${executed.workload}`, why });
      if ('unknown' in kernel) continue;
      runs.push(
        ...found.map((trace) => ({
          name: trace.replace(/(?:\.trace)?(?:\.zst|\.gz)?$/, ''),
          trace: `${folder}/${trace}`,
          executed,
          kernel,
        })),
      );
    }
  }
  return { runs, skipped };
}

/** What the name of a file of counts says: the kernel that it is of, and the kind of its traces. */
interface CountsName {
  readonly recorded: RecordingKind;
  readonly kernel: string;
  readonly kind: string;
}

const isSameKind = (one: CountsName | undefined, other: CountsName): boolean =>
  one?.recorded === other.recorded && one.kind === other.kind;

function partsOf(file: string): CountsName | undefined {
  const recorded = KINDS.find(({ counts }) => counts.test(file));
  const match = recorded?.counts.exec(file);
  if (recorded === undefined || !match) return undefined;
  return { recorded, kernel: file.slice(0, match.index), kind: match.groups?.kind ?? '' };
}

const has = (runs: readonly ExecutedRun[], workload: string): boolean => runs.some((run) => run.workload === workload);

/** Of the names that a trace of `kernel` may be counted under, the shortest. */
function ownerOf(kernel: string, names: readonly string[]): string | undefined {
  return names
    .filter((name) => name === kernel || name.startsWith(`${kernel}-`))
    .toSorted((a, b) => a.length - b.length)[0];
}
