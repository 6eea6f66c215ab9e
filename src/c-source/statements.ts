import type { SourceFragment } from './fragment.ts';
import { functionAt, functionsOf, macrosOf } from './definitions.ts';
import { scanSource, type Directive, type ScannedSource, type Token } from './tokens.ts';

/** A condition of `if` or `#if` that decides whether code runs; `holds` is false on the side of `else`. */
export interface Condition {
  readonly tokens: readonly Token[];
  readonly holds: boolean;
}

/** Where code stands. */
export interface Place {
  readonly line: number;
  /** The function, or the macro with a body, that it is in; undefined where a fragment does not show it. */
  readonly function: string | undefined;
  /** The conditions of `if` around it, outermost first. */
  readonly conditions: readonly Condition[];
  /** What holds because an `if` above it, in a block around it, would have returned otherwise. */
  readonly passed: readonly Condition[];
  /** The conditions of `#if` around it that the fragment shows, outermost first. `#ifdef X` is `defined(X)`. */
  readonly configurations: readonly Condition[];
}

/** A call, with its arguments as they stand. */
export interface Call extends Place {
  readonly callee: string;
  readonly arguments: readonly (readonly Token[])[];
  /** False if the fragment ends before the call does. */
  readonly whole: boolean;
  /** What the result is assigned to: the tokens before `=`; `return` for what is returned; empty for nothing. */
  readonly target: readonly Token[];
  /** The call is a whole statement, so that its result is not used. */
  readonly alone: boolean;
}

/** `target op value`, also as the initialiser of a variable. */
export interface Assignment extends Place {
  readonly operator: '=' | '|=' | '&=';
  /** The last name before the operator: a variable or a member. */
  readonly variable: string;
  readonly value: readonly Token[];
}

/** What a fragment does, as far as it shows. */
export interface Statements {
  readonly calls: readonly Call[];
  readonly assignments: readonly Assignment[];
  /** `return` statements with what they return. */
  readonly returns: readonly (Place & { readonly value: readonly Token[] })[];
}

const KEYWORDS = new Set([
  'if',
  'while',
  'for',
  'switch',
  'return',
  'sizeof',
  'typeof',
  '__typeof__',
  'do',
  'else',
  'case',
  'defined',
  '__attribute__',
  '_Alignof',
  'alignof',
]);

/** Nothing that a person wrote is nested as deep, or as long; a stranger's mail may be. */
const MAX_NESTING = 64;
const MAX_STATEMENT = 4096;

const is = (token: Token | undefined, text: string): boolean => token?.kind === 'punctuation' && token.text === text;
const opens = (token: Token): boolean => is(token, '(') || is(token, '[') || is(token, '{');
const closes = (token: Token): boolean => is(token, ')') || is(token, ']') || is(token, '}');

