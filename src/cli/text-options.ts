import { formatOf } from '../report/formats.ts';
import { DEFAULT_MEASURE } from '../report/stacks/measures.ts';
import type { ReportBy, TextOptions } from '../report/text-options.ts';
import type { OutputOptions } from '../report/writers.ts';
import type { OutputOptions as OutputRows } from '../options/groups/output.ts';
import type { TABLE_OPTIONS } from '../options/groups/table.ts';
import type { Given } from '../options/option.ts';
import type { TableSettings } from '../options/table-options.ts';
import type { ResultOutput } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { fixedWidth, isUnicode, styleFor, widthOf } from './terminal.ts';
import { plainStyle } from '../report/style.ts';

type GivenTable = Given<typeof TABLE_OPTIONS>;
type LayoutOptions = Pick<Given<OutputRows>, 'color' | 'verbose'> & Pick<GivenTable, 'top'>;

/** How results are laid out for where they go. */
export function textOptions(
  output: Pick<ResultOutput, 'stream'>,
  settings: TableSettings,
  raw: LayoutOptions,
  { env }: Pick<Surroundings, 'env'>,
): TextOptions {
  const { stream } = output;
  const height = stream?.isTTY === true ? stream.rows : undefined;
  return {
    // A file is read with another width than that of the terminal it is written from.
    width: stream === undefined ? fixedWidth(env) : widthOf(stream, env),
    style: stream === undefined ? plainStyle : styleFor(stream, env, raw.color !== false),
    unicode: isUnicode(env),
    top: settings.top,
    by: settings.by,
    // Who says how many rows there are to be gets them.
    screen:
      height === undefined || height === 0
        ? undefined
        : { height, whole: raw.verbose === true || raw.top !== undefined },
    program: env['TAGSCOPE_PROGRAM'],
  };
}

/** How results are written, in whatever form. */
export const outputOptions = (
  output: Pick<ResultOutput, 'stream'>,
  settings: TableSettings,
  raw: LayoutOptions & Pick<GivenTable, 'weight'>,
  surroundings: Pick<Surroundings, 'env'>,
): OutputOptions => ({
  text: textOptions(output, settings, raw, surroundings),
  weight: raw.weight ?? DEFAULT_MEASURE,
});

/** What the rows below the classes are by: as was asked, or what the form of output is usually about. */
export const groupingFor = ({ by }: Pick<GivenTable, 'by'>, { format }: Pick<ResultOutput, 'format'>): ReportBy =>
  by ?? (formatOf(format).stacks === true ? 'stack' : 'site');
