import { styleText } from 'node:util';
import { plainStyle, type Style } from '../report/style.ts';
import { MIN_WIDTH } from '../report/text-options.ts';
import type { Output, Surroundings } from './surroundings.ts';

/** Width of text for what is not a terminal. */
const DEFAULT_WIDTH = 80;

/** Columns of a terminal; for what is not one, what `fixedWidth` says. Never less than texts are laid out for. */
export function widthOf(stream: Output, env: Surroundings['env']): number {
  return stream.isTTY === true && stream.columns !== undefined && stream.columns > 0
    ? bounded(stream.columns)
    : fixedWidth(env);
}

/** Columns of a text that goes to a file or a pipe: what COLUMNS says, or 80. */
export function fixedWidth(env: Surroundings['env']): number {
  const columns = Number(env['COLUMNS']);
  return Number.isInteger(columns) && columns > 0 ? bounded(columns) : DEFAULT_WIDTH;
}

const bounded = (columns: number): number => Math.max(MIN_WIDTH, Math.min(columns, 1000));

/** Whether the locale can show characters beyond ASCII (LC_ALL, LC_CTYPE, LANG, in the order that counts). */
export function isUnicode(env: Surroundings['env']): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '');
  return locale !== undefined && /utf-?8/i.test(locale);
}

/** The style for a stream: colour in a terminal, unless NO_COLOR, TERM=dumb or the user says no. */
export function styleFor(stream: Output, env: Surroundings['env'], wanted: boolean): Style {
  if (!wanted || stream.isTTY !== true || env['TERM'] === 'dumb') return plainStyle;
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return plainStyle;
  // Newer versions of Node look at the standard output by themselves; the choice was made here.
  const inFormat =
    (format: 'bold' | 'dim' | 'yellow') =>
    (text: string): string =>
      styleText(format, text, { validateStream: false });
  return { strong: inFormat('bold'), faint: inFormat('dim'), warning: inFormat('yellow') };
}
