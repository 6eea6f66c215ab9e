/**
 * Live things (pages, objects, areas) as rows of columns: which ledger row pays for it, and two numbers whose meaning
 * its keeper defines. Rows of dead things are used again.
 */
export class Records {
  #row = new Int32Array(1 << 10);
  #value = new Int32Array(1 << 10);
  #flags = new Int32Array(1 << 10);
  #free = new Int32Array(1 << 8);
  #freeCount = 0;
  #used = 0;

  add(row: number, value: number, flags: number): number {
    const index = this.#freeCount > 0 ? this.#free[--this.#freeCount] : this.#used++;
    if (index >= this.#row.length) this.#grow();
    this.#row[index] = row;
    this.#value[index] = value;
    this.#flags[index] = flags;
    return index;
  }

  remove(index: number): void {
    if (this.#freeCount === this.#free.length) {
      const grown = new Int32Array(this.#free.length * 2);
      grown.set(this.#free);
      this.#free = grown;
    }
    this.#free[this.#freeCount++] = index;
  }

  row(index: number): number {
    return this.#row[index];
  }

  value(index: number): number {
    return this.#value[index];
  }

  flags(index: number): number {
    return this.#flags[index];
  }

  #grow(): void {
    const grow = (column: Int32Array): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(column.length * 2);
      grown.set(column);
      return grown;
    };
    this.#row = grow(this.#row);
    this.#value = grow(this.#value);
    this.#flags = grow(this.#flags);
  }
}
