import { Int32Column } from '../base/int32-column.ts';
import { StringInterner } from '../base/string-interner.ts';

/**
 * Distinct stack traces, innermost frame first: plain columns, which can be posted to a worker. A stack costs four bytes a
 * frame. `framesOf` reads it.
 */
export interface StackTable {
  readonly length: number;
  /** Where each stack begins in `frames`, and behind the last one where it ends: one entry more than there are stacks. */
  readonly starts: Int32Array;
  /** Index into `symbols`, of all frames of one stack after the other. */
  readonly frames: Int32Array;
  /** Functions as the trace prints them, without offset and address. */
  readonly symbols: readonly string[];
}

/** The functions of a stack. */
export const framesOf = ({ starts, frames, symbols }: StackTable, stack: number): readonly string[] =>
  Array.from(frames.subarray(starts[stack], starts[stack + 1]), (symbol) => symbols[symbol]);

/** Collects distinct stacks. */
export class StackTableBuilder {
  readonly #symbols = new StringInterner();
  readonly #starts = new Int32Column();
  readonly #frames = new Int32Column();

  /** @returns the number of the stack */
  add(frames: readonly string[]): number {
    const stack = this.#starts.push(this.#frames.length);
    for (const frame of frames) this.#frames.push(this.#symbols.intern(frame));
    return stack;
  }

  finish(): StackTable {
    const { length } = this.#starts;
    const starts = Int32Array.from({ length: length + 1 }, (_, stack) =>
      stack === length ? this.#frames.length : this.#starts.get(stack),
    );
    return { length, starts, frames: this.#frames.finish(), symbols: this.#symbols.texts };
  }
}
