import type { CallNode } from '../stacks/call-tree.ts';
import { markup, type Markup } from '../markup.ts';
import { shortenMiddle } from '../printable.ts';

/** Height of a function, and how far the next one is below it. */
export const ROW_HEIGHT = 20;
/** What is narrower cannot be seen: half a pixel of the usual width. In percent. */
const NARROWEST = 0.04;
/** What is narrower has no room for a name. In percent. */
const NARROWEST_WITH_NAME = 2.2;
const MAX_DEPTH = 128;
/** More of a name is not read, even in a tooltip. */
const MAX_NAME = 160;

/** How a graph of calls is drawn. */
export interface FlameStyle {
  /** The figure that widths are of. */
  readonly valueOf: (node: CallNode) => number;
  /** The figure that the whole width stands for. */
  readonly whole: number;
  /** Style of a function, by its name in the style sheet. */
  readonly styleOf: (node: CallNode) => string;
  /** The exact figures of a function, for its tooltip. */
  readonly figuresOf: (node: CallNode) => string;
}

/** A graph of calls: `content` is to be put into an svg element, as wide as one likes and `height` high. */
export interface FlameGraph {
  readonly content: readonly Markup[];
  readonly height: number;
  /** Functions that are too narrow to be drawn. */
  readonly hidden: number;
}

/**
 * Draws a graph of calls from the top down ("icicle"). Places are in percent of the width, so that one drawing fits a
 * page of any width; names are cut where their function ends.
 */
export function flameGraph(roots: readonly CallNode[], style: FlameStyle): FlameGraph {
  const content: Markup[] = [];
  let hidden = 0;
  let deepest = 0;
  const draw = (nodes: readonly CallNode[], left: number, depth: number): void => {
    let x = left;
    for (const node of nodes) {
      const width = (100 * style.valueOf(node)) / style.whole;
      if (width < NARROWEST || depth >= MAX_DEPTH) {
        if (width > 0) hidden += functionsIn(node, style);
      } else {
        content.push(frame(node, { x, y: depth * ROW_HEIGHT, width }, style));
        deepest = Math.max(deepest, depth + 1);
        draw(node.children, x, depth + 1);
      }
      x += width;
    }
  };
  draw(roots, 0, 0);
  return { content, height: deepest * ROW_HEIGHT, hidden };
}

const functionsIn = (node: CallNode, style: FlameStyle): number =>
  style.valueOf(node) > 0 ? node.children.reduce((sum, child) => sum + functionsIn(child, style), 1) : 0;

function frame(
  node: CallNode,
  { x, y, width }: { readonly x: number; readonly y: number; readonly width: number },
  { styleOf, figuresOf }: FlameStyle,
): Markup {
  const name = shortenMiddle(node.name, MAX_NAME, true);
  const text = width < NARROWEST_WITH_NAME ? [] : [markup`<text x="5" y="14">${name}</text>`];
  return markup`<g><title>${name}
${figuresOf(node)}</title><svg x="${percent(x)}" y="${y}" width="${percent(width)}" height="${ROW_HEIGHT}"><rect class="${styleOf(node)}" width="100%" height="${ROW_HEIGHT - 1}"/>${text}</svg></g>
`;
}

const percent = (value: number): string => `${Number(value.toFixed(3))}%`;
