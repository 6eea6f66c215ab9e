import { expect, test } from 'vitest';
import { ALLOCATION_CLASSES } from '../../base/allocation-class.ts';
import { pageWork } from '../report-result.testdata.ts';
import type { WeightedStacks } from '../stacks/weighted-stacks.ts';
import { firefoxProfile } from './firefox.ts';
import { readFirefox, type FirefoxProfile } from './firefox.testdata.ts';

const STACKS: WeightedStacks = {
  name: 'series',
  rows: [
    { class: 'page-table', frames: ['page-table', 'sys_clone', '__pte_alloc'], work: pageWork(2, 0) },
    { class: 'page-table', frames: ['page-table', 'sys_clone', '__pmd_alloc'], work: pageWork(1, 0) },
    { class: 'vmalloc', frames: ['vmalloc', 'sys_clone'], work: pageWork(1, 0) },
  ],
};
const NOTES = { title: 'series on a.trace', version: '1', command: 'tagscope report a.trace', losses: ['3 events'] };

const profileOf = (...stacks: WeightedStacks[]): FirefoxProfile =>
  JSON.parse(JSON.stringify(firefoxProfile(stacks, NOTES)));

test('a process for each result, a thread for each measure that is not all zero', () => {
  const { threads } = profileOf(STACKS, { ...STACKS, name: 'all' });
  expect(threads.map(({ pid, processName, name }) => [pid, processName, name])).toEqual(
    ['series', 'all'].flatMap((process, pid) =>
      [
        'tag-setting instructions',
        'granules tagged',
        'granules tagged at alloc',
        'allocations',
        'bytes allocated',
        'nanoseconds of tags, as modelled',
      ].map((name) => [String(pid), process, name]),
    ),
  );
  expect(new Set(threads.map(({ tid }) => tid)).size).toBe(threads.length);
});

test('stacks come back with their weights', () => {
  const [instructions] = readFirefox(profileOf(STACKS));
  // A page is tagged by 4 STG and 63 DC GVA.
  expect(instructions.samples).toEqual([
    { frames: ['page-table', 'sys_clone', '__pte_alloc'], category: 'page-table', weight: 134 },
    { frames: ['page-table', 'sys_clone', '__pmd_alloc'], category: 'page-table', weight: 67 },
    { frames: ['vmalloc', 'sys_clone'], category: 'vmalloc', weight: 67 },
  ]);
});

test('times are milliseconds, the unit that the profiler knows', () => {
  const { samples } = profileOf(STACKS).threads[5];
  expect(samples.weightType).toBe('tracing-ms');
  // 700 ns for a page.
  expect(samples.weight).toEqual([0.0014, 0.0007, 0.0007]);
});

test('stacks that begin alike share nodes, and a parent stands before its children', () => {
  const [thread] = profileOf(STACKS).threads;
  expect(thread.stackTable.length).toBe(6);
  thread.stackTable.prefix.forEach((prefix, index) => expect(prefix ?? -1).toBeLessThan(index));
});

test('the profiler has a grey category to fall back to, and each has the subcategory Other (src/types/profile.ts)', () => {
  const { categories } = profileOf(STACKS).meta;
  expect(categories.map(({ name }) => name)).toEqual([...ALLOCATION_CLASSES]);
  expect(categories.filter(({ color }) => color === 'grey').map(({ name }) => name)).toEqual(['unknown']);
  for (const { subcategories } of categories) expect(subcategories[0]).toBe('Other');
});

test('losses are markers', () => {
  const { threads, shared, meta } = profileOf(STACKS);
  expect(threads[0].markers.data).toEqual([{ type: 'Loss', loss: '3 events' }]);
  expect(shared.stringArray[threads[0].markers.name[0]]).toBe('Loss');
  expect(meta).toMatchObject({ preprocessedProfileVersion: 58, arguments: 'tagscope report a.trace' });
});
