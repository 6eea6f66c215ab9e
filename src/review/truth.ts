import { textOf, type Condition } from '../c-source/statements.ts';
import type { Token } from '../c-source/tokens.ts';

/** The builds and boots that KASAN's conditions tell apart. */
export const MODES = ['generic', 'sw-tags', 'hw-tags', 'hw-tags-off', 'none'] as const;

/** `hw-tags-off`: built with HW_TAGS, and booted with kasan=off or on a CPU without MTE. `none`: built without KASAN. */
export type Mode = (typeof MODES)[number];

export type Truth = 'true' | 'false' | 'unknown';

/** Where a condition on KASAN alone holds. Names are those of the call, or of the option inside IS_ENABLED() and defined(). */
interface KasanFact {
  readonly name: string;
  readonly holdsIn: readonly Mode[];
  readonly source: string;
}

const FACTS: readonly KasanFact[] = [
  {
    name: 'kasan_enabled',
    holdsIn: ['generic', 'sw-tags', 'hw-tags'],
    source: 'include/linux/kasan-enabled.h:kasan_enabled, 7.3',
  },
  {
    name: 'kasan_hw_tags_enabled',
    holdsIn: ['hw-tags'],
    source: 'include/linux/kasan-enabled.h:kasan_hw_tags_enabled, 7.3',
  },
  { name: 'CONFIG_KASAN', holdsIn: ['generic', 'sw-tags', 'hw-tags', 'hw-tags-off'], source: 'lib/Kconfig.kasan' },
  { name: 'CONFIG_KASAN_GENERIC', holdsIn: ['generic'], source: 'lib/Kconfig.kasan' },
  { name: 'CONFIG_KASAN_SW_TAGS', holdsIn: ['sw-tags'], source: 'lib/Kconfig.kasan' },
  { name: 'CONFIG_KASAN_HW_TAGS', holdsIn: ['hw-tags', 'hw-tags-off'], source: 'lib/Kconfig.kasan' },
];

const FACT_OF: ReadonlyMap<string, KasanFact> = new Map(FACTS.map((fact) => [fact.name, fact]));

const not = (truth: Truth): Truth => (truth === 'unknown' ? truth : truth === 'true' ? 'false' : 'true');
const fromBoolean = (value: boolean): Truth => (value ? 'true' : 'false');

function either(a: Truth, b: Truth): Truth {
  if (a === 'true' || b === 'true') return 'true';
  return a === 'unknown' || b === 'unknown' ? 'unknown' : 'false';
}

/** Nobody nests conditions as deep; hostile text may. */
const MAX_DEPTH = 50;

/** Reads `!`, `&&`, `||` and brackets; of everything else only what `factOf` knows has a truth. */
class ConditionReader {
  readonly #tokens: readonly Token[];
  readonly #truthOf: (name: string) => Truth;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], truthOf: (name: string) => Truth) {
    this.#tokens = tokens;
    this.#truthOf = truthOf;
  }

  read(): Truth {
    const truth = this.#or();
    return this.#at < this.#tokens.length ? 'unknown' : truth;
  }

  #take(text: string): boolean {
    if (this.#tokens[this.#at]?.text !== text) return false;
    this.#at++;
    return true;
  }

  #or(): Truth {
    let truth = this.#and();
    while (this.#take('||')) truth = either(truth, this.#and());
    return truth;
  }

  #and(): Truth {
    let truth = this.#term();
    while (this.#take('&&')) truth = not(either(not(truth), not(this.#term())));
    return truth;
  }

  #term(): Truth {
    if (this.#depth > MAX_DEPTH) return 'unknown';
    this.#depth++;
    const truth = this.#innerTerm();
    this.#depth--;
    return truth;
  }

  #innerTerm(): Truth {
    if (this.#take('!')) return not(this.#term());
    if (this.#take('(')) {
      const truth = this.#or();
      if (this.#take(')')) return truth;
      this.#passOver();
      return 'unknown';
    }
    const name = this.#tokens[this.#at];
    if (name?.kind === 'number' && this.#endsTerm(this.#at + 1)) {
      this.#at++;
      return fromBoolean(!/^0[xX]?0*[uUlL]*$/.test(name.text));
    }
    if (name?.kind !== 'name') {
      this.#passOver();
      return 'unknown';
    }
    this.#at++;
    const option = this.#option(name.text);
    // What is compared, or calculated with, is no condition on KASAN alone.
    if (this.#endsTerm(this.#at)) return this.#truthOf(option);
    this.#passOver();
    return 'unknown';
  }

  #endsTerm(at: number): boolean {
    const next = this.#tokens[at]?.text;
    return next === undefined || next === '&&' || next === '||' || next === ')';
  }

  /** The name that decides: of a call without arguments its own, of IS_ENABLED(X) and defined(X) that of the option. */
  #option(name: string): string {
    if (!this.#take('(')) {
      if (name !== 'defined') return name;
      const option = this.#tokens[this.#at]?.text ?? name;
      this.#at++;
      return option;
    }
    const argument = this.#tokens[this.#at]?.text ?? '';
    if (this.#take(')')) return name;
    const isQuestion = name === 'IS_ENABLED' || name === 'IS_BUILTIN' || name === 'defined' || name === 'IS_REACHABLE';
    if (isQuestion && this.#tokens[this.#at + 1]?.text === ')') {
      this.#at += 2;
      return argument;
    }
    let depth = 1;
    while (this.#at < this.#tokens.length && depth > 0) {
      const text = this.#tokens[this.#at++]?.text;
      if (text === '(') depth++;
      else if (text === ')') depth--;
    }
    return '';
  }

  /** To the next operator or the end of the brackets. */
  #passOver(): void {
    let depth = 0;
    while (this.#at < this.#tokens.length) {
      const text = this.#tokens[this.#at]?.text;
      if (depth === 0 && (text === '&&' || text === '||' || text === ')')) return;
      if (text === '(') depth++;
      else if (text === ')') depth--;
      this.#at++;
    }
  }
}

