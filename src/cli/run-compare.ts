import { prepareCompare } from '../commands/compare.ts';
import { agrees } from '../jobs/compare.ts';
import { COMPARE_WRITERS } from '../report/compare-writers.ts';
import { COMPARE, type CompareOptions } from '../options/commands/compare.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { preparedWith, running } from './node-commands.ts';
import { printWarnings } from './print-warnings.ts';
import { openOutput, resultSink } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { outputOptions } from './text-options.ts';

/** `tagscope compare TRACE`: what policies save of a trace's tag work, beside what they leave of detection. */
export async function runCompare(path: string, raw: CompareOptions, surroundings: Surroundings): Promise<ExitCode> {
  const prepared = await prepareCompare(path, raw, preparedWith(surroundings));
  const output = await openOutput(COMPARE, raw, surroundings, [path]);
  printWarnings(prepared, surroundings);
  const sink = resultSink(output, COMPARE_WRITERS, outputOptions(output, { top: 0, by: 'class' }, raw, surroundings));
  const result = await running(raw, surroundings, (context) => prepared.run(context));
  await sink.add(result);
  await sink.end();
  return agrees(result) ? EXIT.ok : EXIT.failed;
}
