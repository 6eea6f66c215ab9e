import { UsageError } from '../base/errors.ts';
import { FORMATS, formatOf, formatOfFile, type FormatName } from '../report/formats.ts';
import type { OutputOptions } from './groups/output.ts';
import type { Given } from './option.ts';

/** What is written: the form, and whether it is compressed. */
export interface OutputFormat {
  readonly name: FormatName;
  readonly gzip: boolean;
}

/**
 * The form that a command line asks for: `--format` and `--json` before the ending of the file that `-o` names, and text
 * if nothing says otherwise.
 *
 * An ending that is not known is refused: text in a file that is called `.xlsx` or `.htlm` is found out about later, by
 * somebody else. A name without an ending is a text.
 *
 * @param offered the forms that the command has
 * @throws UsageError
 */
export function outputFormat(
  { format, json, output }: Pick<Given<OutputOptions>, 'format' | 'json' | 'output'>,
  offered: readonly FormatName[],
): OutputFormat {
  const named = output === undefined || output === '-' ? undefined : formatOfFile(output);
  const asked = askedFor(format, json, offered);
  const name = asked ?? (named === undefined ? 'text' : named.format);
  if (name === undefined) {
    throw new UsageError(
      `-o ${output}: the ending says no format that is known`,
      `Known are ${endingsOf(offered)}, each also with .gz behind it; or name the format with --format: ${offered.join(', ')}.`,
    );
  }
  if (!offered.includes(name)) {
    throw new UsageError(
      asked === undefined
        ? `-o ${output}: this command does not write ${name}`
        : `--format ${name}: this command does not write it`,
      `It writes ${offered.join(', ')}.`,
    );
  }
  return { name, gzip: named?.gzip === true || formatOf(name).gzip === true };
}

/** What is asked for by name, or by the ending that a file of it would have. */
function askedFor(
  format: string | undefined,
  json: boolean | undefined,
  offered: readonly FormatName[],
): FormatName | undefined {
  if (format === undefined) return json === true ? 'json' : undefined;
  const asked = format.toLowerCase();
  const known = FORMATS.find(({ name, endings }) => name === asked || endings.some((ending) => ending === `.${asked}`));
  if (known === undefined) {
    throw new UsageError(`--format ${format}: unknown`, `It is one of ${offered.join(', ')}.`);
  }
  if (json === true && known.name !== 'json') {
    throw new UsageError(`--json with --format ${known.name}`, '--json is short for --format json: give one of them.');
  }
  return known.name;
}

const endingsOf = (offered: readonly FormatName[]): string =>
  offered.flatMap((name) => formatOf(name).endings).join(' ');
