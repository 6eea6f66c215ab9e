import { expect, test } from 'vitest';
import { pageWork, untagged } from '../report-result.testdata.ts';
import { measureOf } from '../stacks/measures.ts';
import type { WeightedStacks } from '../stacks/weighted-stacks.ts';
import { collapsedDifference, collapsedStacks } from './collapsed.ts';

const GRANULES = measureOf('granules');

const stacks = (...rows: WeightedStacks['rows']): WeightedStacks => ({ name: 'a policy', rows });

test('a line for each stack: outermost first, then a blank and the weight (head of flamegraph.pl)', () => {
  const given = stacks(
    { class: 'page-table', frames: ['page-table', 'sys_clone', '__pte_alloc'], work: pageWork(2) },
    { class: 'vmalloc', frames: ['vmalloc', 'bpf_prog_alloc'], work: pageWork(1, 0) },
  );
  // A page is 256 granules, at either end.
  expect(collapsedStacks(given, GRANULES)).toBe('page-table;sys_clone;__pte_alloc 1024\nvmalloc;bpf_prog_alloc 256\n');
});

test('a stack without weight is left out', () => {
  const given = stacks({ class: 'user-anon', frames: ['user-anon', 'vma_alloc_folio'], work: untagged(3) });
  expect(collapsedStacks(given, GRANULES)).toBe('');
  expect(collapsedStacks(given, measureOf('allocations'))).toBe('user-anon;vma_alloc_folio 3\n');
});

test('a name cannot end a line or part a frame; names that become one are added up', () => {
  const given = stacks(
    { class: 'unknown', frames: ['unknown', 'a;b\nc 9'], work: pageWork(1, 0) },
    { class: 'unknown', frames: ['unknown', 'a:b\tc 9'], work: pageWork(2, 0) },
    { class: 'unknown', frames: ['unknown', ''], work: pageWork(1, 0) },
  );
  expect(collapsedStacks(given, GRANULES)).toBe('unknown;a:b?c 9 768\nunknown;? 256\n');
});

test('a difference has both weights in a line, 0 where a side has none (difffolded.pl)', () => {
  const from = stacks({ class: 'page-table', frames: ['page-table', '__pte_alloc'], work: pageWork(2, 0) });
  const to = stacks({ class: 'vmalloc', frames: ['vmalloc', 'vzalloc'], work: pageWork(1, 0) });
  expect(collapsedDifference(from, to, GRANULES)).toBe('page-table;__pte_alloc 512 0\nvmalloc;vzalloc 0 256\n');
});
