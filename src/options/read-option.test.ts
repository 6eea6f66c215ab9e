import { describe, expect, test } from 'vitest';
import { choiceOf, numberOf, numbersOf } from './read-option.ts';

const TRIALS = { name: 'trials', value: 'n', whole: [1, 20], default: '5', help: 'trials' } as const;
const CPU_ID = { name: 'cpuId', value: 'n', several: 'times', whole: [0, 7], help: 'a CPU' } as const;

describe('a whole number', () => {
  test('is what was given, or the default', () => {
    expect(numberOf(TRIALS, { trials: '20' })).toBe(20);
    expect(numberOf(TRIALS, {})).toBe(5);
    expect(numberOf({ name: 'jobs', value: 'n', whole: [1, 64], help: 'threads' }, {})).toBeUndefined();
  });

  test.each(['0', '21', '-1', '1.5', '', 'many'])('out of its range: %s', (trials) => {
    expect(() => numberOf(TRIALS, { trials })).toThrow(`--trials ${trials}: out of range`);
  });

  test('may be several', () => {
    expect(numbersOf(CPU_ID, { cpuId: ['1', '0'] })).toEqual([1, 0]);
    expect(numbersOf(CPU_ID, {})).toEqual([]);
    expect(() => numbersOf(CPU_ID, { cpuId: ['1', '8'] })).toThrow('--cpu-id 8: out of range');
  });
});

test('a choice is one of its list, in whatever case', () => {
  const mode = { name: 'mode', value: 'mode', choices: ['sync', 'async'], help: 'mode' } as const;
  expect(choiceOf(mode, 'ASYNC')).toBe('async');
  expect(() => choiceOf(mode, 'both')).toThrow('--mode both: unknown');
});
