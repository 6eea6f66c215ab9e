/** A stream of things in order of time, which stands at one of them. */
export interface TimedStream {
  /** Time of what it stands at. */
  readonly time: number;
}

/**
 * Takes streams together in order of time, without holding or sorting what is in them. Of equal times the stream that was
 * given first comes first. A stream whose time goes backwards is taken as it is.
 *
 * A heap of streams: one step costs the logarithm of their number, and nothing while one stream stays the earliest, as
 * the stream of a CPU does for many events.
 */
export class TimeMerge<Stream extends TimedStream> {
  readonly #heap: { readonly stream: Stream; readonly order: number }[];
  #added: number;

  /** @param streams standing at their first thing */
  constructor(streams: readonly Stream[]) {
    this.#heap = streams.map((stream, order) => ({ stream, order }));
    this.#added = streams.length;
    for (let at = this.#heap.length >> 1; at >= 0; at--) this.#sink(at);
  }

  /** Streams that have not ended. */
  get size(): number {
    return this.#heap.length;
  }

  /** Takes in another stream, standing at its first thing. */
  add(stream: Stream): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push({ stream, order: this.#added++ });
    for (let parent = (at - 1) >> 1; at > 0 && this.#isBefore(at, parent); parent = (at - 1) >> 1) {
      [heap[at], heap[parent]] = [heap[parent], heap[at]];
      at = parent;
    }
  }

  /**
   * Gives some `limit` things to `take`, each as the stream that stands at it, and none from after the time `until`;
   * false when all streams have ended. `take` makes the stream go on to the next, and says whether there is one.
   */
  run(limit: number, take: (stream: Stream) => boolean, until = Number.POSITIVE_INFINITY): boolean {
    const heap = this.#heap;
    let left = limit;
    while (heap.length > 0) {
      if (left <= 0 || heap[0].stream.time > until) return true;
      const { stream } = heap[0];
      const other = Math.min(this.#time(1), this.#time(2));
      let more: boolean;
      do {
        more = take(stream);
        left--;
      } while (more && stream.time < other && stream.time <= until && left > 0);
      this.#settle(more);
    }
    return false;
  }

  /**
   * Gives all to `take`, run by run: it takes what a stream stands at, and goes on for as long as the time is before
   * `before`. It says whether the stream has more. For streams that can take many things at less cost than one by one.
   */
  runAll(take: (stream: Stream, before: number) => boolean): void {
    const heap = this.#heap;
    while (heap.length > 0) this.#settle(take(heap[0].stream, Math.min(this.#time(1), this.#time(2))));
  }

  /** Puts the stream that was first where it belongs now. */
  #settle(more: boolean): void {
    const heap = this.#heap;
    if (!more) {
      const last = heap.pop();
      if (last !== undefined && heap.length > 0) heap[0] = last;
    }
    this.#sink(0);
  }

  #time(at: number): number {
    return at < this.#heap.length ? this.#heap[at].stream.time : Number.POSITIVE_INFINITY;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    for (let at = from; ;) {
      let first = at;
      const left = 2 * at + 1;
      if (left < heap.length && this.#isBefore(left, first)) first = left;
      if (left + 1 < heap.length && this.#isBefore(left + 1, first)) first = left + 1;
      if (first === at) return;
      [heap[at], heap[first]] = [heap[first], heap[at]];
      at = first;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const one = this.#heap[a];
    const other = this.#heap[b];
    return one.stream.time < other.stream.time || (one.stream.time === other.stream.time && one.order < other.order);
  }
}
