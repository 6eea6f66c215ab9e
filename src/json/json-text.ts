import { parse, tokenize, type DocumentNode, type MemberNode, type ValueNode } from '@humanwhocodes/momoa';
import { quoted } from '../base/errors.ts';

/** Where something stands in a text; lines and columns are counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The way to a value: names of keys and numbers of entries. */
export type Path = readonly (string | number)[];

/** Why a text is not JSON. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  readonly place: Place;
  readonly found: string;
  readonly expected: string;

  constructor(place: Place, found: string, expected: string) {
    super(`line ${place.line}, column ${place.column}: found ${found}; expected ${expected}`);
    this.place = place;
    this.found = found;
    this.expected = expected;
  }
}

const START: Place = { line: 1, column: 1 };
const TOO_DEEP = new JsonSyntaxError(START, 'thousands of brackets in each other', 'fewer');

/** The value of a JSON text, and where each part of it stands. */
export interface JsonText {
  readonly value: unknown;
  /** Of a value; of a key that is not there the object that lacks it. */
  placeOf(path: Path): Place;
  /** Of the name of a key. */
  placeOfKey(path: Path): Place;
  /** Twice the same key in an object: readers differ in which of the two they take. @throws JsonSyntaxError */
  refuseTwins(): void;
}

/**
 * Reads JSON, with or without a byte order mark.
 *
 * @throws JsonSyntaxError for a text that is not JSON
 */
export function parseJson(text: string): JsonText {
  const bare = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const value = valueOf(bare);
  let root: Tree | undefined;
  // Places are for messages: most files need none.
  const tree = (): Tree => (root ??= treeOf(bare));
  return {
    value,
    placeOf: (path) => placeIn(tree(), path, 'value'),
    placeOfKey: (path) => placeIn(tree(), path, 'key'),
    refuseTwins: () => refuseTwins(tree()),
  };
}

type Tree = DocumentNode | ValueNode;

/** @throws JsonSyntaxError for a value that is nested so deeply that no tree can be made of it */
function treeOf(text: string): Tree {
  try {
    return parse(text, { mode: 'json' }).body;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw TOO_DEEP;
  }
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Of a text that ends too early the other parser names some piece before the end.
    if (error instanceof Error && endsEarly(error.message, text)) throw errorAt(text, endOf(text));
    throw syntaxError(text) ?? new JsonSyntaxError(START, 'a text that is not JSON', 'JSON');
  }
}

function syntaxError(text: string): JsonSyntaxError | undefined {
  try {
    parse(text, { mode: 'json' });
  } catch (error) {
    if (error instanceof RangeError) return TOO_DEEP;
    if (!isLocated(error)) return undefined;
    return errorAt(text, error);
  }
  // The parser takes raw control characters in strings, which JSON does not have.
  const token = tokenize(text, { mode: 'json' }).find(
    ({ type, loc }) => type === 'String' && CONTROL.test(text.slice(loc.start.offset, loc.end.offset)),
  );
  if (token === undefined) return undefined;
  const { line, column } = token.loc.start;
  return new JsonSyntaxError(
    { line, column },
    'a line break or another control character within quotes',
    String.raw`\n for it, or the quote that ends the text`,
  );
}

// oxlint-disable-next-line no-control-regex -- these are what is looked for
const CONTROL = /[\u0000-\u001f]/;

interface Located {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

const isLocated = (error: unknown): error is Error & Located =>
  error instanceof Error && 'offset' in error && typeof error.offset === 'number';

function endsEarly(message: string, text: string): boolean {
  if (/end of (?:JSON )?input|unterminated string/i.test(message)) return true;
  const [, position] = /at position (\d+)/.exec(message) ?? [];
  return position !== undefined && Number(position) >= text.trimEnd().length;
}

const errorAt = (text: string, { line, column, offset }: Located): JsonSyntaxError =>
  new JsonSyntaxError({ line, column }, foundAt(text, offset), expectedAt(text, offset));

function endOf(text: string): Located {
  const lines = text.trimEnd().split(/\r\n|\n|\r/);
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1, offset: text.trimEnd().length };
}

function foundAt(text: string, offset: number): string {
  const rest = text.slice(offset);
  if (rest.trim() === '') return 'the end of the file';
  const [word] = /^\s*(?:[\w.+-]+|.)/su.exec(rest) ?? [''];
  return `"${word
    .trim()
    .slice(0, 20)
    .replace(/[^\x20-\x7e]/g, '?')}"`;
}

/** What could have stood there, by what stands before. */
function expectedAt(text: string, offset: number): string {
  const before = text.slice(0, offset).trimEnd();
  const next = text.slice(offset).trimStart().slice(0, 1);
  switch (before.slice(-1)) {
    case '':
      return 'JSON, which begins with "{"';
    case '{':
      return 'a key in double quotes, or "}"';
    case '[':
      return 'a value, or "]"';
    case ':':
      return 'a value';
    case ',':
      return next === '}' || next === ']' ? 'another entry: no comma stands after the last one' : 'another entry';
    default:
      return next === ''
        ? 'a colon, a comma, the brackets that close, or the quote that ends a text'
        : 'a comma, a colon or a bracket';
  }
}

function refuseTwins(root: Tree): void {
  const left: Tree[] = [root];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (node.type === 'Array') for (const { value } of node.elements) left.push(value);
    if (node.type !== 'Object') continue;
    const names = new Set<string>();
    for (const { name, value } of node.members) {
      const key = nameOf(name);
      if (names.has(key))
        throw new JsonSyntaxError(startOf(name), `the key ${quoted(key, 40)} a second time`, 'each key once');
      names.add(key);
      left.push(value);
    }
  }
}

const nameOf = (name: MemberNode['name']): string => (name.type === 'String' ? name.value : name.name);
const startOf = ({ loc }: Pick<Tree, 'loc'>): Place => ({ line: loc.start.line, column: loc.start.column });

function placeIn(root: Tree, path: Path, of: 'key' | 'value'): Place {
  let node = root;
  for (const [index, key] of path.entries()) {
    if (node.type === 'Array' && typeof key === 'number') {
      const element = node.elements[key];
      if (element === undefined) break;
      node = element.value;
    } else if (node.type === 'Object') {
      const member = node.members.find(({ name }) => nameOf(name) === key);
      if (member === undefined) break;
      if (of === 'key' && index === path.length - 1) return startOf(member.name);
      node = member.value;
    } else break;
  }
  return startOf(node);
}
