/** What has the value of no byte of a chunk: searches end with it. */
const NONE = -1;

/** Bytes at the end of the window that say how far it may be moved. */
const BLOCK = 2;

/**
 * Searches bytes for the first of several texts of ASCII, by the method of Wu and Manber (A fast algorithm for multi-pattern
 * searching, 1994): the last two bytes of a window as long as the shortest text say how far the window can be moved. Most of
 * a log is never looked at.
 */
export class MarkerSearch {
  readonly #markers: readonly Uint8Array[];
  readonly #window: number;
  /** By two bytes: how far the window may be moved; 0 where a text may begin. */
  readonly #shift: Uint8Array;

  /** @param texts of ASCII, each of two characters or more */
  constructor(texts: readonly string[]) {
    this.#markers = texts.map((text) => new TextEncoder().encode(text));
    this.#window = Math.min(...this.#markers.map(({ length }) => length));
    const farthest = this.#window - BLOCK + 1;
    this.#shift = new Uint8Array(1 << 16).fill(farthest);
    for (const marker of this.#markers)
      for (let at = 0; at + BLOCK <= this.#window; at++) {
        const pair = marker[at] | (marker[at + 1] << 8);
        this.#shift[pair] = Math.min(this.#shift[pair], this.#window - BLOCK - at);
      }
  }

  /** @returns where the first text begins that ends before `end`; -1 if there is none */
  first(bytes: Uint8Array, from: number, end: number): number {
    const shift = this.#shift;
    const last = this.#window - BLOCK;
    let at = from + last;
    while (at + 1 < end) {
      const move = shift[bytes[at] | (bytes[at + 1] << 8)];
      if (move > 0) {
        at += move;
        continue;
      }
      const start = at - last;
      if (this.#markers.some((marker) => start + marker.length <= end && isAt(bytes, start, marker))) return start;
      at++;
    }
    return NONE;
  }
}

function isAt(bytes: Uint8Array, start: number, marker: Uint8Array): boolean {
  for (let index = 0; index < marker.length; index++) if (bytes[start + index] !== marker[index]) return false;
  return true;
}
