import { prepareConform, type Conformed } from '../commands/conform.ts';
import { caseLines, headLines, tailLines } from '../conform/ktap.ts';
import type { SuiteResult } from '../conform/harness.ts';
import { conforms } from '../jobs/conform.ts';
import { bootMessage } from '../kasan/boot-message.ts';
import { renderAgainstLog, renderSeeds } from '../report/conform-text.ts';
import { renderPolicyCases } from '../report/policy-cases-text.ts';
import type { TextOptions } from '../report/text-options.ts';
import { jsonText } from '../report/writers.ts';
import { CONFORM, type ConformOptions } from '../options/commands/conform.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { monitored } from './monitor.ts';
import { preparedWith } from './node-commands.ts';
import { printWarnings } from './print-warnings.ts';
import { openOutput } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { textOptions } from './text-options.ts';

/** `tagscope conform`: the kernel's own KASAN tests on the model. */
export async function runConform(raw: ConformOptions, surroundings: Surroundings): Promise<ExitCode> {
  const { settings, run } = await prepareConform(raw, preparedWith(surroundings));
  const output = await openOutput(CONFORM, raw, surroundings);
  printWarnings(settings, surroundings);
  const conformed = await monitored(raw, surroundings, run);
  const options = textOptions(output, { top: 0, by: 'class' }, raw, surroundings);
  const { result } = conformed;
  const message = bootMessage(settings.config) ?? '';
  const text = (): string => textOf(conformed, message, raw, options);
  await output.write(output.format === 'json' ? jsonText(result) : text());
  await output.finish();
  return conforms(result) ? EXIT.ok : EXIT.failed;
}

function textOf({ result, suite }: Conformed, message: string, raw: ConformOptions, options: TextOptions): string {
  switch (result.schema) {
    case 'tagscope.conform':
      return suite === undefined
        ? ''
        : ktap(suite, [result.command, message], raw.reports === true ? 'reports' : 'results');
    case 'tagscope.conform-seeds':
      return renderSeeds(result, options);
    case 'tagscope.conform-policy':
      return renderPolicyCases(result, options);
    case 'tagscope.conform-against':
      return renderAgainstLog(result, options);
  }
}

/** The results as KTAP, with remarks behind its first line. */
function ktap(suite: SuiteResult, remarks: readonly string[], shows: 'results' | 'reports'): string {
  const [version, ...head] = headLines(suite.cases.length);
  const cases = suite.cases.flatMap((result, index) => caseLines(result, index + 1, shows === 'reports'));
  const lines = [version, ...remarks.map((remark) => `# ${remark}`), ...head, ...cases, ...tailLines(suite)];
  return `${lines.join('\n')}\n`;
}
