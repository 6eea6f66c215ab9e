import { InputError, quoted } from '../base/errors.ts';
import { MAX_LOSS_SAMPLES, noLosses, type ReadLosses } from './losses.ts';

/** What of a record is shown in a loss. */
const SHOWN_BYTES = 24;

/** Counts what a reader of a binary format could not use, and keeps the first as samples. */
export class LossLog {
  readonly losses: ReadLosses = noLosses();
  readonly #name: string;
  readonly #strict: boolean;

  /**
   * @param name of the input in messages
   * @param strict whether the first record that cannot be read is an error
   */
  constructor(name: string, strict: boolean) {
    this.#name = name;
    this.#strict = strict;
  }

  /**
   * Counts a record that cannot be read.
   *
   * @param offset in bytes, in the input or, where a part of it is compressed, of that part
   * @throws InputError with `strict`
   */
  unreadable(offset: number, expected: string, found: string): void {
    if (this.#strict) {
      throw new InputError({
        where: this.where(offset),
        found: quoted(found),
        expected,
        advice: 'Without --strict such records are counted as losses and skipped.',
      });
    }
    this.losses.truncatedLines++;
    if (this.losses.samples.length < MAX_LOSS_SAMPLES) this.losses.samples.push({ line: 0, offset, expected, found });
  }

  /** Counts the record `data[start, end)`, of which the beginning is shown. */
  unreadableBytes(data: Uint8Array, start: number, end: number, offset: number, expected: string): void {
    const shown = data.subarray(start, Math.min(end, start + SHOWN_BYTES));
    const hex = Array.from(shown, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    this.unreadable(offset, expected, `${end - start} bytes: ${hex}`);
  }

  where(offset: number): string {
    return `${this.#name}, byte ${offset}`;
  }
}
