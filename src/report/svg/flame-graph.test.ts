import { expect, test } from 'vitest';
import { callTree, type CallNode } from '../stacks/call-tree.ts';
import { flameGraph, ROW_HEIGHT, type FlameStyle } from './flame-graph.ts';

const tree = (stacks: Readonly<Record<string, number>>): readonly CallNode[] =>
  callTree(
    Object.entries(stacks).map(([frames, value]) => ({
      class: 'page-table' as const,
      frames: frames.split(' '),
      values: [value],
    })),
  );

const style = (whole: number): FlameStyle => ({
  valueOf: ({ values: [value] }) => value,
  whole,
  styleOf: () => 'k0',
  figuresOf: ({ values: [value] }) => String(value),
});

/** Where each function is drawn: its name, and its place and width in percent. */
function places(
  graph: ReturnType<typeof flameGraph>,
): readonly (readonly [name: string, x: string, y: string, width: string])[] {
  return graph.content.map(({ text }) => {
    const [, name] = /<title>(.*)\n/.exec(text) ?? [];
    const [, x, y, width] = /<svg x="([\d.]+)%" y="(\d+)" width="([\d.]+)%"/.exec(text) ?? [];
    return [name, x, y, width];
  });
}

test('a function is as wide as its share, below its caller, and beside what was called before', () => {
  const graph = flameGraph(tree({ 'a b': 50, 'a c': 25, d: 25 }), style(100));
  expect(places(graph)).toEqual([
    ['a', '0', '0', '75'],
    ['b', '0', String(ROW_HEIGHT), '50'],
    ['c', '50', String(ROW_HEIGHT), '25'],
    ['d', '75', '0', '25'],
  ]);
  expect([graph.height, graph.hidden]).toEqual([2 * ROW_HEIGHT, 0]);
});

test('the whole width may stand for more than what is drawn: one scale for two graphs', () => {
  expect(places(flameGraph(tree({ a: 50 }), style(200)))).toEqual([['a', '0', '0', '25']]);
});

test('what is too narrow to be seen is counted, with all that it calls', () => {
  const graph = flameGraph(tree({ a: 100_000, 'b c d': 1 }), style(100_001));
  expect(places(graph).map(([name]) => name)).toEqual(['a']);
  expect(graph.hidden).toBe(3);
});

test('a name stands where there is room for it; the tooltip always has it', () => {
  const [wide, narrow] = flameGraph(tree({ wide: 99, narrow: 1 }), style(100)).content.map(({ text }) => text);
  expect(wide).toContain('>wide</text>');
  expect(narrow).not.toContain('<text');
  expect(narrow).toContain('<title>narrow\n1</title>');
});
