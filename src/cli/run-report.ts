import { UsageError } from '../base/errors.ts';
import { DEFAULT_POLICY } from '../policy/built-in.ts';
import { lostOfSides } from '../report/losses-text.ts';
import { REPORT_WRITERS } from '../report/report-writers.ts';
import type { ReportResult } from '../result/result.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { REPORT, type ReportOptions } from '../options/commands/report.ts';
import { parseReplayOptions } from '../options/replay-options.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import { parseTableOptions } from '../options/table-options.ts';
import { policyOption } from './policy-option.ts';
import { profileOption } from './profile-option.ts';
import type { OpenedTrace } from '../open/opened-trace.ts';
import { reportOn } from '../jobs/report.ts';
import { monitored } from './monitor.ts';
import { readTrace } from './read-trace.ts';
import { openOutput, resultSink } from './result-output.ts';
import { sayLosses } from './say-losses.ts';
import type { Surroundings } from './surroundings.ts';
import { groupingFor, outputOptions } from './text-options.ts';
import { version } from './version.ts';

/** `tagscope report TRACE…`: one report for each trace, in order, or with --merge one for all of them together. */
export async function runReport(
  files: readonly string[],
  raw: ReportOptions,
  surroundings: Surroundings,
): Promise<ExitCode> {
  if (files.filter((file) => file === '-').length > 1) {
    throw new UsageError('"-" is given twice', 'The standard input can be read only once.');
  }
  const given = { ...parseReplayOptions(raw), ...parseTableOptions(raw) };
  const policy = await policyOption(raw.policy ?? DEFAULT_POLICY);
  const profile = await profileOption(raw.profile, given.cpu);
  const output = await openOutput(REPORT, raw, surroundings, files);
  const settings = { ...given, by: groupingFor(raw, output) };
  const groupBy = settings.by === 'class' || settings.by === 'site' ? undefined : settings.by;
  const told = { ...settings, profile, groupBy, version: version() };
  // Several files may be parts of one trace; else each has a report of its own.
  const groups = raw.merge === true ? [files] : files.map((file) => [file]);
  const options = outputOptions(output, settings, raw, surroundings);
  const sink = resultSink(output, REPORT_WRITERS, options, groups.length);
  for (const group of groups) {
    const report = await reportOf(group);
    sayLosses(output.format, lostOfSides([{ name: '', losses: report.losses }]), surroundings);
    await sink.add(report);
  }
  await sink.end();
  return EXIT.ok;

  function reportOf(group: readonly string[]): Promise<ReportResult> {
    return monitored(raw, surroundings, async (monitor, progress) => {
      const read = (file: string): Promise<OpenedTrace> =>
        // A part may have frees only.
        readTrace(file, settings, surroundings, progress, group.length === 1 ? 'allocations' : 'any');
      const [first, ...others] = group;
      const traces: [OpenedTrace, ...OpenedTrace[]] = [await read(first)];
      for (const file of others) traces.push(await read(file));
      return reportOn(traces, policy, { ...told, command: reproducingCommand(REPORT, group, raw) }, monitor);
    });
  }
}
