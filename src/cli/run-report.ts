import { UsageError } from '../base/errors.ts';
import { DEFAULT_POLICY } from '../policy/built-in.ts';
import { REPORT_WRITERS } from '../report/report-writers.ts';
import { formatsOf } from '../report/writers.ts';
import { analyze } from '../result/analyze.ts';
import type { ReportResult } from '../result/result.ts';
import { reportCommand } from './command-line.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { settingsFor } from '../jobs/replay-settings.ts';
import { parseReplayOptions, type RawOptions } from './options.ts';
import { policyOption } from './policy-option.ts';
import { profileOption } from './profile-option.ts';
import { createProgress } from './progress.ts';
import { mergeTraces } from './merge-traces.ts';
import type { OpenedTrace } from '../jobs/opened-trace.ts';
import { readTrace, requireAllocations } from './read-trace.ts';
import { openOutput, resultSink } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { groupingFor, outputOptions } from './text-options.ts';
import { version } from './version.ts';

/** `tagscope report TRACE…`: one report for each trace, in order, or with --merge one for all of them together. */
export async function runReport(
  files: readonly string[],
  raw: RawOptions,
  surroundings: Surroundings,
): Promise<ExitCode> {
  if (files.filter((file) => file === '-').length > 1) {
    throw new UsageError('"-" is given twice', 'The standard input can be read only once.');
  }
  const given = parseReplayOptions(raw);
  const policy = await policyOption(raw.policy ?? DEFAULT_POLICY);
  const profile = await profileOption(raw.profile, given.cpu);
  const output = await openOutput(raw, surroundings, formatsOf(REPORT_WRITERS), files);
  const settings = { ...given, by: groupingFor(raw, output) };
  const progress = createProgress(surroundings, raw.quiet === true);
  // Several files may be parts of one trace; else each has a report of its own.
  const groups = raw.merge === true ? [files] : files.map((file) => [file]);
  const options = outputOptions(output, settings, raw, surroundings);
  const sink = resultSink(output, REPORT_WRITERS, options, groups.length);
  for (const group of groups) await sink.add(await reportOn(group));
  await sink.end();
  return EXIT.ok;

  async function reportOn(group: readonly string[]): Promise<ReportResult> {
    try {
      const traces: OpenedTrace[] = [];
      // A part may have frees only.
      const wanted = group.length === 1 ? 'allocations' : 'any';
      for (const file of group) traces.push(await readTrace(file, settings, surroundings, progress, wanted));
      progress.say(`${group.join(', ')}: replaying`);
      const { trace, warnings } = traces.length === 1 ? { trace: traces[0], warnings: [] } : mergeTraces(traces);
      requireAllocations(trace);
      const fitting = settingsFor(settings, trace.table);
      return analyze(trace.table, trace.source, {
        ...fitting,
        warnings: [...fitting.warnings, ...warnings],
        policy,
        profile,
        groupBy: settings.by === 'class' || settings.by === 'site' ? undefined : settings.by,
        command: reportCommand(group, raw),
        version: version(),
      });
    } finally {
      progress.end();
    }
  }
}
