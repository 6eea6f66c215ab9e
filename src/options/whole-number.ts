import { UsageError } from '../base/errors.ts';

/** A whole number of an option. @throws UsageError for anything else, or one out of range */
export function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${option} ${text}: out of range`, `Give a whole number from ${min} to ${max}.`);
}
