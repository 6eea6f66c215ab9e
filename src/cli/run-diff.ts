import { UsageError } from '../base/errors.ts';
import type { Paths } from '../options/command.ts';
import { prepareDiff } from '../commands/diff.ts';
import { DIFF_WRITERS, lostOfDiff } from '../report/diff-writers.ts';
import { formatOf } from '../report/formats.ts';
import { DIFF, type DiffOptions } from '../options/commands/diff.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { preparedWith, running } from './node-commands.ts';
import { openOutput, writeResult } from './result-output.ts';
import { sayLosses } from './say-losses.ts';
import type { Surroundings } from './surroundings.ts';
import { groupingFor, outputOptions } from './text-options.ts';

/** `tagscope diff TRACE --from P --to Q`, or two traces under one policy: what the second does less. */
export async function runDiff(paths: Paths, raw: DiffOptions, surroundings: Surroundings): Promise<ExitCode> {
  const { top, run } = await prepareDiff(paths, raw, preparedWith(surroundings));
  const output = await openOutput(DIFF, raw, surroundings, paths);
  const by = groupingFor(raw, output);
  const isPlain = raw.by === undefined || raw.by === 'class' || raw.by === 'site';
  if (!isPlain && !(raw.by === 'stack' && formatOf(output.format).stacks === true)) {
    throw new UsageError(
      `--by ${raw.by}: differences are by class or by site`,
      'A report can be by command, task, cache, order or stack; a flame graph of a difference is by stack.',
    );
  }
  const groupBy = by === 'stack' ? 'stack' : undefined;
  const result = await running(raw, surroundings, (context) => run(groupBy, context));
  sayLosses(output.format, lostOfDiff(result), surroundings);
  await writeResult(result, output, DIFF_WRITERS, outputOptions(output, { top, by }, raw, surroundings));
  return EXIT.ok;
}
