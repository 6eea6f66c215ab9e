/** Gives each distinct string a small number: 0 … size − 1 in order of first appearance. */
export class StringInterner {
  readonly #ids = new Map<string, number>();
  readonly #strings: string[] = [];

  get size(): number {
    return this.#strings.length;
  }

  /** All strings, each at the index that is its number. */
  get texts(): readonly string[] {
    return this.#strings;
  }

  intern(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#strings.length;
    this.#ids.set(text, id);
    this.#strings.push(text);
    return id;
  }

  /** The string of a number that `intern` gave. */
  text(id: number): string {
    return this.#strings[id] ?? '';
  }

  find(text: string): number | undefined {
    return this.#ids.get(text);
  }
}
