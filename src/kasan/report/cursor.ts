/** A line of a log, without its prefix, and its number from 1. */
export interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

/**
 * Walks over the lines of one report. A section is looked for by its first line; lines before it that no section takes
 * are kept apart: a log may be interleaved with what other CPUs print.
 */
export class Cursor {
  readonly #lines: readonly NumberedLine[];
  #at = 0;

  constructor(lines: readonly NumberedLine[]) {
    this.#lines = lines;
  }

  /** The number of the line that comes next; after the last one, that of the last. */
  get lineNumber(): number {
    return (this.#lines[this.#at] ?? this.#lines.at(-1))?.number ?? 0;
  }

  peek(): NumberedLine | undefined {
    return this.#lines[this.#at];
  }

  /** Takes the next line if it matches. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    const match = pattern.exec(this.#lines[this.#at]?.text ?? '');
    if (this.#at >= this.#lines.length || match === null) return undefined;
    this.#at++;
    return match;
  }

  /** Takes all lines from here on that match. */
  takeAll(pattern: RegExp): RegExpExecArray[] {
    const taken: RegExpExecArray[] = [];
    for (let match = this.take(pattern); match !== undefined; match = this.take(pattern)) taken.push(match);
    return taken;
  }

  /** Takes the next line, whatever it is. */
  skip(): NumberedLine | undefined {
    const line = this.#lines[this.#at];
    if (line !== undefined) this.#at++;
    return line;
  }
}
