import { prepareCheck } from '../commands/check.ts';
import { CHECK_WRITERS } from '../report/check-writers.ts';
import { CHECK, type CheckOptions } from '../options/commands/check.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { preparedWith, running } from './node-commands.ts';
import { openOutput, resultSink } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { outputOptions } from './text-options.ts';

/** `tagscope check TRACE --budget LIMITS`: whether the tag work of a trace is within limits. */
export async function runCheck(path: string, raw: CheckOptions, surroundings: Surroundings): Promise<ExitCode> {
  const run = await prepareCheck(path, raw, preparedWith(surroundings));
  const output = await openOutput(CHECK, raw, surroundings, [path]);
  const sink = resultSink(output, CHECK_WRITERS, outputOptions(output, { top: 0, by: 'class' }, raw, surroundings));
  const result = await running(raw, surroundings, run);
  await sink.add(result);
  await sink.end();
  return result.exceeded === 0 ? EXIT.ok : EXIT.failed;
}
