import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { pageWork } from '../report-result.testdata.ts';
import type { WeightedStacks } from '../stacks/weighted-stacks.ts';
import { speedscopeFile } from './speedscope.ts';

// Published by speedscope itself: https://www.speedscope.app/file-format-schema.json, here as its package ships it.
const SCHEMA = fileURLToPath(import.meta.resolve('speedscope/dist/release/file-format-schema.json'));

const STACKS: WeightedStacks = {
  name: 'series',
  rows: [
    { class: 'page-table', frames: ['page-table', 'sys_clone', '__pte_alloc'], work: pageWork(2, 0) },
    { class: 'vmalloc', frames: ['vmalloc', 'sys_clone'], work: pageWork(1, 0) },
  ],
};

test('is what the schema of speedscope asks for', () => {
  const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));
  expect(validate(speedscopeFile([STACKS, STACKS], 'bytes', 'a', '1')), JSON.stringify(validate.errors)).toBe(true);
});

test('a profile for each measure that is not all zero; frames are shared', () => {
  const file = speedscopeFile([STACKS], 'bytes', 'series on a.trace', '1');
  expect(file.shared.frames.map(({ name }) => name)).toEqual(['page-table', 'sys_clone', '__pte_alloc', 'vmalloc']);
  // Nothing is freed here.
  expect(file.profiles.map(({ name, unit, endValue }) => [name, unit, endValue])).toEqual([
    ['series: tag-setting instructions', 'none', 3 * 67],
    ['series: granules tagged', 'none', 3 * 256],
    ['series: granules tagged at alloc', 'none', 3 * 256],
    ['series: allocations', 'none', 3],
    ['series: bytes allocated', 'bytes', 3 * 4096],
    ['series: nanoseconds of tags, as modelled', 'nanoseconds', 3 * 700],
  ]);
  expect(file.profiles[3]).toMatchObject({
    samples: [
      [0, 1, 2],
      [3, 1],
    ],
    weights: [2, 1],
  });
  expect(file.activeProfileIndex).toBe(4);
});
