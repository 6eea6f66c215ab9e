import { describe, expect, test } from 'vitest';
import { release } from './release.ts';
import { mas_prealloc_calc } from './vma-tree-memory.ts';

describe('releases', () => {
  test('6.12 has no sheaves, no table of pids and no table of futexes, and frees a task after one grace period', () => {
    expect(Object.values(release({ major: 6, minor: 12 }))).not.toContain(true);
  });

  test('7.3 has all of them', () => {
    expect(Object.values(release({ major: 7, minor: 3 }))).not.toContain(false);
  });

  test('6.18 has sheaves for the nodes of trees, and slabs of CPUs for the rest', () => {
    expect(release({ major: 6, minor: 18 })).toMatchObject({ sheaves: false, mapleSheaves: true, typesafeVmas: true });
  });
});

describe('nodes that a write may take (lib/maple_tree.c:mas_prealloc_calc, 6.12)', () => {
  test.each([
    ['wr_exact_fit', 2, 0],
    ['wr_node_store', 2, 1],
    ['wr_rebalance', 2, 3],
    ['wr_split_store', 1, 3],
    ['wr_split_store', 2, 5],
    ['wr_spanning_store', 2, 7],
  ] as const)('%s in a tree of %i levels: %i', (type, height, nodes) => {
    expect(mas_prealloc_calc(type, height)).toBe(nodes);
  });
});
