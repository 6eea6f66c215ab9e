import { describe, expect, test } from 'vitest';
import type { DiffOptions } from './commands/diff.ts';
import type { Paths } from './command.ts';
import { parseDiffOptions } from './diff-options.ts';

describe('what a difference is of', () => {
  test('one trace: two policies on it', () => {
    expect(parseDiffOptions(['a'], { from: 'series' })).toEqual({
      from: { files: ['a'], policy: 'series' },
      to: { files: ['a'], policy: 'series' },
      per: undefined,
    });
    expect(parseDiffOptions(['a'], {})).toMatchObject({ from: { policy: 'before-series' }, to: { policy: 'series' } });
  });

  test('two traces: one policy on both', () => {
    expect(parseDiffOptions(['a', 'b'], { policy: 'series', per: 'second' })).toEqual({
      from: { files: ['a'], policy: 'series' },
      to: { files: ['b'], policy: 'series' },
      per: { unit: 'second' },
    });
  });

  test('runs of two sides: figures of a run, or of an iteration', () => {
    expect(parseDiffOptions(['a', 'b'], { with: ['c', 'd'] })).toEqual({
      from: { files: ['a', 'b'], policy: 'as-recorded' },
      to: { files: ['c', 'd'], policy: 'as-recorded' },
      per: { unit: 'run' },
    });
    expect(parseDiffOptions(['a'], { with: ['b'], per: '50' }).per).toEqual({ unit: 'iteration', iterations: 50 });
  });
});

test.each<readonly [files: Paths, given: DiffOptions, message: string]>([
  [['a'], { policy: 'series' }, 'diff of one trace compares two policies'],
  [['a'], { per: 'second' }, '--per: one trace is as long under both policies'],
  [['a', 'b'], { from: 'series' }, 'two traces are compared under one policy'],
  [['a', 'b', 'c'], {}, 'diff takes one trace or two, and 3 are given'],
  [['-', '-'], {}, '"-" is given twice'],
  [['-'], { with: ['-'] }, '"-" is given twice'],
  [['a', 'b'], { per: 'minute' }, '--per minute: neither "second" nor a number'],
  [['a', 'b'], { per: '0' }, '--per 0: out of range'],
])('refused: %j %j', (files, given, message) => {
  expect(() => parseDiffOptions(files, given)).toThrow(message);
});
