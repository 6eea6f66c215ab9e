const SPACE = 0x20;
const ZERO = 0x30;
const LETTER_X = 0x78;
const OPEN_PARENTHESIS = 0x28;
const MAX_HEX_DIGITS = 16;

/** The value of each character as a hexadecimal digit. */
const NO_DIGIT = 0xff;
const HEX_DIGITS = Uint8Array.from({ length: 256 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? NO_DIGIT : value;
});

/** What the kernel prints for NULL, and for a pointer that it does not want to show yet (lib/vsprintf.c). */
const NULL_WORDS = ['(nil)', '(null)'] as const;
const UNPRINTED = '(____ptrval____)';

/** A 64-bit number, as signed halves. */
export interface ScannedKey {
  hi: number;
  lo: number;
  /** The kernel did not print the pointer; the halves are 0. */
  unprinted: boolean;
}

/**
 * Reads the number that begins at `start` and ends at `end` or a blank: decimal, hexadecimal with `0x` or, with radix
 * 16, without. `(nil)` and `(null)` are 0, alone or after zeroes.
 *
 * @returns the position after it, or −1 if it is none or has more than 64 bits
 */
export function scanKey(data: Uint8Array, start: number, end: number, radix: 10 | 16, key: ScannedKey): number {
  let position = start;
  let base = radix;
  if (data[position] === ZERO && position + 1 < end && (data[position + 1] | SPACE) === LETTER_X) {
    position += 2;
    base = 16;
  }
  let hi = 0;
  let lo = 0;
  const digits = position;
  if (base === 16) {
    for (; position < end; position++) {
      const digit = HEX_DIGITS[data[position]];
      if (digit === NO_DIGIT) break;
      hi = (hi << 4) | (lo >>> 28);
      lo = (lo << 4) | digit;
    }
    if (position - digits > MAX_HEX_DIGITS) return -1;
  } else {
    let upper = 0;
    let lower = 0;
    for (; position < end; position++) {
      const digit = data[position] - ZERO;
      if (digit < 0 || digit > 9) break;
      const product = lower * 10 + digit;
      lower = product >>> 0;
      upper = upper * 10 + (product - lower) / 0x1_0000_0000;
      if (upper > 0xffff_ffff) return -1;
    }
    hi = upper | 0;
    lo = lower | 0;
  }
  key.hi = hi;
  key.lo = lo;
  key.unprinted = false;
  if (position < end && data[position] === OPEN_PARENTHESIS && lo === 0 && hi === 0) {
    key.unprinted = isAt(data, position, end, UNPRINTED);
    const word = key.unprinted ? UNPRINTED : NULL_WORDS.find((candidate) => isAt(data, position, end, candidate));
    if (word === undefined) return -1;
    position += word.length;
  } else if (position === digits) {
    return -1;
  }
  return position === end || data[position] === SPACE ? position : -1;
}

function isAt(data: Uint8Array, start: number, end: number, word: string): boolean {
  if (start + word.length > end) return false;
  for (let index = 0; index < word.length; index++) if (data[start + index] !== word.charCodeAt(index)) return false;
  return true;
}
