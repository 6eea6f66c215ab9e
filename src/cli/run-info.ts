import { UsageError } from '../base/errors.ts';
import { renderInfo } from '../report/info-text.ts';
import { infoOf, infosResult } from '../jobs/info.ts';
import type { InfoResult } from '../result/info.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { INFO, type InfoOptions } from '../options/commands/info.ts';
import { parseReadingOptions } from '../options/reading-options.ts';
import { monitored } from './monitor.ts';
import { readTrace } from './read-trace.ts';
import { openOutput } from './result-output.ts';
import { jsonText } from '../report/writers.ts';
import type { Surroundings } from './surroundings.ts';
import { textOptions } from './text-options.ts';
import { version } from './version.ts';

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
  const settings = parseReadingOptions(raw);
  const results: InfoResult[] = [];
  for (const [index, file] of files.entries()) {
    const { infos } = await monitored(raw, surroundings, async (_, progress) =>
      // A trace that no report can be made of is what one wants to look at.
      infoOf([await readTrace(file, settings, surroundings, progress, 'any')], version()),
    );
    if (output.format === 'json') results.push(...infos);
    else for (const info of infos) await output.write((index === 0 ? '' : '\n') + renderInfo(info, layout));
  }
  if (output.format === 'json') await output.write(jsonText(infosResult(results)));
  await output.finish();
  return EXIT.ok;
}
