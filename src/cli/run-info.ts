import { UsageError } from '../base/errors.ts';
import { prepareInfo } from '../commands/info.ts';
import { infosResult } from '../jobs/info.ts';
import { renderInfo } from '../report/info-text.ts';
import { jsonText } from '../report/writers.ts';
import type { InfoResult } from '../result/info.ts';
import { INFO, type InfoOptions } from '../options/commands/info.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { preparedWith, running } from './node-commands.ts';
import { openOutput } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { textOptions } from './text-options.ts';

/** `tagscope info TRACE…`: what is in each trace. */
export async function runInfo(
  files: readonly string[],
  raw: InfoOptions,
  surroundings: Surroundings,
): Promise<ExitCode> {
  if (files.filter((file) => file === '-').length > 1) {
    throw new UsageError('"-" is given twice', 'The standard input can be read only once.');
  }
  const output = await openOutput(INFO, raw, surroundings, files);
  const layout = textOptions(output, { top: 0, by: 'site' }, raw, surroundings);
  const info = prepareInfo(raw, preparedWith(surroundings));
  const results: InfoResult[] = [];
  for (const [index, file] of files.entries()) {
    const { infos } = await running(raw, surroundings, (context) => info(file, context));
    if (output.format === 'json') results.push(...infos);
    else for (const one of infos) await output.write((index === 0 ? '' : '\n') + renderInfo(one, layout));
  }
  if (output.format === 'json') await output.write(jsonText(infosResult(results)));
  await output.finish();
  return EXIT.ok;
}