const likely = (tokens: readonly Token[]): readonly Token[] =>
  tokens.filter(({ text }) => text !== 'likely' && text !== 'unlikely');

/** Whether a condition holds, by what is known of names. */
export const truthOf = ({ tokens, holds }: Condition, known: (name: string) => Truth): Truth => {
  const truth = new ConditionReader(likely(tokens), known).read();
  return holds ? truth : not(truth);
};

const kasanTruth =
  (mode: Mode) =>
  (name: string): Truth => {
    const fact = FACT_OF.get(name);
    return fact === undefined ? 'unknown' : fromBoolean(fact.holdsIn.includes(mode));
  };

/** Whether conditions that all must hold do so in a mode. */
export function truthInMode(conditions: readonly Condition[], mode: Mode): Truth {
  const truths = new Set(conditions.map((condition) => truthOf(condition, kasanTruth(mode))));
  if (truths.has('false')) return 'false';
  return truths.has('unknown') ? 'unknown' : 'true';
}

/** Whether a condition speaks of nothing but KASAN's build and boot, so that a table of modes tells all of it. */
export const isAboutKasanAlone = (condition: Condition): boolean =>
  MODES.every((mode) => truthOf(condition, kasanTruth(mode)) !== 'unknown');

/** Options of an arm64 kernel with HW_TAGS whose other value no such kernel has. */
const ALWAYS: ReadonlySet<string> = new Set([
  'CONFIG_ARM64',
  'CONFIG_ARM64_MTE',
  'CONFIG_64BIT',
  'CONFIG_MMU',
  'CONFIG_SMP',
  'CONFIG_VMAP_STACK',
  'CONFIG_THREAD_INFO_IN_TASK',
  'CONFIG_ARCH_USES_HIGH_VMA_FLAGS',
]);

/** Whether a kernel with HW_TAGS can run code that stands inside such `#if`s and `if`s. */
export function hwTagsReaches(conditions: readonly Condition[]): boolean {
  const known = (name: string): Truth => (ALWAYS.has(name) ? 'true' : kasanTruth('hw-tags')(name));
  return conditions.every((condition) => truthOf(condition, known) !== 'false');
}

/** Whether code can run at all: what stands inside `#if 0` or `if (0)` cannot. */
export const canRun = (conditions: readonly Condition[]): boolean =>
  conditions.every((condition) => truthOf(condition, () => 'unknown') !== 'false');

/** A condition as a person writes it. */
export const conditionText = ({ tokens, holds }: Condition): string =>
  holds ? textOf(tokens) : tokens.length === 1 ? `!${textOf(tokens)}` : `!(${textOf(tokens)})`;

/** Tokens cut at an operator that stands outside brackets. */
function cutAt(tokens: readonly Token[], operator: string): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.text === '(') depth++;
    else if (token.text === ')') depth--;
    if (depth === 0 && token.text === operator) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

const hasAtTop = (tokens: readonly Token[], operator: string): boolean => cutAt(tokens, operator).length > 1;

/** Brackets around the whole are left away. */
function bare(tokens: readonly Token[]): readonly Token[] {
  let inner = tokens;
  while (inner.length > 2 && inner[0]?.text === '(' && inner.at(-1)?.text === ')' && isOneBracket(inner))
    inner = inner.slice(1, -1);
  return inner;
}

function isOneBracket(tokens: readonly Token[]): boolean {
  let depth = 0;
  return tokens.every(({ text }, index) => {
    if (text === '(') depth++;
    else if (text === ')') depth--;
    return depth > 0 || index === tokens.length - 1;
  });
}

/** Conditions taken apart: each part must hold by itself. `a && b` is two, and so is what is left when `a || b` does not hold. */
export const partsOf = (conditions: readonly Condition[]): readonly Condition[] =>
  conditions.flatMap(({ tokens, holds }): readonly Condition[] => {
    const inner = bare(likely(tokens));
    const [splits, keeps] = holds ? ['&&', '||'] : ['||', '&&'];
    if (!hasAtTop(inner, keeps) && hasAtTop(inner, splits))
      return cutAt(inner, splits).map((part) => simple({ tokens: bare(part), holds }));
    return [simple({ tokens: inner, holds })];
  });

/** `!(x)` that holds is `x` that does not. */
function simple({ tokens, holds }: Condition): Condition {
  const rest = bare(tokens.slice(1));
  const negatesAll =
    tokens[0]?.text === '!' &&
    !hasAtTop(tokens, '&&') &&
    !hasAtTop(tokens, '||') &&
    !rest.some(({ text }) => text === '==' || text === '!=');
  return negatesAll ? simple({ tokens: rest, holds: !holds }) : { tokens, holds };
}
