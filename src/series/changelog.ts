import type { ChangelogEntry } from './series.ts';

/** The version that a heading speaks of; undefined if it names none. */
type Heading = (line: string) => { readonly version: number | undefined } | undefined;

const BULLET = '^[\\s#*=_-]{0,8}';
const byPattern =
  (pattern: string, add: 0 | 1): Heading =>
  (line) => {
    const match = new RegExp(BULLET + pattern, 'i').exec(line);
    return match === null ? undefined : { version: match[1] === undefined ? undefined : Number(match[1]) + add };
  };

/** How authors head what changed, the most telling form first. */
const HEADINGS: readonly Heading[] = [
  byPattern(
    '(?:changes?|changelog|diff)?:? ?(?:from )?(?:v\\d{1,3}|rfc)(?: v?\\d{1,3})? ?(?:->|=>|→|\\.\\.|to) ?v(\\d{1,3})\\b',
    0,
  ),
  byPattern(
    '(?:changes?|changelog|diff\\w*|updates?),? (?:since|from|after|over|against|compared to) (?:the )?(?:(?:patch|rfc|version) ?)?v?(\\d{1,3})\\b',
    1,
  ),
  byPattern('(?:changes?|changelog|new|updates?) (?:in|for|of) (?:(?:patch|version) ?)?v?(\\d{1,3})\\b', 0),
  byPattern('(?:since|from) v(\\d{1,3})\\b', 1),
  byPattern('(?:patch )?v(\\d{1,3})(?: changes?| \\([^)]{0,40}\\))?:', 0),
  byPattern('v(\\d{1,3}) ?$', 0),
  byPattern('(?:changes?|changelog),? (?:since|from) (?:the )?(?:last|previous|rfc)\\b', 0),
  byPattern('(?:change ?log|changes|version history|history)\\s*:?\\s*$', 0),
];

/** Longer lines head nothing. */
const LONGEST_HEADING = 160;

function headingOf(line: string): { readonly version: number | undefined } | undefined {
  if (line.length > LONGEST_HEADING) return undefined;
  for (const heading of HEADINGS) {
    const found = heading(line);
    if (found !== undefined) return found;
  }
  return undefined;
}

export interface SplitChangelog {
  readonly entries: readonly ChangelogEntry[];
  /** The lines that are in no entry. */
  readonly rest: readonly string[];
}

/** An entry goes on with lists, indented lines and what belongs to them; prose after a blank line is no part of it. */
const belongs = (line: string, afterBlank: boolean): boolean =>
  !afterBlank || /^(?:\s|[-*+o•] ?|\d+[.)]|https?:|Link:|lore|\[\d+\])/i.test(line.slice(0, 40));

/** Takes what changed since earlier versions out of a text. */
export function splitChangelog(lines: readonly string[]): SplitChangelog {
  const entries: { version: number | undefined; heading: string; lines: string[] }[] = [];
  const rest: string[] = [];
  let inEntry = false;
  let afterBlank = false;
  for (const line of lines) {
    const heading = headingOf(line);
    if (heading !== undefined) {
      // `Changelog:` above `v2:` heads nothing itself.
      const last = entries.at(-1);
      if (inEntry && last !== undefined && last.version === undefined && last.lines.every((text) => text.trim() === ''))
        entries.pop();
      entries.push({ version: heading.version, heading: line.trim(), lines: afterColon(line) });
      inEntry = true;
    } else if (inEntry && (line.trim() === '' || belongs(line, afterBlank))) {
      entries.at(-1)?.lines.push(line);
    } else {
      inEntry = false;
      rest.push(line);
    }
    afterBlank = line.trim() === '';
  }
  return {
    entries: entries.map(({ version, heading, lines: of }) => ({ version, heading, text: of.join('\n').trim() })),
    rest,
  };
}

/** What stands behind `v2:` on the same line. */
function afterColon(line: string): string[] {
  const colon = line.indexOf(':');
  const text = colon < 0 ? '' : line.slice(colon + 1).trim();
  return text === '' ? [] : [text];
}
