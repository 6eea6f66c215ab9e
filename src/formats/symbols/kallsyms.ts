import type { SymbolTable } from './symbol-table.ts';

/** No function is larger: what lies farther from a symbol belongs to something that has none, such as BPF programs. */
const MAX_FUNCTION_BYTES = 1 << 20;
/** Kernels have some 200,000 symbols. */
const MAX_SYMBOLS = 1 << 23;

const NEWLINE = 0x0a;
const TAB = 0x09;
const SPACE = 0x20;
const DOLLAR = 0x24;
const RETURN = 0x0d;

/**
 * The symbols of /proc/kallsyms or a System.map, by address: lines of `address type name`, where the name of a module
 * may follow. Names stay bytes until somebody asks for one. Lines that are no such thing are left out, and so are the
 * mapping symbols of arm64 (`$x`), as the kernel leaves them out.
 */
export class KernelSymbols implements SymbolTable {
  readonly #text: Uint8Array;
  readonly #decoder = new TextDecoder();
  /** Addresses, ascending as unsigned numbers, and where the name of each begins. */
  #hi: Int32Array;
  #lo: Int32Array;
  #names: Uint32Array;
  #count = 0;

  /** @param text is kept, and must not change */
  constructor(text: Uint8Array) {
    this.#text = text;
    // The shortest line: an address of one digit, a type and a name of one character.
    const room = Math.min(MAX_SYMBOLS, Math.ceil(text.length / 6));
    this.#hi = new Int32Array(room);
    this.#lo = new Int32Array(room);
    this.#names = new Uint32Array(room);
    if (!this.#parse()) this.#sort();
  }

  get size(): number {
    return this.#count;
  }

  functionAt(upper: number, lower: number): string | undefined {
    const at = this.#find(upper, lower);
    return at < 0 ? undefined : this.#nameAt(at);
  }

  /** Where the functions of these names are, and how long: to the next symbol. A name may be there several times. */
  find(names: ReadonlySet<string>): Map<string, { readonly start: bigint; readonly size: bigint }[]> {
    const found = new Map<string, { readonly start: bigint; readonly size: bigint }[]>();
    for (let at = 0; at < this.#count; at++) {
      const name = this.#nameAt(at);
      if (!names.has(name)) continue;
      const start = this.#addressAt(at);
      let next = at + 1;
      while (next < this.#count && this.#addressAt(next) === start) next++;
      const end = next < this.#count ? this.#addressAt(next) : start + BigInt(MAX_FUNCTION_BYTES);
      const places = found.get(name) ?? [];
      places.push({ start, size: end - start });
      found.set(name, places);
    }
    return found;
  }

  /** The address of the first symbol of that name, as two 32-bit halves, or undefined. Looks at all of them. */
  addressOf(name: string): readonly [hi: number, lo: number] | undefined {
    const wanted = Uint8Array.from(name, (character) => character.charCodeAt(0));
    for (let at = 0; at < this.#count; at++) {
      if (this.#hasName(at, wanted)) return [this.#hi[at], this.#lo[at]];
    }
    return undefined;
  }

  /** The last symbol at or below an address; of several at one address the first in the text, as the kernel does. */
  #find(upper: number, lower: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#isAfter(middle, upper, lower)) high = middle;
      else low = middle + 1;
    }
    let at = low - 1;
    if (at < 0) return -1;
    const distance = ((upper >>> 0) - (this.#hi[at] >>> 0)) * 0x1_0000_0000 + (lower >>> 0) - (this.#lo[at] >>> 0);
    if (distance >= MAX_FUNCTION_BYTES) return -1;
    while (at > 0 && this.#hi[at - 1] === this.#hi[at] && this.#lo[at - 1] === this.#lo[at]) at--;
    return at;
  }

  #addressAt(at: number): bigint {
    return (BigInt(this.#hi[at] >>> 0) << 32n) | BigInt(this.#lo[at] >>> 0);
  }

  #isAfter(at: number, upper: number, lower: number): boolean {
    const hi = this.#hi[at] >>> 0;
    return hi > upper >>> 0 || (hi === upper >>> 0 && this.#lo[at] >>> 0 > lower >>> 0);
  }

  #nameAt(at: number): string {
    const start = this.#names[at];
    let end = start;
    while (end < this.#text.length && !isEnd(this.#text[end])) end++;
    return this.#decoder.decode(this.#text.subarray(start, end));
  }

  #hasName(at: number, wanted: Uint8Array): boolean {
    const start = this.#names[at];
    for (let index = 0; index < wanted.length; index++) if (this.#text[start + index] !== wanted[index]) return false;
    const end = start + wanted.length;
    return end >= this.#text.length || isEnd(this.#text[end]);
  }

  /** Fills the columns; true if the addresses ascend. */
  #parse(): boolean {
    const text = this.#text;
    let ascending = true;
    let lastHi = 0;
    let lastLo = 0;
    for (let at = 0; at < text.length && this.#count < this.#hi.length;) {
      const start = at;
      let hi = 0;
      let lo = 0;
      for (; at < text.length; at++) {
        const digit = hexDigit(text[at]);
        if (digit < 0) break;
        hi = (hi << 4) | (lo >>> 28);
        lo = (lo << 4) | digit;
      }
      const digits = at - start;
      // A blank, the type, a blank.
      const name = at + 3;
      if (
        digits > 0 &&
        digits <= 16 &&
        name < text.length &&
        text[at] === SPACE &&
        text[at + 2] === SPACE &&
        !isEnd(text[name]) &&
        text[name] !== DOLLAR &&
        // Where addresses are hidden all of them are 0.
        (hi | lo) !== 0
      ) {
        const upper = hi >>> 0;
        if (upper < lastHi || (upper === lastHi && lo >>> 0 < lastLo)) ascending = false;
        lastHi = upper;
        lastLo = lo >>> 0;
        this.#hi[this.#count] = hi;
        this.#lo[this.#count] = lo;
        this.#names[this.#count++] = name;
      }
      const newline = text.indexOf(NEWLINE, at);
      at = newline < 0 ? text.length : newline + 1;
    }
    return ascending;
  }

  /** Symbols of modules come after those of the kernel, wherever modules are loaded. */
  #sort(): void {
    const hi = this.#hi;
    const lo = this.#lo;
    const names = this.#names;
    const order = Uint32Array.from({ length: this.#count }, (_, index) => index).toSorted(
      (a, b) => (hi[a] >>> 0) - (hi[b] >>> 0) || (lo[a] >>> 0) - (lo[b] >>> 0) || a - b,
    );
    this.#hi = Int32Array.from(order, (index) => hi[index]);
    this.#lo = Int32Array.from(order, (index) => lo[index]);
    this.#names = Uint32Array.from(order, (index) => names[index]);
  }
}

const isEnd = (byte: number): boolean => byte === NEWLINE || byte === TAB || byte === SPACE || byte === RETURN;

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
