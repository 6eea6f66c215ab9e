import type { FileLine, Fragment } from './apply-series.ts';
import type { Hunk, HunkLine } from './file-diff.ts';

/** A line of a file while patches are applied to it. */
export class Line implements FileLine {
  readonly text: string;
  readonly noNewline: boolean;
  readonly addedBy: number | undefined;
  removedBy: number | undefined = undefined;
  /** Removed lines that stood between this one and the one before. */
  removedBefore: Line[] = [];
  /** Its number in the file as it is in the end; of a removed line, that of the line in its place. */
  place = 0;

  constructor(text: string, noNewline: boolean, addedBy: number | undefined) {
    this.text = text;
    this.noNewline = noNewline;
    this.addedBy = addedBy;
  }
}

/** Known lines that follow each other. */
interface Known {
  /** The index, from 0, of the first line in the file as it is now. */
  start: number;
  /** The same in the file before the series; it counts removed lines too. */
  originalStart: number;
  readonly lines: Line[];
  /** Removed lines behind the last one. */
  removedAtEnd: Line[];
  /** How many of all these were there before the series. */
  originals: number;
  /** The heading of the hunk that shows the first line. */
  readonly heading: string | undefined;
}

/**
 * How many lines may be compared in search of where hunks fit: linear time on input that is made to fit nearly everywhere.
 */
export class SearchBudget {
  #left = 20_000_000;

  /** False when nothing is left. */
  spend(text: string): boolean {
    this.#left -= 1 + (text.length >> 6);
    return this.#left > 0;
  }
}

/** What applying a diff to a file needs besides the file. */
export interface Applying {
  readonly patch: number;
  /** Lines that earlier hunks of the same diff left; no hunk goes over them. */
  readonly touched: Set<Line>;
  /** Told which line of the file each line of a hunk is. */
  readonly placed: Map<HunkLine, Line>;
  readonly budget: SearchBudget;
}

/** Where a hunk did not fit. */
export interface Misfit {
  readonly found: string;
  readonly expected: string;
}

const END_OF_FILE = 'the end of the file';
const isOriginal = ({ addedBy }: Line): boolean => addedBy === undefined;
const preimageOf = ({ lines }: Hunk): HunkLine[] => lines.filter(({ type }) => type !== 'add');
const sameLine = (line: Line, wanted: HunkLine): boolean =>
  line.text === wanted.text && line.noNewline === wanted.noNewline;

/** All original lines of a run of known ones, in order. */
function* originals({ lines, removedAtEnd }: Known): Generator<Line> {
  for (const line of lines) {
    yield* line.removedBefore.filter(isOriginal);
    if (isOriginal(line)) yield line;
  }
  yield* removedAtEnd.filter(isOriginal);
}

/**
 * A file of which some lines are known: those of hunks, or all. Applying a hunk makes its lines known, before and after.
 */
export class PartialFile {
  /** In order, with unknown lines between them. */
  #known: Known[];
  readonly whole: boolean;

  private constructor(known: Known[], whole: boolean) {
    this.#known = known;
    this.whole = whole;
  }

  /** A file that nothing is known of yet. */
  static unknown(): PartialFile {
    return new PartialFile([], false);
  }

  /** A file that is known from its first line to its last. */
  static of(content: string): PartialFile {
    const texts = content.split('\n');
    const endsWithoutNewline = texts.at(-1) !== '';
    if (!endsWithoutNewline) texts.pop();
    const lines = texts.map(
      (text, index) => new Line(text, endsWithoutNewline && index === texts.length - 1, undefined),
    );
    return new PartialFile(
      [{ start: 0, originalStart: 0, lines, removedAtEnd: [], originals: lines.length, heading: undefined }],
      true,
    );
  }

