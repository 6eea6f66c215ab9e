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

/** A block that is being read: in braces, or the one statement that an `if` or a loop without braces takes. */
interface Block {
  around: Around;
  /** What had passed where it begins: all that is known again behind `case`. */
  readonly passedBefore: readonly Condition[];
  /** What lets code in, if that is one condition: it does not hold behind a block that leaves. */
  readonly entered: Condition | undefined;
  readonly isOneStatement: boolean;
  /** How the statement that was read last in it leaves; undefined if it goes on. */
  left: Leaving | undefined;
  /** Of the `if` that was read last in it, and its `else if`: what does not hold in the `else` that may follow. */
  chain: readonly Condition[];
  /** All branches of that `if` so far leave. */
  chainLeft: boolean;
}

/** A statement after which the next one does not run. */
interface Leaving {
  /** Where `goto` goes. */
  readonly label: string | undefined;
}

const LEAVES = new Set(['return', 'goto', 'continue', 'break']);

const leavingBy = (tokens: readonly Token[]): Leaving | undefined => {
  const [first, second] = tokens;
  if (first === undefined || !LEAVES.has(first.text)) return undefined;
  return { label: first.text === 'goto' ? second?.text : undefined };
};

const newBlock = (around: Around, entered: Condition | undefined, isOneStatement: boolean): Block => ({
  around,
  passedBefore: around.passed,
  entered,
  isOneStatement,
  left: undefined,
  chain: [],
  chainLeft: true,
});

const OUTERMOST: Around = { conditions: [], passed: [] };

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
    /** What has passed because a `goto` went elsewhere, by its label. */
    const passedByGoto = new Map<string, Set<Condition>>();
    let block = newBlock(OUTERMOST, undefined, false);
    const enter = (conditions: readonly Condition[], entered: Condition | undefined, isOneStatement: boolean): void => {
      const { around } = block;
      const inside = { ...around, conditions: [...around.conditions, ...conditions].slice(-MAX_NESTING) };
      open.push(block);
      block = newBlock(inside, entered, isOneStatement);
    };
    const leave = (): void => {
      const { left, entered } = block;
      // A fragment may end a function whose beginning it does not show.
      block = open.pop() ?? newBlock(OUTERMOST, undefined, false);
      if (left === undefined || entered === undefined) {
        block.chainLeft = false;
        return;
      }
      if (!block.chainLeft) return;
      const passed = negated(entered);
      if (left.label !== undefined) {
        const others = passedByGoto.get(left.label);
        if (others === undefined) passedByGoto.set(left.label, new Set([passed]));
        else others.add(passed);
      }
      pass(block, passed);
    };
    /** Behind a statement: what takes one statement alone has had it, unless it is an `if` whose `else` follows. */
    const ended = (next: number): void => {
      const goesOn = tokens[next]?.text === 'else';
      while (block.isOneStatement && !(goesOn && block.chain.length > 0)) leave();
    };
    let index = 0;
    while (index < tokens.length) {
      const token = tokens[index];
      if (token === undefined) break;
      const isElseIf = token.text === 'else' && tokens[index + 1]?.text === 'if';
      const word = isElseIf ? index + 1 : index;
      const isIf = tokens[word]?.text === 'if' && is(tokens[word + 1], '(');
      const label = labelAt(tokens, index);
      const header = isIf || label > index ? index : headerEnd(tokens, index);
      if (isIf || token.text === 'else') {
        if (isIf && !isElseIf) [block.chain, block.chainLeft] = [[], true];
        const before = block.chain;
        let next = index + 1;
        let conditions = before;
        if (isIf) {
          const close = closing(tokens, word + 1);
          const asked = tokens.slice(word + 2, Math.min(close, word + 1 + MAX_STATEMENT));
          this.#expression(asked, block.around, CONDITION);
          const condition = { tokens: asked, holds: true };
          conditions = [...before, condition];
          block.chain = [...before, negated(condition)].slice(-MAX_NESTING);
          next = close + 1;
        } else block.chain = [];
        const entered = isIf || before.length === 1 ? conditions.at(-1) : undefined;
        const isBlock = is(tokens[next], '{');
        enter(conditions, entered, !isBlock);
        index = isBlock ? next + 1 : next;
      } else if (label > index) {
        const isCase = token.text === 'case' || token.text === 'default';
        const others = passedByGoto.get(token.text);
        const { conditions, passed } = block.around;
        if (isCase) block.around = { conditions, passed: block.passedBefore };
        else if (others !== undefined)
          block.around = { conditions, passed: passed.filter((condition) => !others.has(condition)) };
        index = label;
      } else if (header > index) {
        this.#statement(tokens.slice(index, header), block.around);
        if (!is(tokens[header], '{') && !is(tokens[header], ';')) enter([], undefined, true);
        index = header;
      } else if (is(token, '{')) {
        enter([], undefined, false);
        index++;
      } else if (is(token, '}')) {
        while (block.isOneStatement) leave();
        leave();
        index++;
        ended(index);
      } else {
        const end = endOfStatement(tokens, index);
        const statement = tokens.slice(index, end);
        this.#statement(statement, block.around);
        if (statement.length > 0) block.left = leavingBy(statement);
        index = end + (is(tokens[end], ';') ? 1 : 0);
        ended(index);
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
      const value = tokens.slice(operator + 1);
      if (variable !== undefined && (sign === '=' || sign === '|=' || sign === '&='))
        this.assignments.push({ ...place, operator: sign, variable, value });
      if (is(value[0], '{')) this.#members(value, place);
    }
    this.#expression(tokens, around, {
      target: first.text === 'return' ? [first] : tokens.slice(0, Math.max(operator, 0)),
      isStatement: true,
    });
  }

  /** What an initialiser in braces gives to members: `{ .gfp = GFP_KERNEL, … }`. */
  #members(value: readonly Token[], place: Place): void {
    for (const part of commaSeparated(value.slice(1, closing(value, 0)))) {
      const [dot, name, sign, ...rest] = part;
      if (is(dot, '.') && name?.kind === 'name' && is(sign, '='))
        this.assignments.push({ ...place, line: name.line, operator: '=', variable: name.text, value: rest });
    }
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

