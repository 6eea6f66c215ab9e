import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReorderBuffer } from './reorder-buffer.ts';

/** A buffer that tells what it gave. */
function collecting(): { readonly buffer: ReorderBuffer; readonly given: [time: number, key: number][] } {
  const given: [time: number, key: number][] = [];
  const buffer = new ReorderBuffer({ take: (time, _place, _shape, _stack, _hi, lo) => given.push([time, lo]) });
  return { buffer, given };
}

describe('rows come out in time order', () => {
  it('whatever order they came in', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 300 }), (times) => {
        const { buffer, given } = collecting();
        for (const [index, time] of times.entries()) buffer.add(time, 0, 0, 0, index);
        buffer.flush(Number.POSITIVE_INFINITY);
        expect(given.map(([time]) => time)).toEqual(times.toSorted((a, b) => a - b));
        // Each once.
        expect(new Set(given.map(([, key]) => key)).size).toBe(times.length);
      }),
    );
  });

  it('round after round, where no row is older than the round before last allows', () => {
    fc.assert(
      fc.property(
        // Rounds of streams that are in order each; round n has times from 100 (n − 1) to 100 (n + 1).
        fc.array(fc.array(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 30 }), { maxLength: 4 }), {
          maxLength: 6,
        }),
        (rounds) => {
          const { buffer, given } = collecting();
          for (const [number, streams] of rounds.entries()) {
            for (const stream of streams)
              for (const time of stream.toSorted((a, b) => a - b)) buffer.add(100 * (number - 1) + time, 0, 0, 0, 0);
            buffer.flush(100 * (number - 1));
          }
          buffer.flush(Number.POSITIVE_INFINITY);
          const times = given.map(([time]) => time);
          expect(times).toEqual(times.toSorted((a, b) => a - b));
          expect(times).toHaveLength(rounds.flat(2).length);
        },
      ),
    );
  });

  it('and those of one stream with one time as they came', () => {
    const { buffer, given } = collecting();
    for (let key = 0; key < 5000; key++) buffer.add(3, 0, 0, 0, key);
    buffer.flush(3);
    expect(given.map(([, key]) => key)).toEqual(Array.from({ length: 5000 }, (_, key) => key));
  });
});

it('gives nothing from after the time asked for', () => {
  const { buffer, given } = collecting();
  for (const time of [5, 7, 1, 6]) buffer.add(time, 0, 0, 0, 0);
  buffer.flush(6);
  expect(given.map(([time]) => time)).toEqual([1, 5, 6]);
});

it('takes rows that go backwards without end, in linear time', () => {
  const { buffer, given } = collecting();
  for (let time = 300_000; time > 0; time--) buffer.add(time, 0, 0, 0, 0);
  buffer.flush(Number.POSITIVE_INFINITY);
  expect(given).toHaveLength(300_000);
});