/** The place of the bracket that closes the one at `open`, or the number of tokens if it is not shown. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) break;
    if (opens(token)) depth++;
    else if (closes(token) && --depth === 0) return index;
  }
  return tokens.length;
}

/** Tokens cut at the commas that stand outside brackets. */
export function commaSeparated(tokens: readonly Token[]): readonly (readonly Token[])[] {
  if (tokens.length === 0) return [];
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (opens(token)) depth++;
    else if (closes(token)) depth--;
    if (depth === 0 && is(token, ',')) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** A name as the source has it, without the suffix of allocation profiling: kmalloc for kmalloc_noprof. */
export const plainName = (name: string): string => name.replace(/_noprof$/, '');

/** The text of tokens, for messages: `gfp & ~__GFP_ZERO`. */
export const textOf = (tokens: readonly Token[]): string =>
  tokens
    .map(({ text }) => text)
    .join(' ')
    .replace(/([(~![]) /g, '$1')
    .replace(/ ([),\];(])/g, '$1')
    .replace(/ (->|\.) /g, '$1')
    .replace(/([|&+\-*=<>?:]+)\(/g, '$1 (');

const punctuation = (text: string, line: number): Token => ({ kind: 'punctuation', text, line });

/** What a directive that opens a branch asks. */
function questionOf({ keyword, tokens, line }: Directive): Condition | undefined {
  const defined = [
    { kind: 'name', text: 'defined', line } as const,
    punctuation('(', line),
    ...tokens,
    punctuation(')', line),
  ];
  switch (keyword) {
    case 'if':
    case 'elif':
      return { tokens, holds: true };
    case 'ifdef':
      return { tokens: defined, holds: true };
    case 'ifndef':
      return { tokens: defined, holds: false };
    default:
      return undefined;
  }
}

const negated = ({ tokens, holds }: Condition): Condition => ({ tokens, holds: !holds });

/** Conditions with the last one negated: what holds in the branch that follows. */
const otherwise = (level: readonly Condition[]): readonly Condition[] =>
  level.map((condition, index) => (index === level.length - 1 ? negated(condition) : condition));

/** For each line, the `#if` around it. In a later branch those before it do not hold. */
export function configurationsOf(directives: readonly Directive[]): (line: number) => readonly Condition[] {
  const changes: { readonly line: number; readonly stack: readonly Condition[] }[] = [{ line: 0, stack: [] }];
  let levels: readonly (readonly Condition[])[] = [];
  for (const directive of directives) {
    const { keyword, line } = directive;
    const outer = levels.slice(0, -1);
    const last = levels.at(-1) ?? [];
    const question = questionOf(directive);
    if (keyword === 'elif') {
      levels = question === undefined ? outer : [...outer, [...otherwise(last), question].slice(-MAX_NESTING)];
    } else if (question !== undefined) levels = [...levels, [question]].slice(-MAX_NESTING);
    else if (keyword === 'else') levels = levels.length === 0 ? outer : [...outer, otherwise(last)];
    else if (keyword === 'endif') levels = outer;
    else continue;
    changes.push({ line, stack: levels.flat().slice(-MAX_NESTING) });
  }
  return (line) => changes[lastAtOrBefore(changes, line)]?.stack ?? [];
}

/** Where the last of some places in order stands that does not come behind a line; 0 if all do. */
function lastAtOrBefore(places: readonly { readonly line: number }[], line: number): number {
  let low = 0;
  let high = places.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((places[middle]?.line ?? 0) <= line) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Reads calls, assignments and returns, with the conditions around them. */
export function statementsOf(source: SourceFragment, scanned: ScannedSource = scanSource(source)): Statements {
  const spans = functionsOf(source, scanned);
  const configurations = configurationsOf(scanned.directives);
  const heads = new Map(spans.map(({ firstLine, name }) => [firstLine, name]));
  const placeOf = (line: number): Where => ({
    line,
    function: functionAt(spans, line),
    configurations: configurations(line),
  });
  // The head of a function reads like a call of it.
  const reader = new StatementReader(placeOf, (line, name) => heads.get(line) === name);
  reader.read(scanned.tokens);
  for (const { name, body } of macrosOf(source, scanned)) {
    const inMacro = new StatementReader(
      (line) => ({ line, function: name, configurations: configurations(line) }),
      () => false,
    );
    inMacro.read(body);
    reader.take(inMacro);
  }
  return reader;
}

type Where = Omit<Place, 'conditions' | 'passed'>;

/** What holds at a statement. */
type Around = Pick<Place, 'conditions' | 'passed'>;

/** A block that is being read. */
interface Block {
  around: Around;
  /** What lets code in, where that is known. */
  readonly condition: Condition | undefined;
  /** The statement that was read last in it left the function. */
  left: boolean;
}

/** What becomes of an expression's value. */
interface Use {
  readonly target: readonly Token[];
  readonly isStatement: boolean;
}

const CONDITION: Use = { target: [], isStatement: false };

/** Whether a function's head stands at a line under a name. */
type IsHead = (line: number, name: string) => boolean;

class StatementReader implements Statements {
  readonly calls: Call[] = [];
  readonly assignments: Assignment[] = [];
  readonly returns: (Place & { readonly value: readonly Token[] })[] = [];
  readonly #placeOf: (line: number) => Where;
  readonly #isHead: IsHead;

  constructor(placeOf: (line: number) => Where, isHead: IsHead) {
    this.#placeOf = placeOf;
    this.#isHead = isHead;
  }

  take({ calls, assignments, returns }: Statements): void {
    this.calls.push(...calls);
    this.assignments.push(...assignments);
    this.returns.push(...returns);
  }

  /** Statements one after the other; a block or a condition is entered with what holds in it. */
  read(tokens: readonly Token[]): void {
    // Blocks are kept on a list of their own: hostile nesting must not use up the stack.
    const open: Block[] = [];
    const outermost = (): Block => ({ around: { conditions: [], passed: [] }, condition: undefined, left: false });
    let block = outermost();
    let lastCondition: readonly Token[] = [];
    let index = 0;
    while (index < tokens.length) {
      const token = tokens[index];
      if (token === undefined) break;
      const isIf = token.text === 'if' && is(tokens[index + 1], '(');
      const isElse = token.text === 'else' && tokens[index + 1]?.text !== 'if';
      if (isIf || isElse) {
        let next = index + 1;
        if (isIf) {
          const close = closing(tokens, next);
          lastCondition = tokens.slice(index + 2, Math.min(close, index + MAX_STATEMENT));
          this.#expression(lastCondition, block.around, CONDITION);
          next = close + 1;
        }
        const condition = { tokens: lastCondition, holds: isIf };
        const { conditions, passed } = block.around;
        const inside = { conditions: [...conditions, condition].slice(-MAX_NESTING), passed };
        if (is(tokens[next], '{')) {
          open.push(block);
          block = { around: inside, condition, left: false };
          index = next + 1;
        } else if (tokens[next]?.text === 'if') {
          index = next;
        } else {
          const end = endOfStatement(tokens, next);
          this.#statement(tokens.slice(next, end), inside);
          if (tokens[next]?.text === 'return') pass(block, condition);
          index = end + (is(tokens[end], ';') ? 1 : 0);
        }
      } else if (is(token, '{')) {
        open.push(block);
        block = { around: block.around, condition: undefined, left: false };
        index++;
      } else if (is(token, '}')) {
        const inner = block;
        // A fragment may end a function whose beginning it does not show.
        block = open.pop() ?? outermost();
        if (inner.left && inner.condition !== undefined) pass(block, inner.condition);
        index++;
      } else {
        const end = endOfStatement(tokens, index);
        this.#statement(tokens.slice(index, end), block.around);
        block.left = token.text === 'return';
        index = end + (is(tokens[end], ';') ? 1 : 0);
      }
    }
  }

  #statement(all: readonly Token[], around: Around): void {
    const tokens = all.slice(0, MAX_STATEMENT);
    const [first] = tokens;
    if (first === undefined) return;
    const place = { ...this.#placeOf(first.line), ...around };
    if (first.text === 'return') this.returns.push({ ...place, value: tokens.slice(1) });
    const operator = assignmentAt(tokens);
    if (operator > 0) {
      const sign = tokens[operator]?.text;
      const variable = tokens.slice(0, operator).findLast(({ kind }) => kind === 'name')?.text;
      if (variable !== undefined && (sign === '=' || sign === '|=' || sign === '&='))
        this.assignments.push({ ...place, operator: sign, variable, value: tokens.slice(operator + 1) });
    }
    this.#expression(tokens, around, {
      target: first.text === 'return' ? [first] : tokens.slice(0, Math.max(operator, 0)),
      isStatement: true,
    });
  }

  /** The calls of an expression, those in arguments too. */
  #expression(tokens: readonly Token[], around: Around, use: Use): void {
    tokens.forEach((token, index) => {
      if (token.kind !== 'name' || KEYWORDS.has(token.text) || !is(tokens[index + 1], '(')) return;
      if (this.#isHead(token.line, token.text)) return;
      const close = closing(tokens, index + 1);
      this.calls.push({
        ...this.#placeOf(token.line),
        ...around,
        callee: plainName(token.text),
        arguments: commaSeparated(tokens.slice(index + 2, close)),
        whole: close < tokens.length,
        target: use.target,
        alone: use.isStatement && index === 0 && close === tokens.length - 1,
      });
    });
  }
}

/** Behind an `if` that returns, its condition does not hold. */
function pass(block: Block, condition: Condition): void {
  const { conditions, passed } = block.around;
  block.around = { conditions, passed: [...passed, negated(condition)].slice(-MAX_NESTING) };
}

/** Where a statement assigns, outside of brackets; -1 if it does not. */
function assignmentAt(tokens: readonly Token[]): number {
  let depth = 0;
  return tokens.findIndex((token) => {
    if (opens(token)) depth++;
    else if (closes(token)) depth = Math.max(0, depth - 1);
    return depth === 0 && (is(token, '=') || is(token, '|=') || is(token, '&='));
  });
}

/** Where a statement ends: its semicolon, or a brace that opens a block or closes the one around it. */
function endOfStatement(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let index = start; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) break;
    if (is(token, ';') && depth === 0) return index;
    if (is(token, '{') && depth === 0) {
      // An initialiser belongs to its statement.
      if (is(tokens[index - 1], '=')) {
        index = closing(tokens, index);
        continue;
      }
      return index;
    }
    if (is(token, '}') && depth <= 0) return index;
    if (opens(token)) depth++;
    else if (closes(token)) depth = Math.max(0, depth - 1);
  }
  return tokens.length;
}
