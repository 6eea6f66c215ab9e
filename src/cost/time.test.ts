import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { timeDifference, timeOf, timeSum, type Time } from './time.ts';

describe('a time', () => {
  test('spans its readings; the first is the best', () => {
    expect(timeOf([5, 3, 9])).toEqual({ low: 3, best: 5, high: 9, readings: [5, 3, 9] });
  });

  test('what is uncertain about two times does not add up: their difference is taken reading by reading', () => {
    // Ten times as many of the same: whatever one takes, the difference is nine of them.
    expect(timeDifference(timeOf([50, 30, 90]), timeOf([5, 3, 9]))).toEqual(timeOf([45, 27, 81]));
    expect(timeDifference(timeOf([5, 3]), timeOf([5, 3]))).toEqual(timeOf([0, 0]));
  });

  test('a sum of none is nothing', () => {
    expect(timeSum([])).toEqual({ low: 0, best: 0, high: 0, readings: [] });
  });
});

const time = fc.tuple(fc.nat(), fc.nat(), fc.nat()).map(([best, second, third]): Time => timeOf([best, second, third]));

test('adding up and taking away again gives what there was', () => {
  fc.assert(
    fc.property(time, time, (a, b) => {
      expect(timeDifference(timeSum([a, b]), b)).toEqual(a);
    }),
  );
});