/** Behind an `if` that leaves, its condition does not hold. */
function pass(block: Block, condition: Condition): void {
  const { conditions, passed } = block.around;
  block.around = { conditions, passed: [...passed, condition].slice(-MAX_NESTING) };
}

/** The place behind a label or a `case`; the same place if none stands there. */
function labelAt(tokens: readonly Token[], index: number): number {
  const token = tokens[index];
  if (token?.kind !== 'name') return index;
  if (token.text !== 'case') return is(tokens[index + 1], ':') && !is(tokens[index + 2], ':') ? index + 2 : index;
  for (let at = index + 1; at < Math.min(tokens.length, index + MAX_CASE); at++) {
    if (is(tokens[at], ':')) return at + 1;
    if (is(tokens[at], ';') || is(tokens[at], '{') || is(tokens[at], '}')) return index;
  }
  return index;
}

/** Nobody writes a longer `case`. */
const MAX_CASE = 64;

const MAX_HEADER = 128;

/** The place behind the head of a loop, as `for (…)` or a macro that stands for one; the same place if it is none. */
function headerEnd(tokens: readonly Token[], index: number): number {
  const token = tokens[index];
  if (token?.kind !== 'name' || !is(tokens[index + 1], '(') || token.text === 'return') return index;
  // Nobody writes a longer one, and each unclosed bracket would be looked for to the end.
  const close = index + closing(tokens.slice(index, index + MAX_HEADER), 1);
  const next = close < index + MAX_HEADER ? tokens[close + 1] : undefined;
  if (next === undefined) return index;
  return is(next, '{') || next.kind === 'name' ? close + 1 : index;
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
