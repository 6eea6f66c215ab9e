import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { failures } from '../accuracy/judge.ts';
import { TRACE_FOLDERS, type CountsFile } from '../accuracy/recordings.ts';
import { InputError } from '../base/errors.ts';
import { compareWithExecuted, recordedRuns, type ExecutedRuns } from '../jobs/accuracy.ts';
import type { OpenedTrace } from '../open/opened-trace.ts';
import type { Policy } from '../policy/policy.ts';
import { renderAccuracy } from '../report/accuracy-text.ts';
import { jsonText } from '../report/writers.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { monitored } from './monitor.ts';
import { ACCURACY, type AccuracyOptions } from '../options/commands/accuracy.ts';
import { DEFAULT_ROWS } from '../options/groups/table.ts';
import { parseReplayOptions } from '../options/replay-options.ts';
import { readCounts } from './read-counts.ts';
import { readTrace } from './read-trace.ts';
import { preparedWith } from './node-commands.ts';
import { openOutput } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { textOptions } from './text-options.ts';
import { version } from './version.ts';

/** `tagscope accuracy DIR`: predictions beside what a kernel executed in the same runs. */
export async function runAccuracy(dir: string, raw: AccuracyOptions, surroundings: Surroundings): Promise<ExitCode> {
  const settings = parseReplayOptions(raw);
  const profile = await preparedWith(surroundings).profile(undefined, settings.cpu);
  const { counts, traces } = await filesOf(dir);
  const runs = recordedRuns({ counts, traces });
  if (runs.length === 0) throw noRuns(dir);
  const read = [...counts.map(({ name }) => join(dir, 'counts', name)), ...runs.map(({ trace }) => join(dir, trace))];
  const output = await openOutput(ACCURACY, raw, surroundings, read);
  const told = {
    ...settings,
    profile,
    version: version(),
    commandFor: (trace: string, policy: Policy) => `tagscope report ${join(dir, trace)} --policy ${policy.name}`,
  };
  const result = await monitored(raw, surroundings, (monitor, progress) => {
    const open = (trace: string): Promise<OpenedTrace> => readTrace(join(dir, trace), settings, surroundings, progress);
    return compareWithExecuted({ counts, traces, open }, told, monitor);
  });
  const text =
    output.format === 'json'
      ? jsonText(result)
      : renderAccuracy(result, textOptions(output, { top: DEFAULT_ROWS, by: 'site' }, raw, surroundings));
  await output.write(text);
  await output.finish();
  return failures(result).length === 0 ? EXIT.ok : EXIT.failed;
}

/** The counts and traces of a directory, as cases/oracle/README.md describes them. */
async function filesOf(dir: string): Promise<Pick<ExecutedRuns, 'counts' | 'traces'>> {
  const names = (await readdir(join(dir, 'counts'))).filter((name) => /\.json(?:\.gz)?$/.test(name)).toSorted();
  const counts: CountsFile[] = [];
  for (const name of names) counts.push({ name, runs: await readCounts(join(dir, 'counts', name)) });
  const traces = new Map<string, readonly string[]>();
  for (const folder of TRACE_FOLDERS) traces.set(folder, await namesIn(join(dir, folder)));
  return { counts, traces };
}

const noRuns = (dir: string): InputError =>
  new InputError({
    where: dir,
    found: 'no trace that has counts of the same run',
    expected: 'traces/KERNEL-WORKLOAD.trace.zst and counts/KERNEL-traced*.json',
    advice: 'See cases/oracle/README.md for how the two are named.',
  });

/** The files of a directory that may be absent. */
async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return (await readdir(dir)).toSorted();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
