import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TimeMerge, type TimedStream } from './time-merge.ts';

class Numbers implements TimedStream {
  readonly name: number;
  readonly #times: readonly number[];
  #at = 0;

  constructor(name: number, times: readonly number[]) {
    this.name = name;
    this.#times = times;
  }

  get time(): number {
    return this.#times[this.#at];
  }

  advance(): boolean {
    return ++this.#at < this.#times.length;
  }
}

const merged = (lists: readonly (readonly number[])[], limit: number): (readonly [time: number, list: number])[] => {
  const taken: (readonly [number, number])[] = [];
  const merge = new TimeMerge(lists.map((times, name) => new Numbers(name, times)));
  const take = (stream: Numbers): boolean => {
    taken.push([stream.time, stream.name]);
    return stream.advance();
  };
  while (merge.run(limit, take));
  return taken;
};

const list = fc.array(fc.nat(20), { minLength: 1, maxLength: 20 });
const byTime = (a: number, b: number): number => a - b;

test('sorted streams come out sorted, equal times in the order of the streams', () => {
  fc.assert(
    fc.property(fc.array(list, { maxLength: 9 }), fc.integer({ min: 1, max: 30 }), (lists, limit) => {
      const sorted = lists.map((times) => times.toSorted(byTime));
      const expected = sorted
        .flatMap((times, name) => times.map((time) => [time, name] as const))
        .toSorted(([a, one], [b, other]) => a - b || one - other);
      expect(merged(sorted, limit)).toEqual(expected);
    }),
  );
});

test('where a clock goes backwards nothing is lost, and each stream keeps its order', () => {
  fc.assert(
    fc.property(fc.array(list, { maxLength: 6 }), (lists) => {
      const taken = merged(lists, 7);
      for (const [name, times] of lists.entries()) {
        expect(taken.filter(([, from]) => from === name).map(([time]) => time)).toEqual(times);
      }
    }),
  );
});

test('taken by runs, the order is that of one by one', () => {
  fc.assert(
    fc.property(fc.array(list, { maxLength: 9 }), (lists) => {
      const taken: (readonly [number, number])[] = [];
      new TimeMerge(lists.map((times, name) => new Numbers(name, times))).runAll((stream, before) => {
        do {
          taken.push([stream.time, stream.name]);
          if (!stream.advance()) return false;
        } while (stream.time < before);
        return true;
      });
      expect(taken).toEqual(merged(lists, Number.POSITIVE_INFINITY));
    }),
  );
});
