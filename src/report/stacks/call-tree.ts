import type { AllocationClass } from '../../base/allocation-class.ts';

/** A function in a tree of calls. */
export interface CallNode {
  readonly name: string;
  readonly class: AllocationClass;
  /** Of this function and all that it called: one figure for each side that is compared, or one. */
  readonly values: readonly number[];
  /** The heaviest first. */
  readonly children: readonly CallNode[];
}

/** A stack with its figures. */
export interface ValuedStack {
  readonly class: AllocationClass;
  /** Outermost first. */
  readonly frames: readonly string[];
  readonly values: readonly number[];
}

interface Growing {
  readonly name: string;
  readonly class: AllocationClass;
  readonly values: number[];
  readonly children: Map<string, Growing>;
}

/** Merges stacks that begin alike. Gives the outermost functions, the heaviest first; equal ones by name. */
export function callTree(stacks: readonly ValuedStack[]): readonly CallNode[] {
  const roots = new Map<string, Growing>();
  for (const stack of stacks) {
    let level = roots;
    for (const name of stack.frames) {
      let node = level.get(name);
      if (node === undefined) {
        node = { name, class: stack.class, values: stack.values.map(() => 0), children: new Map() };
        level.set(name, node);
      }
      for (const [side, value] of stack.values.entries()) node.values[side] += value;
      level = node.children;
    }
  }
  return settle(roots);
}

const heaviest = ({ values }: Pick<CallNode, 'values'>): number => Math.max(...values);

const settle = (level: ReadonlyMap<string, Growing>): readonly CallNode[] =>
  [...level.values()]
    .filter((node) => heaviest(node) > 0)
    .toSorted((a, b) => heaviest(b) - heaviest(a) || (a.name < b.name ? -1 : 1))
    .map((node) => ({ ...node, children: settle(node.children) }));
