import { UsageError } from '../base/errors.ts';
import { renderInfo } from '../report/info-text.ts';
import { describe, INFO_VERSION, type InfoResult, type InfosResult } from '../result/info.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { parseJobs, parseSymbolsOffset, type RawOptions } from './options.ts';
import { createProgress } from './progress.ts';
import { readTrace } from './read-trace.ts';
import { openOutput } from './result-output.ts';
import { jsonText } from '../report/writers.ts';
import type { Surroundings } from './surroundings.ts';
import { textOptions } from './text-options.ts';
import { version } from './version.ts';

/** `tagscope info TRACE…`: what is in each trace. */
export async function runInfo(
  files: readonly string[],
  raw: RawOptions,
  surroundings: Surroundings,
): Promise<ExitCode> {
  if (files.filter((file) => file === '-').length > 1) {
    throw new UsageError('"-" is given twice', 'The standard input can be read only once.');
  }
  const output = await openOutput(raw, surroundings, ['text', 'json'], files);
  const progress = createProgress(surroundings, raw.quiet === true);
  const layout = textOptions(output, { top: 0, by: 'site' }, raw, surroundings);
  const results: InfoResult[] = [];
  for (const [index, file] of files.entries()) {
    const result = await infoOf(file);
    if (output.format === 'json') results.push(result);
    else await output.write((index === 0 ? '' : '\n') + renderInfo(result, layout));
  }
  if (output.format === 'json') {
    const result: InfosResult = { schema: 'tagscope.infos', version: INFO_VERSION, infos: results };
    await output.write(jsonText(result));
  }
  await output.finish();
  return EXIT.ok;

  async function infoOf(file: string): Promise<InfoResult> {
    try {
      // A trace that no report can be made of is what one wants to look at.
      const { table, source } = await readTrace(
        file,
        {
          strict: raw.strict === true,
          symbols: raw.symbols,
          symbolsOffset: parseSymbolsOffset(raw),
          jobs: parseJobs(raw),
        },
        surroundings,
        progress,
        'any',
      );
      return describe(table, source, version());
    } finally {
      progress.end();
    }
  }
}