  /** A copy of the file as it is now, all of it added by a patch. */
  copyBy(patch: number): PartialFile {
    const known = this.#known.map(({ start, lines, heading }) => ({
      heading,
      start,
      originalStart: start,
      lines: lines.map(({ text, noNewline }) => new Line(text, noNewline, patch)),
      removedAtEnd: [],
      originals: 0,
    }));
    return new PartialFile(known, this.whole);
  }

  /** Whether it is known to have no lines left. */
  get isEmpty(): boolean {
    return this.whole && this.#known[0].lines.length === 0;
  }

  /** Puts a hunk into effect; undefined if it fits. */
  apply(hunk: Hunk, applying: Applying): Misfit | undefined {
    const wanted = preimageOf(hunk);
    const stated = Math.max(0, hunk.newCount === 0 ? hunk.newStart : hunk.newStart - 1);
    const at = this.whole
      ? this.#findInWhole(hunk, wanted, stated, applying)
      : this.#findInKnown(wanted, stated, applying);
    if (at === undefined) return this.#misfit(wanted, stated);
    const known = this.#makeKnown(at, wanted, hunk.heading);
    this.#replace(known, at - known.start, hunk, applying);
    return undefined;
  }

  #fits(lines: readonly Line[], from: number, wanted: readonly HunkLine[], { touched, budget }: Applying): boolean {
    return (
      from >= 0 &&
      from + wanted.length <= lines.length &&
      wanted.every(
        (line, index) =>
          budget.spend(line.text) && sameLine(lines[from + index], line) && !touched.has(lines[from + index]),
      )
    );
  }

  /**
   * Where `git apply` puts a hunk (apply.c:find_pos): at the stated line or the nearest that fits, later ones first; a hunk
   * without context in front only at the beginning, one without context behind only at the end, if it fits there.
   */
  #findInWhole(hunk: Hunk, wanted: readonly HunkLine[], stated: number, applying: Applying): number | undefined {
    const { lines } = this.#known[0];
    const atBeginning = hunk.oldStart <= 1;
    const atEnd = hunk.lines.at(-1)?.type !== 'context';
    const last = lines.length - wanted.length;
    const anchored = (at: number): boolean => (!atBeginning || at === 0) && (!atEnd || at === last);
    const from = atBeginning ? 0 : atEnd ? Math.max(0, last) : Math.min(stated, lines.length);
    if (anchored(from) && this.#fits(lines, from, wanted, applying)) return from;
    return this.#nearest(lines, Math.min(stated, lines.length), wanted, applying);
  }

  #nearest(lines: readonly Line[], from: number, wanted: readonly HunkLine[], applying: Applying): number | undefined {
    for (let distance = 0; distance <= lines.length; distance++) {
      if (this.#fits(lines, from + distance, wanted, applying)) return from + distance;
      if (distance > 0 && this.#fits(lines, from - distance, wanted, applying)) return from - distance;
    }
    return undefined;
  }

  /** Where a hunk goes if only some lines are known: at the stated line, unless what is known there is something else. */
  #findInKnown(wanted: readonly HunkLine[], stated: number, applying: Applying): number | undefined {
    if (this.#mismatchAt(stated, wanted) === undefined) return stated;
    let best: number | undefined;
    for (const { start, lines } of this.#known) {
      const at = this.#nearest(lines, Math.min(Math.max(0, stated - start), lines.length), wanted, applying);
      if (at !== undefined && (best === undefined || Math.abs(start + at - stated) < Math.abs(best - stated)))
        best = start + at;
    }
    return best;
  }

  /** The first known line from `at` on that is not what a hunk expects. */
  #mismatchAt(at: number, wanted: readonly HunkLine[]): { readonly line: Line; readonly wanted: HunkLine } | undefined {
    for (const { start, lines } of this.#known) {
      const from = Math.max(at, start);
      const to = Math.min(at + wanted.length, start + lines.length);
      for (let index = from; index < to; index++) {
        const line = lines[index - start];
        if (!sameLine(line, wanted[index - at])) return { line, wanted: wanted[index - at] };
      }
    }
    return undefined;
  }

  #misfit(wanted: readonly HunkLine[], stated: number): Misfit {
    const mismatch = this.#mismatchAt(stated, wanted);
    const text = (line: { readonly text: string } | undefined): string => line?.text ?? END_OF_FILE;
    return mismatch === undefined
      ? { found: END_OF_FILE, expected: text(wanted.at(-1)) }
      : { found: text(mismatch.line), expected: text(mismatch.wanted) };
  }

  /** Joins what is known around a hunk, and what the hunk shows, into one run of lines. */
  #makeKnown(at: number, wanted: readonly HunkLine[], heading: string): Known {
    const end = at + wanted.length;
    const first = this.#known.findIndex(({ start, lines }) => start + lines.length >= at);
    const from = first < 0 ? this.#known.length : first;
    let to = from;
    while (to < this.#known.length && this.#known[to].start <= end) to++;
    const touching = this.#known.slice(from, to);
    const [around] = touching;
    if (touching.length === 1 && around.start <= at && around.start + around.lines.length >= end) return around;
    const start = Math.min(at, around?.start ?? at);
    const joined: Known = {
      start,
      originalStart: this.#originalOf(start, from),
      lines: [],
      removedAtEnd: [],
      originals: 0,
      heading: around !== undefined && around.start <= at ? around.heading : headingAt(at, heading),
    };
    const showUpTo = (index: number): void => {
      for (let next = joined.start + joined.lines.length; next < index; next++) {
        const { text, noNewline } = wanted[next - at];
        pushLines(joined, [new Line(text, noNewline, undefined)]);
        joined.originals++;
      }
    };
    for (const known of touching) {
      showUpTo(known.start);
      pushLines(joined, known.lines);
      joined.removedAtEnd = [...joined.removedAtEnd, ...known.removedAtEnd];
      joined.originals += known.originals;
    }
    showUpTo(end);
    this.#known.splice(from, to - from, joined);
    return joined;
  }

  /** What index a line, at or before the known run `next`, had before the series. */
  #originalOf(start: number, next: number): number {
    const following = this.#known[next];
    if (following !== undefined && start >= following.start) return following.originalStart;
    const before = this.#known[next - 1];
    if (before === undefined) return start;
    return before.originalStart + before.originals + (start - before.start - before.lines.length);
  }

  /** Takes the lines of a hunk out of, and puts new ones into, a run that is known. */
  #replace(known: Known, from: number, hunk: Hunk, { patch, touched, placed }: Applying): void {
    const fresh: Line[] = [];
    let removed: Line[] = [];
    let next = from;
    for (const hunkLine of hunk.lines) {
      const line = hunkLine.type === 'add' ? new Line(hunkLine.text, hunkLine.noNewline, patch) : known.lines[next++];
      placed.set(hunkLine, line);
      if (hunkLine.type === 'remove') {
        for (const earlier of line.removedBefore) removed.push(earlier);
        removed.push(line);
        line.removedBefore = [];
        line.removedBy = patch;
        continue;
      }
      line.removedBefore = [...removed, ...line.removedBefore];
      removed = [];
      fresh.push(line);
      touched.add(line);
    }
    const after = known.lines[next];
    if (after === undefined) known.removedAtEnd = [...removed, ...known.removedAtEnd];
    else after.removedBefore = [...removed, ...after.removedBefore];
    spliceLines(known.lines, from, next - from, fresh);
    const shift = fresh.length - (next - from);
    for (const other of this.#known) if (other.start > known.start) other.start += shift;
  }

  /** What is known of the file before the series. */
  before(): Fragment[] {
    return this.#known.flatMap((known) => {
      const lines = [...originals(known)];
      return lines.length > 0 ? [{ start: known.originalStart + 1, lines, heading: known.heading }] : [];
    });
  }

  /** What is known of it now. */
  after(): Fragment[] {
    return this.#known.flatMap(({ start, lines, heading }) =>
      lines.length > 0 ? [{ start: start + 1, lines: [...lines], heading }] : [],
    );
  }

  /** Numbers the lines as they are now. */
  number(): void {
    for (const { start, lines, removedAtEnd } of this.#known) {
      lines.forEach((line, index) => {
        line.place = start + index + 1;
        for (const removed of line.removedBefore) removed.place = line.place;
      });
      const end = start + lines.length;
      for (const removed of removedAtEnd) removed.place = this.whole ? Math.max(1, end) : end + 1;
    }
  }
}

/** At the beginning of a file stands no function further up. */
const headingAt = (at: number, heading: string): string | undefined =>
  at === 0 || heading === '' ? undefined : heading;

/** Adds lines behind a run; what was removed at its end was removed before them. */
function pushLines(known: Known, lines: readonly Line[]): void {
  const [first] = lines;
  if (first === undefined) return;
  first.removedBefore = [...known.removedAtEnd, ...first.removedBefore];
  known.removedAtEnd = [];
  for (const line of lines) known.lines.push(line);
}

/** `splice` for any number of lines: as arguments, too many overflow the stack. */
function spliceLines(lines: Line[], from: number, count: number, fresh: readonly Line[]): void {
  if (fresh.length < 10_000) {
    lines.splice(from, count, ...fresh);
    return;
  }
  const rest = lines.splice(from).slice(count);
  for (const line of fresh) lines.push(line);
  for (const line of rest) lines.push(line);
}
