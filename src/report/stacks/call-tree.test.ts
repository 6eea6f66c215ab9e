import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callTree, type CallNode, type ValuedStack } from './call-tree.ts';

const stack = (frames: string, ...values: readonly number[]): ValuedStack => ({
  class: 'page-table',
  frames: frames.split(' '),
  values,
});

/** A tree as text: each function with its figures, and its callees in parentheses. */
const show = (nodes: readonly CallNode[]): string =>
  nodes
    .map(
      ({ name, values, children }) => `${name}=${values.join('/')}${children.length > 0 ? `(${show(children)})` : ''}`,
    )
    .join(' ');

test('stacks that begin alike are one, the heaviest first, equal ones by name', () => {
  expect(show(callTree([stack('a b', 1), stack('a c', 5), stack('z', 2), stack('y', 2), stack('a', 3)]))).toBe(
    'a=9(c=5 b=1) y=2 z=2',
  );
});

test('two sides are added up each for itself, and ordered by the heavier one', () => {
  expect(show(callTree([stack('a b', 4, 0), stack('c', 1, 9), stack('a d', 1, 1)]))).toBe('c=1/9 a=5/1(b=4/0 d=1/1)');
});

test('what weighs nothing is left out', () => {
  expect(callTree([stack('a b', 0), stack('c', 0)])).toEqual([]);
});

test('no function weighs less than what it calls, and the roots weigh all', () => {
  const names = fc.stringMatching(/^[abc]$/);
  const stacks = fc.array(fc.record({ frames: fc.array(names, { minLength: 1, maxLength: 5 }), value: fc.nat(1000) }));
  fc.assert(
    fc.property(stacks, (given) => {
      const roots = callTree(given.map(({ frames, value }) => stack(frames.join(' '), value)));
      const sum = (nodes: readonly CallNode[]): number => nodes.reduce((total, { values }) => total + values[0], 0);
      const check = (nodes: readonly CallNode[]): void => {
        for (const node of nodes) {
          expect(sum(node.children)).toBeLessThanOrEqual(node.values[0]);
          check(node.children);
        }
      };
      expect(sum(roots)).toBe(given.reduce((total, { value }) => total + value, 0));
      check(roots);
    }),
  );
});
