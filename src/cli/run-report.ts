import type { Paths } from '../options/command.ts';
import { prepareReport } from '../commands/report.ts';
import { lostOfSides } from '../report/losses-text.ts';
import { REPORT_WRITERS } from '../report/report-writers.ts';
import { REPORT, type ReportOptions } from '../options/commands/report.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { preparedWith, running } from './node-commands.ts';
import { openOutput, resultSink } from './result-output.ts';
import { sayLosses } from './say-losses.ts';
import type { Surroundings } from './surroundings.ts';
import { groupingFor, outputOptions } from './text-options.ts';

/** `tagscope report TRACE…`: one report for each trace, in order, or with --merge one for all of them together. */
export async function runReport(paths: Paths, raw: ReportOptions, surroundings: Surroundings): Promise<ExitCode> {
  const { top, groups, report } = await prepareReport(paths, raw, preparedWith(surroundings));
  const output = await openOutput(REPORT, raw, surroundings, paths);
  const by = groupingFor(raw, output);
  const options = outputOptions(output, { top, by }, raw, surroundings);
  const sink = resultSink(output, REPORT_WRITERS, options, groups.length);
  for (const group of groups) {
    const result = await running(raw, surroundings, (context) => report(group, by, context));
    sayLosses(output.format, lostOfSides([{ name: '', losses: result.losses }]), surroundings);
    await sink.add(result);
  }
  await sink.end();
  return EXIT.ok;
}
