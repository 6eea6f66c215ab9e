import { StringInterner } from '../base/string-interner.ts';

/** Distinct stack traces, innermost frame first. */
export interface StackTable {
  readonly length: number;
  /** The functions of a stack as the trace prints them, without offset and address. */
  frames(stack: number): readonly string[];
}

/** Collects distinct stacks; frames are interned, so a stack costs four bytes a frame. */
export class StackTableBuilder implements StackTable {
  readonly #symbols = new StringInterner();
  readonly #stacks: Uint32Array[] = [];

  get length(): number {
    return this.#stacks.length;
  }

  add(frames: readonly string[]): number {
    this.#stacks.push(Uint32Array.from(frames, (frame) => this.#symbols.intern(frame)));
    return this.#stacks.length - 1;
  }

  frames(stack: number): readonly string[] {
    return Array.from(this.#stacks[stack], (symbol) => this.#symbols.text(symbol));
  }
}
