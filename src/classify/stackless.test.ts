import { expect, test } from 'vitest';
import { compileGfpCondition } from './gfp-condition.ts';
import { gfpNames } from './gfp-names.testdata.ts';
import { compileStacklessRules } from './stackless.ts';
import { NO_CONTEXTS, contextBit } from './task-context.ts';

const NAMES = [
  'ACCOUNT',
  'COMP',
  'DIRECT_RECLAIM',
  'FS',
  'HARDWALL',
  'HIGH',
  'HIGHMEM',
  'IO',
  'KSWAPD_RECLAIM',
  'MOVABLE',
  'NOMEMALLOC',
  'NORETRY',
  'NOWARN',
  'RECLAIMABLE',
  'RETRY_MAYFAIL',
  'WRITE',
  'ZERO',
];
const bitOf = (name: string): number => (NAMES.includes(name) ? 1 << NAMES.indexOf(name) : 0);
const maskOf = (text: string): number => [...gfpNames(text)].reduce((mask, name) => mask | bitOf(name), 0);
const classify = compileStacklessRules({ major: 7, minor: 3 }, bitOf);
const classOf = (text: string, order: number, contexts = NO_CONTEXTS): string | undefined =>
  classify({ gfp: maskOf(text), order, contexts })?.class;

test.each([
  ['GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP', 0, 'page-table'],
  ['GFP_USER|__GFP_ACCOUNT|__GFP_ZERO|__GFP_COMP', 0, 'page-table'],
  ['GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP|__GFP_SKIP_KASAN', 0, 'page-table'],
  ['GFP_KERNEL|__GFP_ZERO|__GFP_COMP', 0, 'page-table'],
  ['GFP_NOWAIT', 0, 'mmu-gather'],
  ['__GFP_KSWAPD_RECLAIM|__GFP_NOWARN', 0, 'mmu-gather'],
  ['GFP_NOWAIT|__GFP_NORETRY|__GFP_COMP', 0, 'slab-page'],
  ['GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC', 0, 'slab-page'],
  ['__GFP_IO|__GFP_FS|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC', 3, 'slab-page'],
  ['__GFP_IO|__GFP_FS|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP', 3, 'socket-buffer'],
  ['GFP_ATOMIC|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC', 3, 'socket-buffer'],
  ['GFP_ATOMIC|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP', 3, 'slab-page'],
  ['GFP_NOWAIT|__GFP_HIGHMEM|__GFP_IO|__GFP_FS|__GFP_ZERO', 2, 'kernel-stack'],
  ['GFP_NOWAIT|__GFP_HIGHMEM|__GFP_IO|__GFP_FS', 2, 'vmalloc'],
  ['GFP_KERNEL|__GFP_HIGHMEM|__GFP_NOWARN', 0, 'vmalloc'],
  ['GFP_KERNEL|__GFP_HIGHMEM', 0, 'percpu'],
  ['GFP_HIGHUSER|__GFP_ACCOUNT', 0, 'pipe'],
  ['GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP', 0, 'user-anon'],
  ['GFP_HIGHUSER_MOVABLE|__GFP_COMP', 0, 'user-anon'],
  ['GFP_HIGHUSER_MOVABLE|__GFP_WRITE|__GFP_COMP', 0, 'user-file'],
  ['GFP_NOFS|__GFP_HIGHMEM|__GFP_MOVABLE|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_HARDWALL', 0, 'user-file'],
  ['GFP_KERNEL|__GFP_COMP', 3, 'kmalloc-large'],
  ['GFP_KERNEL', 0, undefined],
])('%s of order %i is %s', (gfp, order, expected) => {
  expect(classOf(gfp, order)).toBe(expected);
});

test('a file-backed page with the mask of anonymous memory is told by the events before it', () => {
  expect(classOf('GFP_HIGHUSER_MOVABLE|__GFP_COMP', 0, contextBit('file-io'))).toBe('user-file');
  expect(classOf('GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP', 0, contextBit('file-io'))).toBe('user-anon');
});

test('while forking, a stack may have any size', () => {
  const gfp = 'GFP_NOWAIT|__GFP_HIGHMEM|__GFP_IO|__GFP_FS|__GFP_ZERO';
  expect(classOf(gfp, 3)).toBe('vmalloc');
  expect(classOf(gfp, 3, contextBit('forking'))).toBe('kernel-stack');
});

test('before 6.6 page tables are not compound', () => {
  const old = compileStacklessRules({ major: 6, minor: 1 }, bitOf);
  expect(old({ gfp: maskOf('GFP_KERNEL|__GFP_ZERO'), order: 0, contexts: NO_CONTEXTS })?.class).toBe('page-table');
  expect(classOf('GFP_KERNEL|__GFP_ZERO', 0)).toBe(undefined);
});

test('conditions compile to masks, and unknown flags to nothing', () => {
  const masks = compileGfpCondition({ all: ['ZERO', 'COMP'], none: ['HIGHMEM'] }, (name) =>
    name === 'ZERO' ? 0x100 : name === 'HIGHMEM' ? 2 : 0,
  );
  expect(masks).toEqual({ all: 0x100, none: 2 });
});

test('where masks were not recorded, the migratetype tells user memory', () => {
  const facts = { gfp: undefined, order: 0, contexts: NO_CONTEXTS };
  // include/linux/gfp.h: gfp_migratetype gives 1 for __GFP_MOVABLE, 2 for __GFP_RECLAIMABLE.
  expect(classify({ ...facts, migratetype: 1 })).toMatchObject({ class: 'user-anon', confidence: 'low' });
  expect(classify({ ...facts, migratetype: 2 })).toMatchObject({ class: 'slab-page' });
  // Page tables, stacks and slab pages look the same.
  expect(classify({ ...facts, migratetype: 0 })).toBeUndefined();
  expect(classify({ ...facts, migratetype: 0, order: 2 })).toBeUndefined();
  const forking = contextBit('forking');
  expect(classify({ ...facts, migratetype: 0, order: 2, contexts: forking })).toMatchObject({ class: 'kernel-stack' });
});
