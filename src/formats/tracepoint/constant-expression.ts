/** Deeper nesting than any that a kernel prints; input from strangers may have more than the stack can take. */
const MAX_DEPTH = 200;
const MAX_TOKENS = 4000;

const TOKEN = /\s*(?:(0x[0-9a-f]+|\d+)[ul]*|([a-z_]\w*)|(<<|>>|[()|&^~+\-*!]))/iy;

type Token = number | string;

/**
 * The value of a constant expression of C as it stands in a `print fmt`: numbers, `| ^ & << >> + - * ~ !`, parentheses,
 * and casts, which change nothing here. 32 bits without sign, as gfp_t has.
 *
 * @param names what identifiers stand for: kernels from 6.10 to 6.15 print those of an enumeration
 * @returns undefined for what is not such an expression
 */
export function evaluateConstant(text: string, names: ReadonlyMap<string, number>): number | undefined {
  const tokens = tokensOf(text);
  if (tokens === undefined) return undefined;
  const parser = new Parser(tokens, names);
  const value = parser.expression(0, 0);
  return parser.ended ? value : undefined;
}

function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const match = pattern.exec(text);
    if (match === null || tokens.length === MAX_TOKENS) return undefined;
    const [, number, name, operator] = match;
    tokens.push(number === undefined ? (name ?? operator) : Number(number) >>> 0);
  }
  return tokens;
}

/** Binary operators: how tightly they bind, and what they do. */
const OPERATORS: ReadonlyMap<Token | undefined, readonly [level: number, apply: (a: number, b: number) => number]> =
  new Map([
    ['|', [1, (a, b) => a | b]],
    ['^', [2, (a, b) => a ^ b]],
    ['&', [3, (a, b) => a & b]],
    ['<<', [4, (a, b) => (b < 32 ? a << b : 0)]],
    ['>>', [4, (a, b) => (b < 32 ? a >>> b : 0)]],
    ['+', [5, (a, b) => a + b]],
    ['-', [5, (a, b) => a - b]],
    ['*', [6, (a, b) => Math.imul(a, b)]],
  ]);

class Parser {
  readonly #tokens: readonly Token[];
  readonly #names: ReadonlyMap<string, number>;
  #at = 0;

  constructor(tokens: readonly Token[], names: ReadonlyMap<string, number>) {
    this.#tokens = tokens;
    this.#names = names;
  }

  get ended(): boolean {
    return this.#at === this.#tokens.length;
  }

  /** Reads operators that bind more tightly than `level`. */
  expression(level: number, depth: number): number | undefined {
    let left = this.#operand(depth);
    while (left !== undefined) {
      const operator = OPERATORS.get(this.#tokens[this.#at]);
      if (operator === undefined || operator[0] <= level) return left;
      this.#at++;
      const right = this.expression(operator[0], depth + 1);
      if (right === undefined) return undefined;
      left = operator[1](left, right) >>> 0;
    }
    return undefined;
  }

  #operand(depth: number): number | undefined {
    if (depth > MAX_DEPTH) return undefined;
    const token = this.#tokens[this.#at++];
    if (typeof token === 'number') return token;
    if (token === '(') {
      if (this.#skipCast()) return this.#operand(depth + 1);
      const value = this.expression(0, depth + 1);
      return this.#tokens[this.#at++] === ')' ? value : undefined;
    }
    if (token === '~' || token === '-' || token === '!') {
      const value = this.#operand(depth + 1);
      if (value === undefined) return undefined;
      return (token === '~' ? ~value : token === '-' ? -value : Number(value === 0)) >>> 0;
    }
    return token === undefined ? undefined : this.#names.get(token);
  }

  /** After an opening parenthesis: `unsigned long)` and the like, which names a type. */
  #skipCast(): boolean {
    let at = this.#at;
    while (this.#isWord(this.#tokens[at]) || this.#tokens[at] === '*') at++;
    if (at === this.#at || this.#tokens[at] !== ')') return false;
    this.#at = at + 1;
    return true;
  }

  #isWord(token: Token | undefined): boolean {
    return typeof token === 'string' && /^[a-z_]/i.test(token) && !this.#names.has(token);
  }
}
