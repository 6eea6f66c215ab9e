/** A column of 32-bit integers that grows. */
export class Int32Column {
  #values = new Int32Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds a value and returns its index. */
  push(value: number): number {
    if (this.#length === this.#values.length) {
      const grown = new Int32Array(this.#length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length] = value;
    return this.#length++;
  }

  get(index: number): number {
    return this.#values[index];
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  /** The values, as a column of just their number. */
  finish(): Int32Array {
    return this.#values.slice(0, this.#length);
  }
}
