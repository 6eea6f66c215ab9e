import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MapleTree, mas_push_data, type NodeMemory, type StoreType } from './maple-tree.ts';

const LIMIT = 2 ** 48;

/** Nodes by number; which are in use, and what each write took. */
class CountedNodes implements NodeMemory<number> {
  readonly sharing: NodeMemory<number>['sharing'];
  readonly live = new Set<number>([0]);
  taken = 0;
  #next = 1;

  constructor(sharing: NodeMemory<number>['sharing'] = 'halves') {
    this.sharing = sharing;
  }

  prepare(): void {
    this.taken = 0;
  }

  allocate(): number {
    this.taken++;
    this.live.add(this.#next);
    return this.#next++;
  }

  retire(memory: number): void {
    expect(this.live.delete(memory)).toBe(true);
  }

  finish(): void {}
}

function newTree() {
  const nodes = new CountedNodes();
  return { nodes, tree: new MapleTree<string, number>(nodes, LIMIT, 0) };
}

/** Areas of a small static program, in five groups with gaps around: fourteen ranges in all. */
const PROGRAM: readonly (readonly [start: number, end: number])[] = [
  [0x400000, 0x4c0000],
  [0x4c0000, 0x4d0000],
  [0x4d0000, 0x4d4000],
  [0x4e0000, 0x4e8000],
  [0x1f000000, 0x1f022000],
  [0xffffa0100000, 0xffffa0102000],
  [0xffffa0102000, 0xffffa0104000],
  [0xfffff0000000, 0xfffff0021000],
];
const STACK = 8 << 20;
const GUARD = 4096;
const TOP = 0xffffa0100000;

/** The writes that creating threads takes: reserve next to the last guard, split off the stack, split off that guard. */
function createThreads(threads: number) {
  const { nodes, tree } = newTree();
  PROGRAM.forEach(([start, end], index) => tree.store(start, end, `program ${index}`));
  const writes: { readonly type: StoreType; readonly nodes: number }[] = [];
  const write = (start: number, end: number, value: string | undefined): void => {
    nodes.taken = 0;
    const type = tree.store(start, end, value);
    writes.push({ type, nodes: nodes.taken });
  };
  for (let thread = 1; thread <= threads; thread++) {
    const start = TOP - thread * (STACK + GUARD);
    const end = start + STACK + GUARD;
    if (thread === 1) write(start, end, 'guard 1');
    else write(start, end + GUARD, `guard ${thread}`);
    write(start + GUARD, thread === 1 ? end : end + GUARD, `stack ${thread}`);
    if (thread > 1) write(end, end + GUARD, `guard of ${thread - 1}`);
  }
  return { nodes, tree, writes, write };
}

describe('threads of a program (maple_node events of 7.3.4 in a trace of the thread workload)', () => {
  test('16 threads: eight writes overflow a leaf, at the threads at which the kernel takes three nodes', () => {
    const { writes } = createThreads(16);
    const splits = writes.flatMap(({ type, nodes }, index) =>
      type === 'wr_split_store' ? [{ thread: index < 2 ? 1 : Math.floor((index - 2) / 3) + 2, nodes }] : [],
    );
    expect(splits.map(({ thread }) => thread)).toEqual([2, 6, 8, 9, 9, 13, 15, 16]);
    expect(splits.every(({ nodes }) => nodes === 3)).toBe(true);
  });

  test('100 threads take 308 nodes (mas_preallocate, dst_setup and mas_wr_split of 50 iterations: 146 + 1 + 156 + 5)', () => {
    const { writes } = createThreads(100);
    expect(writes.reduce((sum, { nodes }) => sum + nodes, 0)).toBe(308);
  });

  test('unmapping twelve of 16 stacks in their order: leaves are put together at the fifth, the seventh and the eighth', () => {
    const { writes, write } = createThreads(16);
    writes.length = 0;
    for (let thread = 1; thread <= 12; thread++) {
      const start = TOP - thread * (STACK + GUARD);
      write(start, start + STACK + GUARD, undefined);
    }
    expect(writes.map(({ nodes }) => nodes)).toEqual([1, 1, 1, 1, 3, 1, 3, 2, 1, 1, 1, 1]);
    expect(writes.flatMap(({ type }, index) => (type === 'wr_rebalance' ? [index + 1] : []))).toEqual([5, 7, 8]);
  });

  test('moving the border of two ranges of one leaf is done in place (wr_slot_store)', () => {
    const { tree, nodes } = newTree();
    tree.store(8192, 12288, 'a');
    nodes.taken = 0;
    expect(tree.store(4096, 12288, 'a')).toBe('wr_slot_store');
    expect(nodes.taken).toBe(0);
  });
});

describe('whatever is written', () => {
  const write = fc.record({
    start: fc.integer({ min: 0, max: 120 }),
    length: fc.integer({ min: 1, max: 6 }),
    clear: fc.boolean(),
  });

  test('the tree holds what a plain map of pages would, and every node that is in it and no other is in use', () => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 120 }), (writes) => {
        const { tree, nodes } = newTree();
        const pages = new Map<number, string>();
        writes.forEach(({ start, length, clear }, index) => {
          const value = clear ? undefined : `value ${index}`;
          tree.store(start * 4096, (start + length) * 4096, value);
          for (let page = start; page < start + length; page++) {
            if (value === undefined) pages.delete(page);
            else pages.set(page, value);
          }
        });
        for (let page = 0; page < 130; page++) expect(tree.find(page * 4096)).toBe(pages.get(page));
        expect(new Set(tree.nodes())).toEqual(nodes.live);
      }),
    );
  });

  test('neighbours are the ends of the gap around an address', () => {
    const { tree } = createThreads(40);
    const low = TOP - 40 * (STACK + GUARD);
    expect(tree.neighbours(low - 1)).toEqual({ before: 0x1f022000, after: low });
    tree.store(low, TOP, undefined);
    expect(tree.neighbours(TOP - STACK)).toEqual({ before: 0x1f022000, after: TOP });
  });
});

