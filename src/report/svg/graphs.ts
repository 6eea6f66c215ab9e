import { markup, type Markup } from '../markup.ts';
import { count, counted, percent } from '../number-format.ts';
import { callTree, type CallNode } from '../stacks/call-tree.ts';
import { wholeValues, type Measure } from '../stacks/measures.ts';
import { pairStacks, type WeightedStacks } from '../stacks/weighted-stacks.ts';
import { flameGraph, type FlameGraph } from './flame-graph.ts';
import { changeStep, classStyle } from './palette.ts';

/** A flame graph of one result, or one side of a difference. */
export interface Graph extends FlameGraph {
  readonly title: string;
  /** What widths and colours mean. */
  readonly caption: string;
}

const sum = (nodes: readonly CallNode[], side: number): number =>
  nodes.reduce((total, { values }) => total + values[side], 0);

/** The stacks of a result; empty if they weigh nothing. */
export function stackGraph(stacks: WeightedStacks, measure: Measure): readonly Graph[] {
  const values = wholeValues(
    stacks.rows.map(({ work }) => work),
    measure,
  );
  const roots = callTree(stacks.rows.map((row, index) => ({ ...row, values: [values[index]] })));
  const whole = sum(roots, 0);
  if (whole === 0) return [];
  const graph = flameGraph(roots, {
    valueOf: ({ values: [value] }) => value,
    whole,
    styleOf: (node) => classStyle(node.class),
    figuresOf: ({ values: [value] }) => `${count(value)} ${measure.name}, ${percent(value, whole)} of ${count(whole)}`,
  });
  return [
    {
      ...graph,
      title: 'Flame graph',
      caption: `A width is a share of all ${count(whole)} ${measure.name}. Each function is drawn below the one that called it; the uppermost row is the allocation class.${hiddenText(graph)}`,
    },
  ];
}

/**
 * The stacks of two results below each other, on one scale: what is narrower below is saved. Colours say how much each
 * function changed.
 */
export function differenceGraphs(from: WeightedStacks, to: WeightedStacks, measure: Measure): readonly Graph[] {
  const rows = pairStacks(from, to);
  const sides = (['from', 'to'] as const).map((side) =>
    wholeValues(
      rows.map((row) => row[side]),
      measure,
    ),
  );
  const roots = callTree(rows.map((row, index) => ({ ...row, values: sides.map((values) => values[index]) })));
  const totals = [sum(roots, 0), sum(roots, 1)];
  const whole = Math.max(...totals);
  if (whole === 0) return [];
  return [from, to].flatMap(({ name }, side): Graph[] => {
    if (totals[side] === 0) return [];
    const graph = flameGraph(roots, {
      valueOf: ({ values }) => values[side],
      whole,
      styleOf: ({ values: [before, after] }) => changeStep(before, after).style,
      figuresOf: ({ values: [before, after] }) => changeText(before, after, measure),
    });
    return [
      {
        ...graph,
        title: `${side === 0 ? 'Before' : 'After'}: ${name}`,
        caption: `${count(totals[side])} ${measure.name}. The whole width is ${count(whole)} in both graphs.${hiddenText(graph)}`,
      },
    ];
  });
}

function changeText(before: number, after: number, measure: Measure): string {
  const change =
    before === after
      ? 'as before'
      : `${after < before ? 'saved' : 'added'} ${count(Math.abs(before - after))}${before === 0 ? '' : ` (${percent(Math.abs(before - after), before)})`}`;
  return `before ${count(before)}, after ${count(after)} ${measure.name}: ${change}`;
}

const hiddenText = ({ hidden }: FlameGraph): string =>
  hidden === 0
    ? ''
    : ` ${counted(hidden, 'function')} narrower than half a pixel ${hidden === 1 ? 'is' : 'are'} not drawn.`;

/** A graph as an element; the style sheet that it stands under says what it looks like. */
export const graphElement = ({ title, content, height }: Graph, width: string): Markup =>
  markup`<svg class="flame" role="img" aria-label="${title}" width="${width}" height="${height}">${content}</svg>`;
