import { infoOf } from '../jobs/info.ts';
import type { InfoOptions } from '../options/commands/info.ts';
import { parseReadingOptions } from '../options/reading-options.ts';
import type { InfosResult } from '../result/info.ts';
import type { Preparation, Running } from './context.ts';

/** `info` of one trace, as its words ask for it. @throws UsageError for words that make no sense */
export function prepareInfo(
  raw: InfoOptions,
  { version }: Pick<Preparation, 'version'>,
): (path: string, running: Running) => Promise<InfosResult> {
  const settings = parseReadingOptions(raw);
  // A trace that no report can be made of is what one wants to look at.
  return async (path, { trace }) => infoOf([await trace(path, settings)], version);
}