describe('a full leaf and its sibling (lib/maple_tree.c:mas_push_data, 6.12; 16 slots, so that 28 is the limit)', () => {
  const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => from + index);
  const sizes = (
    left: number,
    right: number,
    side: 'left' | 'right',
    isLast = false,
  ): readonly number[] | undefined => {
    const [items, sibling] = side === 'left' ? [right, left] : [left, right];
    return mas_push_data(numbers(items), numbers(sibling, 100), {
      side,
      slots: 16,
      isLeaf: true,
      isLast,
      isGapItem: () => false,
    })?.map((part) => part.length);
  };

  test('the sibling on the left gets 15 entries, the rest stays', () => {
    // b_end 16, one more, and the last index of the sibling: 16 + 1 + 11 < 29.
    expect(sizes(12, 17, 'left')).toEqual([15, 14]);
    expect(sizes(7, 17, 'left')).toEqual([15, 9]);
    expect(sizes(13, 17, 'left')).toBeUndefined();
  });

  test('the one on the right gets as many that it has one slot left, or one less', () => {
    // slot_total 16 + 12 < 29; the left part ends with index 28 - 14.
    expect(sizes(17, 13, 'right')).toEqual([15, 15]);
    expect(sizes(17, 8, 'right')).toEqual([10, 15]);
    expect(sizes(17, 14, 'right')).toBeUndefined();
  });

  test('at the end of the tree there is room for one less', () => {
    expect(sizes(12, 17, 'left', true)).toBeUndefined();
    expect(sizes(11, 17, 'left', true)).toEqual([15, 13]);
  });

  test('a leaf does not end with a gap: one more goes to the left (mab_no_null_split)', () => {
    const parts = mas_push_data(numbers(17, 7), numbers(7), {
      side: 'left',
      slots: 16,
      isLeaf: true,
      isLast: false,
      isGapItem: (item) => item === 14,
    });
    expect(parts?.map((part) => part.length)).toEqual([16, 8]);
  });
});
