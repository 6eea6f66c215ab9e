import type { Token } from '../c-source/tokens.ts';

/**
 * What an expression for a gfp mask comes to, by the names of single flags. Flags that only the series knows are names like
 * others, so that masks are compared by value whatever the kernel.
 */
export interface MaskValue {
  /** Flags that it has, on one side of `?:` at least. */
  readonly flags: ReadonlySet<string>;
  /** Flags that it cannot have: `& ~` takes them out. */
  readonly without: ReadonlySet<string>;
  /** Variables and macros that are not known, whose flags it has too. */
  readonly rest: ReadonlySet<string>;
  /** It is the part of `rest` that these flags let through, as in `gfp & GFP_RECLAIM_MASK`; undefined for all of it. */
  readonly only: ReadonlySet<string> | undefined;
}

/** What names stand for. */
export interface MaskNames {
  /** The value of a flag or a mask; undefined for a variable. */
  valueOf(name: string): MaskValue | undefined;
}

const NOTHING: ReadonlySet<string> = new Set();
export const EMPTY_MASK: MaskValue = { flags: NOTHING, without: NOTHING, rest: NOTHING, only: undefined };

export const maskOfFlags = (flags: Iterable<string>): MaskValue => ({ ...EMPTY_MASK, flags: new Set(flags) });

const union = (a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> => new Set([...a, ...b]);
const minus = (a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...a].filter((name) => !b.has(name)));
const common = (a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...a].filter((name) => b.has(name)));

/** `a | b`. */
function joined(a: MaskValue, b: MaskValue): MaskValue {
  const flags = union(a.flags, b.flags);
  return {
    flags,
    without: minus(
      a.rest.size === 0 && a.without.size === 0
        ? b.without
        : b.rest.size === 0 && b.without.size === 0
          ? a.without
          : common(a.without, b.without),
      flags,
    ),
    rest: union(a.rest, b.rest),
    only: a.rest.size === 0 ? b.only : b.rest.size === 0 ? a.only : undefined,
  };
}

/** `value & ~removed`. */
const takenOut = (value: MaskValue, { flags }: MaskValue): MaskValue => ({
  ...value,
  flags: minus(value.flags, flags),
  without: union(value.without, flags),
});

/** `a & b`, one of which is made of flags alone. */
function restricted(a: MaskValue, b: MaskValue): MaskValue {
  const [list, value] = a.rest.size === 0 ? [a, b] : [b, a];
  if (list.rest.size > 0) return { ...value, only: undefined };
  return {
    flags: common(value.flags, list.flags),
    without: value.without,
    rest: value.rest,
    only: value.only === undefined ? list.flags : common(value.only, list.flags),
  };
}

const MAX_DEPTH = 50;

class MaskReader {
  readonly #tokens: readonly Token[];
  readonly #names: MaskNames;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], names: MaskNames) {
    this.#tokens = tokens;
    this.#names = names;
  }

  read(): MaskValue {
    const value = this.#choice();
    // What follows is no mask expression: what was read of it stands, and the rest may be anything.
    return this.#at < this.#tokens.length ? joined(value, { ...EMPTY_MASK, rest: new Set(['…']) }) : value;
  }

  #take(text: string): boolean {
    if (this.#tokens[this.#at]?.text !== text) return false;
    this.#at++;
    return true;
  }

  #choice(): MaskValue {
    const first = this.#or();
    if (!this.#take('?')) return first;
    const then = this.#deeper(() => this.#choice());
    if (!this.#take(':')) return then;
    const otherwise = this.#deeper(() => this.#choice());
    return {
      ...joined(then, otherwise),
      without: minus(common(then.without, otherwise.without), union(then.flags, otherwise.flags)),
    };
  }

  #deeper(read: () => MaskValue): MaskValue {
    if (this.#depth >= MAX_DEPTH) {
      this.#at = this.#tokens.length;
      return EMPTY_MASK;
    }
    this.#depth++;
    const value = read();
    this.#depth--;
    return value;
  }

  #or(): MaskValue {
    let value = this.#and();
    while (this.#take('|')) value = joined(value, this.#and());
    return value;
  }

  #and(): MaskValue {
    let value = this.#term();
    while (this.#take('&')) {
      const negated = this.#take('~');
      const other = this.#term();
      value = negated ? takenOut(value, other) : restricted(value, other);
    }
    return value;
  }

  #term(): MaskValue {
    return this.#deeper(() => this.#innerTerm());
  }

  #innerTerm(): MaskValue {
    if (this.#take('(')) {
      const inner = this.#choice();
      this.#take(')');
      // A cast, such as (__force gfp_t).
      const isCast = inner.rest.has('gfp_t') || inner.rest.has('__force');
      return isCast && this.#beginsTerm() ? this.#term() : inner;
    }
    if (this.#take('~')) return { ...EMPTY_MASK, without: this.#term().flags, rest: new Set(['~']) };
    const token = this.#tokens[this.#at++];
    if (token === undefined) return EMPTY_MASK;
    if (token.kind === 'number') return /^0(?:x0+)?[uUlL]*$/.test(token.text) ? EMPTY_MASK : unknownPart(token.text);
    if (token.kind !== 'name') return unknownPart(token.text);
    // `__force gfp_t`, `struct s`: two names in a row.
    let name = token.text;
    while (this.#tokens[this.#at]?.kind === 'name') name = this.#tokens[this.#at++]?.text ?? name;
    name = this.#member(name);
    if (this.#tokens[this.#at]?.text === '(') {
      this.#passOverBrackets();
      return unknownPart(`${name}()`);
    }
    return this.#names.valueOf(name) ?? unknownPart(name);
  }

  /** `mc->gfp`: the whole of it is one variable. */
  #member(first: string): string {
    let name = first;
    for (;;) {
      const sign = this.#tokens[this.#at]?.text;
      const next = this.#tokens[this.#at + 1];
      if ((sign !== '->' && sign !== '.') || next?.kind !== 'name') return name;
      name += sign + next.text;
      this.#at += 2;
    }
  }

  #beginsTerm(): boolean {
    const next = this.#tokens[this.#at];
    return (
      next !== undefined && (next.kind === 'name' || next.kind === 'number' || next.text === '(' || next.text === '~')
    );
  }

  #passOverBrackets(): void {
    let depth = 0;
    while (this.#at < this.#tokens.length) {
      const text = this.#tokens[this.#at++]?.text;
      if (text === '(') depth++;
      else if (text === ')' && --depth === 0) return;
    }
  }
}

const unknownPart = (name: string): MaskValue => ({ ...EMPTY_MASK, rest: new Set([name]) });

/** The value of a mask expression. What cannot be read is in `rest`. */
export const maskOf = (tokens: readonly Token[], names: MaskNames): MaskValue => new MaskReader(tokens, names).read();

/** Flags that one value has and another has not. Where the other may let anything through, it does not have them for sure. */
export const gainedFlags = (from: MaskValue, to: MaskValue): readonly string[] => [...minus(to.flags, from.flags)];
