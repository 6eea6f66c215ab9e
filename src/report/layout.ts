import { commandText } from './command-text.ts';
import { printable } from './printable.ts';
import { wrap } from './prose.ts';
import type { Style } from './style.ts';
import { layoutWidth, type TextOptions } from './text-options.ts';
import { warningsText } from './warnings-text.ts';

/** A table: a screen that is too small for all of it shows its first rows, or nothing. */
export interface Table {
  /** What it shows, for the line that says what was left out. */
  readonly name: string;
  /** How many rows it has. */
  readonly rows: number;
  /** Fewer of them tell nothing; 2 if it is not said. */
  readonly least?: number;
  /** A line instead of it, where there is no room for even these. */
  readonly brief?: string;
  /** Its lines with so many rows, and with a note on those that are left out. */
  readonly render: (rows: number) => readonly string[];
}

/** What surrounds the answer: on a screen that is too small for all of it one line, or nothing. */
export interface Detail {
  readonly name: string;
  readonly lines: readonly string[];
  /** Lines instead of it, each cut where it is too long; none where it is left out. */
  readonly brief: readonly string[];
  /** How these lines stand out. */
  readonly tone?: keyof Style;
  /** They say all that there is to say, unless they are cut. */
  readonly complete?: true;
}

/** A part of a text. Bare lines are never shortened. */
export type Section = readonly string[] | Table | Detail;

const isTable = (section: Section): section is Table => 'render' in section;
const isDetail = (section: Section): section is Detail => 'brief' in section;

export const detail = (name: string, lines: readonly string[], ...brief: readonly string[]): Detail => ({
  name,
  lines,
  brief,
});

const LEAST_ROWS = 2;
const LEAST_LINES = 8;

/** Lines that need not all be there, as rows of a table. */
export const clipped = (name: string, lines: readonly string[], { style }: TextOptions): Table => ({
  name,
  rows: lines.length,
  least: LEAST_LINES,
  render: (rows) =>
    rows >= lines.length
      ? lines
      : [...lines.slice(0, rows), `  ${style.faint(`${lines.length - rows} more lines; -v shows them.`)}`],
});

/** Warnings: on a small screen a line for each. */
export const warnings = (texts: readonly string[], options: TextOptions): Detail => ({
  name: 'warnings in full',
  lines: warningsText(texts, options),
  brief: texts.map((text) => `Warning: ${printable(text, options.unicode)}`),
  tone: 'warning',
  complete: true,
});

/** The first line of a text, cut where the screen ends. */
function cut(text: string, options: TextOptions): string {
  const width = layoutWidth(options);
  if (text.length <= width) return text;
  const mark = options.unicode ? '…' : '...';
  const [line = ''] = wrap(text.trimStart(), width - mark.length);
  return line + mark;
}

/** The line with the command, and the prompt that follows. */
const AROUND = 2;

/**
 * Joins the parts of a text with a blank line between them; empty ones are left out. In a terminal the answer is what
 * stands on the screen in the end: what is around it is shortened, and tables are cut, until all of it has room. Where
 * all of it was asked for, and it is longer than the screen, the answer is said again below.
 *
 * @param sections the first is the answer; earlier tables get their rows before later ones
 * @param command that gives the same again: shown where another program has run it, whose user does not know it
 */
export function layOut(sections: readonly Section[], options: TextOptions, command = ''): string {
  const { screen } = options;
  const whole = joinSections(sections.map(allLines));
  if (screen === undefined) return whole;
  const room = Math.max(1, screen.height - AROUND);
  if (lineCount(whole) <= room) return whole;
  const shown = screen.whole ? whole : fitted({ sections, options, command }, room);
  const [answer] = sections;
  return lineCount(shown) <= room ? shown : joinSections([[shown.trimEnd()], allLines(answer)]);
}

/** All of a part. */
export const allLines = (section: Section): readonly string[] => {
  if (isTable(section)) return section.render(section.rows);
  return isDetail(section) ? section.lines : section;
};

/** Blocks with a blank line between them; empty ones are left out. */
export const joinSections = (blocks: readonly (readonly string[])[]): string =>
  `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;

const lineCount = (text: string): number => text.split('\n').length - 1;

/** Shortens until there is room; what has no room even so is left longer than that. */
function fitted(text: Text, room: number): string {
  const tables = text.sections.filter(isTable).filter(({ rows }) => rows > 0);
  const shown: Shown = { rows: new Map(), whole: new Set() };
  const fits = (table: Table, rows: number): boolean => {
    const before = shown.rows.get(table);
    shown.rows.set(table, rows);
    if (lineCount(composed(text, shown)) <= room) return true;
    if (before === undefined) shown.rows.delete(table);
    else shown.rows.set(table, before);
    return false;
  };
  const begun = tables.filter((table) => fits(table, Math.min(table.rows, table.least ?? LEAST_ROWS)));
  for (const table of begun) {
    // A table that is cut has a note, so that the last row may need less room than the one before.
    if (fits(table, table.rows)) continue;
    for (let rows = (shown.rows.get(table) ?? 0) + 1; rows < table.rows && fits(table, rows); rows++);
  }
  const details = text.sections.filter(isDetail);
  // What says nothing yet comes before what has said the most of it.
  for (const part of [
    ...details.filter(isSilent),
    ...details.filter((one) => !isSilent(one) && one.complete !== true),
  ]) {
    shown.whole.add(part);
    if (lineCount(composed(text, shown)) > room) shown.whole.delete(part);
  }
  return composed(text, shown);
}

const isSilent = ({ brief }: Detail): boolean => brief.length === 0;

/** What there is room for: so many rows of a table, all of a detail. */
interface Shown {
  readonly rows: Map<Table, number>;
  readonly whole: Set<Detail>;
}

/** A text that has no room. */
interface Text {
  readonly sections: readonly Section[];
  readonly options: TextOptions;
  readonly command: string;
}

function composed({ sections, options, command }: Text, shown: Shown): string {
  const blocks: (readonly string[])[] = [];
  let briefs: string[] = [];
  const left = new Set<string>();
  const endBriefs = (): void => {
    blocks.push(briefs);
    briefs = [];
  };
  for (const section of sections) {
    if (isTable(section)) {
      const rows = shown.rows.get(section);
      if (rows === undefined) {
        if (section.rows > 0) left.add(section.name);
        if (section.rows > 0 && section.brief !== undefined) briefs.push(cut(section.brief, options));
        continue;
      }
      endBriefs();
      blocks.push(section.render(rows));
    } else if (isDetail(section)) {
      if (section.lines.length === 0) continue;
      if (shown.whole.has(section)) {
        endBriefs();
        blocks.push(section.lines);
        continue;
      }
      briefs.push(...briefLines(section, options));
      if (section.complete !== true || section.brief.some((line) => cut(line, options) !== line))
        left.add(section.name);
    } else {
      endBriefs();
      blocks.push(section);
    }
  }
  if (left.size > 0) briefs.push(options.style.faint(cut(`-v shows ${listed([...left])}.`, options)));
  if (options.program !== undefined && command !== '') briefs.push(...againLines(command, options));
  endBriefs();
  return joinSections(blocks);
}

const briefLines = ({ brief, tone }: Detail, options: TextOptions): readonly string[] =>
  brief.map((text) => {
    const line = cut(text, options);
    return tone === undefined ? line : options.style[tone](line);
  });

const againLines = (command: string, options: TextOptions): readonly string[] => {
  const [first, ...rest] = commandText(command, options);
  return [first.replace(/^Command +/, 'To run it again: '), ...rest];
};

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
