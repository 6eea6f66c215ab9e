import { UsageError } from '../base/errors.ts';
import { DEFAULT_POLICY } from '../policy/built-in.ts';
import { renderReport } from '../report/report-text.ts';
import { analyze } from '../result/analyze.ts';
import type { ReportResult } from '../result/result.ts';
import { reportCommand } from './command-line.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { parseReplayOptions, settingsFor, type RawOptions } from './options.ts';
import { policyOption } from './policy-option.ts';
import { createProgress } from './progress.ts';
import { mergeTraces } from './merge-traces.ts';
import { readTrace, type ReadTrace } from './read-trace.ts';
import { jsonText, openOutput } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { textOptions } from './text-options.ts';
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
  const settings = parseReplayOptions(raw);
  const policy = await policyOption(raw.policy ?? DEFAULT_POLICY);
  const output = await openOutput(raw, surroundings);
  const progress = createProgress(surroundings, raw.quiet === true);
  const layout = textOptions(output, settings, raw, surroundings);
  const reports: ReportResult[] = [];
  // Several files may be parts of one trace; else each has a report of its own.
  const groups = raw.merge === true ? [files] : files.map((file) => [file]);
  for (const [index, group] of groups.entries()) {
    const report = await reportOn(group);
    if (raw.json === true) reports.push(report);
    else await output.write((index === 0 ? '' : '\n') + renderReport(report, layout));
  }
  if (raw.json === true) {
    const result = reports.length === 1 ? reports[0] : { schema: 'tagscope.reports', version: 1, reports };
    await output.write(jsonText(result));
  }
  await output.finish();
  return EXIT.ok;

  async function reportOn(group: readonly string[]): Promise<ReportResult> {
    try {
      const traces: ReadTrace[] = [];
      for (const file of group) traces.push(await readTrace(file, settings, surroundings, progress));
      progress.say(`${group.join(', ')}: replaying`);
      const { trace, warnings } = traces.length === 1 ? { trace: traces[0], warnings: [] } : mergeTraces(traces);
      const fitting = settingsFor(settings, raw, trace.table.recording);
      return analyze(trace.table, trace.source, {
        ...fitting,
        warnings: [...fitting.warnings, ...warnings],
        policy,
        groupBy: settings.by === 'comm' || settings.by === 'stack' ? settings.by : undefined,
        command: reportCommand(group, raw),
        version: version(),
      });
    } finally {
      progress.end();
    }
  }
}
