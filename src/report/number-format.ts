import { count, counted } from '../base/counted.ts';
import type { Interval } from '../result/result.ts';
import type { TimeUnit } from '../trace/recording.ts';

export { count, counted } from '../base/counted.ts';

/**
 * The share of `part` in `whole`: `12.3 %`. What is not nothing never reads `0 %`, and what is not all never `100 %`.
 * A text must say what the whole is. `-` where there is no whole.
 */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '-';
  const share = (100 * part) / whole;
  if (part === 0) return '0 %';
  if (part === whole) return '100 %';
  const size = Math.abs(share);
  const sign = share < 0 ? '-' : '';
  if (size < 0.05) return share < 0 ? '>-0.1 %' : '<0.1 %';
  if (size < 100 && size >= 99.95) return share < 0 ? '<-99.9 %' : '>99.9 %';
  return size >= 1000 ? `${sign}${count(size)} %` : `${sign}${size.toFixed(1)} %`;
}

const BYTE_UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Bytes in the largest binary unit that leaves a number of 1 or more: `4 KiB`, `1.2 MiB`. */
export function byteSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = Number.isInteger(value) || value >= 100 ? count(value) : value.toFixed(1);
  return `${digits} ${BYTE_UNITS[unit]}`;
}

/** A length of time, given in seconds: `12.3 s`, `456 ms`, `78 us`. */
export function duration(seconds: number): string {
  if (seconds >= 100) return `${count(seconds)} s`;
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  if (seconds >= 0.001) return `${(seconds * 1e3).toFixed(seconds >= 0.1 ? 0 : 1)} ms`;
  return `${(seconds * 1e6).toFixed(0)} us`;
}

/** The same on a clock that may count something else: of ticks, which stand as 10^9 to the second, how many they are. */
export const clockDuration = ({
  seconds,
  timeUnit,
}: {
  readonly seconds: number;
  readonly timeUnit: TimeUnit;
}): string => (timeUnit === 'ticks' ? counted(Math.round(seconds * 1e9), 'tick') : duration(seconds));

/** From when to when, on such a clock. */
export const clockSpan = (first: number, last: number, timeUnit: TimeUnit): string =>
  timeUnit === 'ticks'
    ? `${count(Math.round(first * 1e9))} to ${count(Math.round(last * 1e9))}`
    : `${first.toFixed(6)} to ${last.toFixed(6)} s`;

const TIME_UNITS = [
  ['s', 1e9],
  ['ms', 1e6],
  ['us', 1e3],
  ['ns', 1],
] as const;

/** A length of time, given in nanoseconds, to three digits: `10.9 us`, `711 ns`, `1.46 s`. */
export function nanoseconds(ns: number): string {
  if (ns === 0) return '0 ns';
  const size = Math.abs(ns);
  // The unit is chosen by what is printed: 999.7 ns is 1.00 us.
  const [unit, scale] = TIME_UNITS.find(([, nanos]) => size >= nanos * 0.9995) ?? TIME_UNITS[3];
  const value = ns / scale;
  const digits = size / scale;
  const text = digits >= 99.95 ? count(value) : value.toFixed(digits >= 9.995 ? 1 : 2);
  return `${text} ${unit}`;
}

/** A time and its interval: `10.9 us (5.4 us to 11.0 us)`. A time is never printed without one. */
export const timeSpan = ({ best, low, high }: Interval): string =>
  `${nanoseconds(best)} (${nanoseconds(low)} to ${nanoseconds(high)})`;

/** Whether the truth is known to lie at the best estimate. */
export const isCertain = (interval: Interval): boolean =>
  Math.round(interval.low) === Math.round(interval.high) && Math.round(interval.low) === Math.round(interval.best);

/** The bounds of an interval in words, to follow a figure: ` (1,200 to 1,300)`; empty where the figure is certain. */
export const bounds = (interval: Interval): string => (isCertain(interval) ? '' : ` (${span(interval)})`);

/** The bounds of an interval in words, to stand by themselves: `1,200 to 1,300`; empty where the figure is certain. */
export const boundsAlone = (interval: Interval): string => (isCertain(interval) ? '' : span(interval));

const span = ({ low, high }: Interval): string => `${count(low)} to ${count(high)}`;
