import { knownPrefix } from './log-prefix.ts';

/** Longer lines are no kernel's: printk cuts records at 1 KiB (kernel/printk/printk.c), and prefixes are short. */
export const MAX_LINE = 2048;

/** Colours of dmesg --color: of ECMA-48, what selects how characters look. */
const COLOURS = new RegExp(String.raw`${String.fromCodePoint(27)}\[[\d;]{0,20}m`, 'g');
const ESCAPE = String.fromCodePoint(27);

/** What pages of the web have for characters of a log (HTML, character references). */
const ENTITIES: Readonly<Record<string, string>> = {
  gt: '>',
  lt: '<',
  amp: '&',
  quot: '"',
  nbsp: ' ',
  '#39': "'",
  '#x27': "'",
};
/** What editors and pages of the web put for blanks at the beginning of a line. */
const NO_BREAK = '\u00a0';

/** A line without its end and its colours, and no longer than a record may be. */
export function cleanLine(line: string): string {
  const bounded = line.length > MAX_LINE ? line.slice(0, MAX_LINE) : line;
  const uncoloured = bounded.includes(ESCAPE) ? bounded.replace(COLOURS, '') : bounded;
  const unescaped = uncoloured.includes('&')
    ? uncoloured.replace(/&(gt|lt|amp|quot|nbsp|#39|#x27);/g, (_, name: string) => ENTITIES[name] ?? '')
    : uncoloured;
  const plain = unescaped.includes(NO_BREAK) ? unescaped.replaceAll(NO_BREAK, ' ') : unescaped;
  return plain.endsWith('\r') ? plain.replace(/\r+$/, '') : plain;
}

/** The text of a log line: what printk was given. */
export function textOfLogLine(line: string): string {
  const clean = cleanLine(line);
  return clean.slice(knownPrefix(clean).length);
}

/** A line of a report, without what stood before it. */
export interface ReportLine {
  readonly text: string;
  /** Who printed it, if the log tells. */
  readonly caller: string | undefined;
}

/**
 * What stands before the lines of one report, learned from its title: marks of a quoted mail, an indent, what loggers
 * write, and whatever else a vendor or an archive has put there.
 */
export class ReportPrefix {
  /** Who printed the title. */
  readonly caller: string | undefined;
  readonly #quote: RegExp | undefined;
  readonly #indent: number;
  readonly #hasKnown: boolean;
  readonly #rest: string;
  readonly #width: number;

  /** @param before what stands before `BUG: KASAN:` in the line of the title */
  constructor(before: string) {
    const quotes = /^(?:[>|] ?)+/.exec(before)?.[0] ?? '';
    const marks = quotes.replaceAll(' ', '').length;
    // Blanks behind a mark may be cut off, and some mailers write none.
    this.#quote = marks === 0 ? undefined : new RegExp(`^(?:[>|] ?){1,${marks}}`);
    this.#indent = /^ */.exec(before.slice(quotes.length))?.[0].length ?? 0;
    const from = quotes.length + this.#indent;
    const known = knownPrefix(before, from);
    this.caller = known.caller;
    this.#hasKnown = known.length > 0;
    this.#rest = before.slice(from + known.length);
    this.#width = known.length + this.#rest.length;
  }

  /** What is left of the prefix beside the known pieces, such as `comm: `: only a report that follows it makes sure. */
  get unknown(): string {
    return this.#rest;
  }

  /** The line without it. */
  strip(line: string): ReportLine {
    const quoted = this.#quote === undefined ? line : line.replace(this.#quote, '');
    const indent = Math.min(this.#indent, blanksBefore(quoted));
    const inner = indent === 0 ? quoted : quoted.slice(indent);
    const known = knownPrefix(inner);
    const rest = inner.slice(known.length);
    if (known.length === 0 && (this.#hasKnown || this.#rest !== '') && blanksBefore(inner) >= this.#width) {
      // util-linux pads the further lines of one record with blanks.
      return { text: inner.slice(this.#width), caller: undefined };
    }
    return { text: this.#withoutRest(rest), caller: known.caller };
  }

  #withoutRest(text: string): string {
    if (this.#rest === '') return text;
    // Times and numbers in it differ from line to line.
    const { length } = this.#rest;
    if (shapeOf(text.slice(0, length)) === shapeOf(this.#rest)) return text.slice(length);
    return shapeOf(text) === shapeOf(this.#rest.trimEnd()) ? '' : text;
  }
}

const shapeOf = (text: string): string => text.replace(/\d/g, '0');

const blanksBefore = (text: string): number => {
  let count = 0;
  while (text.charAt(count) === ' ') count++;
  return count;
};
