import type { SourceFragment } from './fragment.ts';

/** A piece of C that means something. Numbers and strings keep their text. */
export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'punctuation';
  readonly text: string;
  /** Line in the file. */
  readonly line: number;
}

/** A comment, without its marks and the stars at the beginnings of its lines. */
export interface Comment {
  readonly firstLine: number;
  readonly lastLine: number;
  readonly text: string;
  /** Begins with two stars: kernel-doc. */
  readonly isKernelDoc: boolean;
}

/** A line for the preprocessor, with its continuations. */
export interface Directive {
  readonly line: number;
  readonly lastLine: number;
  /** `define`, `if`, `ifdef`, `else` …; `continued` for what goes on from above the fragment, whose beginning is not shown. */
  readonly keyword: string;
  /** What follows the keyword. */
  readonly tokens: readonly Token[];
}

/** A fragment taken apart. */
export interface ScannedSource {
  /** The code, without comments and directives. */
  readonly tokens: readonly Token[];
  readonly directives: readonly Directive[];
  readonly comments: readonly Comment[];
}

/** Longest first, so that no operator is taken for two. */
const OPERATORS = [
  '<<=',
  '>>=',
  '...',
  '->',
  '++',
  '--',
  '<<',
  '>>',
  '<=',
  '>=',
  '==',
  '!=',
  '&&',
  '||',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
  '##',
];

const isNameStart = (char: string): boolean => /[A-Za-z_]/.test(char);
const isNamePart = (char: string): boolean => /\w/.test(char);
const isDigit = (char: string): boolean => char >= '0' && char <= '9';

/** Where a comment of several lines begins inside, as hunks do: its last line, or -1. */
function endOfOpenComment(lines: readonly string[]): number {
  const end = lines.findIndex((line) => line.includes('*/'));
  if (end < 0) return lines.length > 0 && lines.every((line) => /^\s*\*(?:\s|$)/.test(line)) ? lines.length - 1 : -1;
  const opened = lines.findIndex((line) => line.includes('/*'));
  const startsHere = opened >= 0 && (opened < end || (opened === end && before(lines[end], '/*', '*/')));
  return startsHere ? -1 : end;
}

const before = (line: string | undefined, first: string, second: string): boolean =>
  line !== undefined && line.indexOf(first) < line.indexOf(second);

/** Without the star that begins a line of a comment. */
const unstarred = (line: string): string => line.replace(/^\s*\*(?!\/)\s?/, '').trim();

/**
 * Takes a fragment apart, in time that grows with its length. What cannot be C is passed over: a fragment is part of a
 * stranger's mail. Strings end at the end of their line.
 */
export function scanSource(fragment: SourceFragment): ScannedSource {
  return new Scanner(fragment).scan();
}

class Scanner {
  readonly #lines: readonly string[];
  readonly #firstLine: number;
  readonly #code: Token[] = [];
  readonly #directives: Directive[] = [];
  readonly #comments: Comment[] = [];
  #index = 0;
  #column = 0;

  constructor({ lines, firstLine }: SourceFragment) {
    this.#lines = lines;
    this.#firstLine = firstLine;
  }

  scan(): ScannedSource {
    const open = endOfOpenComment(this.#lines);
    if (open >= 0) {
      const end = this.#lines[open]?.indexOf('*/') ?? -1;
      this.#comment(0, open, end < 0 ? (this.#lines[open] ?? '') : (this.#lines[open] ?? '').slice(0, end), '');
      this.#index = end < 0 ? open + 1 : open;
      this.#column = end < 0 ? 0 : end + 2;
    }
    // A backslash in the first line: the directive begins above, since one that begins here shows its mark.
    if (this.#index === 0 && this.#line.endsWith('\\') && !/^\s*#/.test(this.#line)) this.#continued();
    while (this.#index < this.#lines.length) {
      if (this.#column === 0 && /^\s*#/.test(this.#line)) this.#directive();
      else this.#codeOfLine(this.#code);
    }
    return { tokens: this.#code, directives: this.#directives, comments: this.#comments };
  }

  get #line(): string {
    return this.#lines[this.#index] ?? '';
  }

  get #number(): number {
    return this.#firstLine + this.#index;
  }

  #nextLine(): void {
    this.#index++;
    this.#column = 0;
  }

  #directive(): void {
    const line = this.#number;
    this.#column = this.#line.indexOf('#') + 1;
    const [keyword, ...tokens] = this.#continuedLines();
    this.#directives.push({ line, lastLine: this.#number - 1, keyword: keyword?.text ?? '', tokens });
  }

