import { NONE } from './tag-work.ts';

/**
 * Live things (pages, objects, areas) as rows of columns: a handle of the work that allocated each, its row in the table of
 * lifetimes, and a number whose meaning its keeper defines. Rows of dead things are used again.
 */
export class Records {
  #work = new Int32Array(1 << 10);
  #life = new Int32Array(1 << 10);
  #value = new Int32Array(1 << 10);
  #free = new Int32Array(1 << 8);
  #freeCount = 0;
  #used = 0;

  /** @param life row in the table of lifetimes, or `NONE` where there is no table */
  add(work: number, value: number, life = NONE): number {
    const index = this.#freeCount > 0 ? this.#free[--this.#freeCount] : this.#used++;
    if (index >= this.#work.length) this.#grow();
    this.#work[index] = work;
    this.#life[index] = life;
    this.#value[index] = value;
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

  work(index: number): number {
    return this.#work[index];
  }

  life(index: number): number {
    return this.#life[index];
  }

  value(index: number): number {
    return this.#value[index];
  }

  #grow(): void {
    const grow = (column: Int32Array): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(column.length * 2);
      grown.set(column);
      return grown;
    };
    this.#work = grow(this.#work);
    this.#life = grow(this.#life);
    this.#value = grow(this.#value);
  }
}
