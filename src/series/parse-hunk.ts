import { quoted } from '../base/errors.ts';
import type { Hunk, HunkLine } from './file-diff.ts';

/** What went wrong in a hunk; `index` is that of the line. */
export interface HunkFault {
  readonly kind: 'hunk-damaged' | 'wrapped-line';
  readonly index: number;
  readonly found: string;
  readonly expected: string;
}

export interface ParsedHunk {
  /** Undefined where the lines are not what the header says. */
  readonly hunk: Hunk | undefined;
  readonly faults: readonly HunkFault[];
  /** The first line behind it. */
  readonly end: number;
}

const HEADER = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@ ?([^]*)$/;

export const isHunkHeader = (line: string): boolean => line.startsWith('@@ -') && HEADER.test(line);

/** Mail programs break lines near this column; a shorter line was not broken. */
const SHORTEST_BROKEN_LINE = 60;
/** A hunk with more of them is damaged. */
const MOST_BROKEN_LINES = 20;

/** Counts down what a hunk's header promises, line by line. */
class HunkLines {
  readonly lines: HunkLine[] = [];
  #old: number;
  #new: number;
  #oldLine: number;
  #newLine: number;

  constructor(hunk: Pick<Hunk, 'oldStart' | 'oldCount' | 'newStart' | 'newCount'>) {
    this.#old = hunk.oldCount;
    this.#new = hunk.newCount;
    this.#oldLine = hunk.oldStart;
    this.#newLine = hunk.newStart;
  }

  get complete(): boolean {
    return this.#old === 0 && this.#new === 0;
  }

  get missing(): string {
    return `${this.#old} lines more of the old file and ${this.#new} of the new one`;
  }

  /** False if the line cannot be the next one. */
  take(line: string): boolean {
    // A blank context line that lost its space on the way.
    const marker = line === '' ? ' ' : line[0];
    const text = line.slice(1);
    const both = marker === ' ' && this.#old > 0 && this.#new > 0;
    if (both) this.#push({ type: 'context', text, oldLine: this.#oldLine, newLine: this.#newLine, noNewline: false });
    else if (marker === '-' && this.#old > 0) {
      this.#push({ type: 'remove', text, oldLine: this.#oldLine, newLine: undefined, noNewline: false });
    } else if (marker === '+' && this.#new > 0) {
      this.#push({ type: 'add', text, oldLine: undefined, newLine: this.#newLine, noNewline: false });
    } else return false;
    return true;
  }

  #push(line: HunkLine): void {
    this.lines.push(line);
    if (line.oldLine !== undefined) {
      this.#old--;
      this.#oldLine++;
    }
    if (line.newLine !== undefined) {
      this.#new--;
      this.#newLine++;
    }
  }

  /** Changes the line that was taken last. */
  amend(change: (line: HunkLine) => HunkLine): void {
    const last = this.lines.pop();
    if (last !== undefined) this.lines.push(change(last));
  }
}

/** What may stand behind a hunk that is whole: a hunk or a file, the end, or text that is no line of a hunk. */
const goesOn = (line: string | undefined): boolean =>
  line !== undefined && /^[ +-]/.test(line) && !/^(?:-- ?$|--- |---$|\s*$)/.test(line);

/**
 * Reads a hunk by counting its lines, so that neither signature nor quotes nor lines that look like headers are taken for
 * more or less than they are. A line that a mail program broke in two is mended if the counts then fit.
 *
 * @param at the index of its header in `lines`
 */
export function parseHunk(lines: readonly string[], at: number): ParsedHunk {
  const [, oldStart, oldCount = '1', newStart, newCount = '1', heading] = HEADER.exec(lines[at]) ?? [];
  const head = {
    oldStart: Number(oldStart),
    oldCount: Number(oldCount),
    newStart: Number(newStart),
    newCount: Number(newCount),
  };
  const reading = new HunkLines(head);
  const faults: HunkFault[] = [];
  let index = at + 1;
  const damaged = (found: string): ParsedHunk => ({
    hunk: undefined,
    faults: [{ kind: 'hunk-damaged', index, found, expected: reading.missing }],
    end: index,
  });
  for (; !reading.complete; index++) {
    const line = lines[index];
    if (line === undefined) return damaged('the end of the mail');
    if (line.startsWith('\\ ')) {
      reading.amend((last) => ({ ...last, noNewline: true }));
    } else if (!reading.take(line)) {
      if (faults.length === MOST_BROKEN_LINES || !isRestOfBrokenLine(lines, index)) return damaged(quoted(line));
      reading.amend((last) => ({ ...last, text: `${last.text} ${line}` }));
      faults.push({ kind: 'wrapped-line', index, found: quoted(line), expected: 'it at the end of the line before' });
    }
  }
  if (lines[index]?.startsWith('\\ ')) {
    reading.amend((last) => ({ ...last, noNewline: true }));
    index++;
  }
  const hunk: Hunk = { ...head, heading: (heading ?? '').trimEnd(), lines: reading.lines };
  if (goesOn(lines[index])) {
    const { oldCount: old, newCount: fresh } = head;
    faults.push({
      kind: 'hunk-damaged',
      index,
      found: quoted(lines[index]),
      expected: `no more lines than the ${old} and ${fresh} of its header`,
    });
  }
  return { hunk, faults, end: index };
}

/** How wide a line is on a screen, where a tab goes on to the next eighth column. */
const columnsOf = (line: string): number =>
  [...line].reduce((columns, char) => (char === '\t' ? 8 * (Math.floor(columns / 8) + 1) : columns + 1), 0);

/** A line without a marker below one that is long enough to have been broken. */
function isRestOfBrokenLine(lines: readonly string[], index: number): boolean {
  const line = lines[index];
  return (
    columnsOf(lines[index - 1]) >= SHORTEST_BROKEN_LINE &&
    /^[^\s+\-@\\]/.test(line) &&
    !/^(?:diff|index|From) /.test(line)
  );
}