  #continued(): void {
    const line = this.#number;
    const tokens = this.#continuedLines();
    this.#directives.push({ line, lastLine: this.#number - 1, keyword: 'continued', tokens });
  }

  /** The tokens of a line and of those that it goes on in. */
  #continuedLines(): Token[] {
    const tokens: Token[] = [];
    let continued = true;
    while (continued && this.#index < this.#lines.length) {
      const index = this.#index;
      continued = this.#line.endsWith('\\');
      this.#codeOfLine(tokens);
      // A comment may reach into the lines that follow; the directive then ends where the comment does.
      if (this.#index > index + 1) continued = false;
    }
    return tokens;
  }

  /** Tokens up to the end of the line, or of the line in which a comment ends that begins here. */
  #codeOfLine(into: Token[]): void {
    const line = this.#line;
    const number = this.#number;
    while (this.#column < line.length) {
      const char = line.charAt(this.#column);
      const rest = line.slice(this.#column, this.#column + 3);
      if (rest.startsWith('//')) {
        this.#comment(this.#index, this.#index, line.slice(this.#column + 2), '');
        break;
      }
      if (rest.startsWith('/*')) {
        if (this.#blockComment()) continue;
        return;
      }
      if (char === '"' || char === "'") this.#string(char, into);
      else if (isNameStart(char)) this.#run('name', isNamePart, into);
      else if (isDigit(char)) this.#run('number', (part) => isNamePart(part) || part === '.', into);
      else if (/\s/.test(char) || (char === '\\' && this.#column === line.length - 1)) this.#column++;
      else {
        const text = OPERATORS.find((operator) => rest.startsWith(operator)) ?? char;
        into.push({ kind: 'punctuation', text, line: number });
        this.#column += text.length;
      }
    }
    this.#nextLine();
  }

  #run(kind: 'name' | 'number', isPart: (char: string) => boolean, into: Token[]): void {
    const line = this.#line;
    let end = this.#column + 1;
    while (end < line.length && isPart(line.charAt(end))) end++;
    into.push({ kind, text: line.slice(this.#column, end), line: this.#number });
    this.#column = end;
  }

  #string(quote: string, into: Token[]): void {
    const line = this.#line;
    let end = this.#column + 1;
    while (end < line.length && line.charAt(end) !== quote) end += line.charAt(end) === '\\' ? 2 : 1;
    into.push({ kind: 'string', text: line.slice(this.#column, end + 1), line: this.#number });
    this.#column = end + 1;
  }

  /** Passes over a comment; true if it ends in the line in which it begins. */
  #blockComment(): boolean {
    const first = this.#index;
    const start = this.#column + 2;
    const sameLine = this.#line.indexOf('*/', start);
    if (sameLine >= 0) {
      this.#comment(first, first, this.#line.slice(start, sameLine), this.#line.charAt(start));
      this.#column = sameLine + 2;
      return true;
    }
    let last = first + 1;
    while (last < this.#lines.length && !this.#lines[last]?.includes('*/')) last++;
    const end = this.#lines[last]?.indexOf('*/') ?? -1;
    const shown = Math.min(last, this.#lines.length - 1);
    const lastText = this.#lines[shown] ?? '';
    this.#comment(first, shown, end < 0 ? lastText : lastText.slice(0, end), this.#line.charAt(start));
    this.#index = last;
    this.#column = end < 0 ? 0 : end + 2;
    return false;
  }

  /**
   * @param lastText of the last line, what belongs to the comment
   * @param mark the character after the comment's beginning
   */
  #comment(first: number, last: number, lastText: string, mark: string): void {
    const begins = this.#lines[first]?.indexOf('/*') ?? -1;
    const inner =
      first === last
        ? [lastText]
        : [
            (this.#lines[first] ?? '').slice(begins < 0 ? 0 : begins + 2),
            ...this.#lines.slice(first + 1, last),
            lastText,
          ];
    this.#comments.push({
      firstLine: this.#firstLine + first,
      lastLine: this.#firstLine + last,
      text: inner
        .map(unstarred)
        .filter((line) => line !== '')
        .join(' '),
      isKernelDoc: mark === '*' && first !== last,
    });
  }
}
