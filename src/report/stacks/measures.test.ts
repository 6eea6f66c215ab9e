import fc from 'fast-check';
import { expect, test } from 'vitest';
import { timeOf } from '../../cost/time.ts';
import { pageWork } from '../report-result.testdata.ts';
import { measureOf, wholeValues } from './measures.ts';

const TIME = measureOf('time');
const taking = (ns: number) => ({ ...pageWork(0), time: timeOf([ns]) });

test('what is rounded adds up to the rounded sum', () => {
  expect(wholeValues([taking(0.4), taking(0.4), taking(0.4)], TIME)).toEqual([0, 1, 0]);
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true })), (times) => {
      const values = wholeValues(times.map(taking), TIME);
      const sum = times.reduce((total, time) => total + time, 0);
      expect(values.reduce((total, value) => total + value, 0)).toBe(Math.round(sum));
      for (const [index, value] of values.entries()) {
        expect(Number.isInteger(value)).toBe(true);
        expect(Math.abs(value - times[index])).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('counts are as they are, and what is not there is 0', () => {
  expect(wholeValues([pageWork(2), undefined, pageWork(1, 0)], measureOf('granules'))).toEqual([1024, 0, 256]);
});

test('without a time there is none', () => {
  expect(wholeValues([{ ...pageWork(1), time: null }], TIME)).toEqual([0]);
});
