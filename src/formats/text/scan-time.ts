const ZERO = 0x30;
const DOT = 0x2e;
/** 64 bits of nanoseconds. */
const MAX_DIGITS = 20;
const NANOSECOND_DIGITS = 9;

/** A time stamp. */
export interface ScannedTime {
  seconds: number;
  /** Below 10^9. */
  nanoseconds: number;
  /** It has no point: nanoseconds, or ticks of a clock that counts something else. */
  whole: boolean;
}

/**
 * Reads the time stamp `data[start, end)`: seconds with a fraction, or, from a clock without a point, nanoseconds. False
 * if it is none.
 */
export function scanTime(data: Uint8Array, start: number, end: number, time: ScannedTime): boolean {
  let seconds = 0;
  let position = start;
  for (; position < end && data[position] !== DOT; position++) {
    const digit = data[position] - ZERO;
    if (digit < 0 || digit > 9) return false;
    seconds = seconds * 10 + digit;
  }
  const wholeDigits = position - start;
  if (wholeDigits === 0 || wholeDigits > MAX_DIGITS) return false;
  let nanoseconds = 0;
  if (position < end) {
    let unit = 100_000_000;
    for (position++; position < end; position++) {
      const digit = data[position] - ZERO;
      if (digit < 0 || digit > 9) return false;
      nanoseconds += digit * unit;
      unit = unit >= 10 ? unit / 10 : 0;
    }
    time.whole = false;
  } else if (wholeDigits > NANOSECOND_DIGITS) {
    // Split before it is read: more than 2^53 nanoseconds are 104 days of uptime.
    seconds = wholeNumber(data, start, end - NANOSECOND_DIGITS);
    nanoseconds = wholeNumber(data, end - NANOSECOND_DIGITS, end);
    time.whole = true;
  } else {
    nanoseconds = seconds;
    seconds = 0;
    time.whole = true;
  }
  time.seconds = seconds;
  time.nanoseconds = nanoseconds;
  return true;
}

function wholeNumber(data: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let position = start; position < end; position++) value = value * 10 + data[position] - ZERO;
  return value;
}
