import { expect, test } from 'vitest';
import { pageWork, untagged } from '../report-result.testdata.ts';
import type { WeightedStacks } from '../stacks/weighted-stacks.ts';
import { pprofProfile } from './pprof.ts';
import { readPprof } from './profile-proto.testdata.ts';

const FROM: WeightedStacks = {
  name: 'before-series',
  rows: [
    { class: 'page-table', frames: ['page-table', 'sys_clone', '__pte_alloc'], work: pageWork(2) },
    { class: 'user-anon', frames: ['user-anon', 'vma_alloc_folio'], work: untagged(1) },
  ],
};
const NOTES = { seconds: 1.5, comments: ['command: tagscope report a', 'not covered: 3 events'] };

test('a sample for each stack, a value for each measure', () => {
  const { types, samples, ...rest } = readPprof(pprofProfile(FROM, 'granules', NOTES));
  expect(types).toEqual([
    'instructions/count',
    'granules/count',
    'granules-alloc/count',
    'granules-free/count',
    'allocations/count',
    'frees/count',
    'bytes/bytes',
    'time/nanoseconds',
  ]);
  expect(rest).toEqual({ shown: 'granules', ...NOTES });
  expect(samples).toEqual([
    {
      frames: ['page-table', 'sys_clone', '__pte_alloc'],
      // Two pages of 4 KiB, tagged at either end by 4 STG and 63 DC GVA, 256 granules and 700 ns each.
      values: [268, 1024, 512, 512, 2, 2, 8192, 2800],
      labels: { class: 'page-table' },
    },
    { frames: ['user-anon', 'vma_alloc_folio'], values: [0, 0, 0, 0, 1, 0, 4096, 0], labels: { class: 'user-anon' } },
  ]);
});

test('what is compared with is there negated, marked as pprof itself marks a base', () => {
  const to: WeightedStacks = { name: 'series', rows: [{ ...FROM.rows[0], work: pageWork(1) }] };
  const { samples } = readPprof(pprofProfile(to, 'instructions', NOTES, FROM));
  expect(samples.map(({ values, labels }) => [values[0], values[6], labels['pprof::base']])).toEqual([
    [-268, -8192, 'true'],
    [0, -4096, 'true'],
    [134, 4096, undefined],
  ]);
});

test('figures beyond 32 bits are whole', () => {
  const work = { ...pageWork(1), bytes: 2 ** 52 + 1 };
  const { samples } = readPprof(pprofProfile({ name: '', rows: [{ ...FROM.rows[0], work }] }, 'bytes', NOTES));
  expect(samples[0].values[6]).toBe(2 ** 52 + 1);
});
