import { Markup, markup } from '../markup.ts';
import { printable } from '../printable.ts';
import { wrap } from '../prose.ts';
import { GRAPH_STYLE } from './graph-style.ts';
import { graphElement, type Graph } from './graphs.ts';
import { colorStyle, type ChangeStep } from './palette.ts';

/** Width of a drawing that stands alone. */
export const WIDTH = 1200;
const MARGIN = 24;
const INNER = WIDTH - 2 * MARGIN;
/** Characters of prose that surely fit: letters are 6.4 wide on average, and none is much wider. */
const PROSE_LENGTH = 150;
const LINE = 19;

/** A part of a drawing: what it looks like when its upper edge is at 0, and how high it is. */
export interface Block {
  readonly content: Markup;
  readonly height: number;
}

/** A line of text. */
export const line = (text: string, style: string, height = LINE): Block => ({
  content: markup`<text class="${style}" y="${height - 6}">${text}</text>`,
  height,
});

/** Prose, broken into lines. */
export function prose(text: string, style = ''): Block {
  const lines = wrap(printable(text, true), PROSE_LENGTH);
  return {
    content: markup`<text class="${style}">${lines.map((each, index) => markup`<tspan x="0" y="${(index + 1) * LINE - 6}">${each}</tspan>`)}</text>`,
    height: lines.length * LINE,
  };
}

export const space = (height: number): Block => ({ content: markup``, height });

/** A bar, with its name before it and its figures behind it. */
export interface Bar {
  readonly name: string;
  /** Name in the style sheet of what it is filled with. */
  readonly style: string;
  /** 0 … 1 */
  readonly share: number;
  readonly figure: string;
  readonly note: string;
  /** The last of several that belong together: a gap follows. */
  readonly last?: true;
}

const NAME_END = 120;
const BAR_START = 132;
const BAR_ROOM = 640;
const FIGURE_END = BAR_START + BAR_ROOM + 140;

/** Bars below each other, on one scale: the longest one has all the room. */
export function bars(all: readonly Bar[]): Block {
  const longest = Math.max(...all.map(({ share }) => share), Number.MIN_VALUE);
  let y = 0;
  const drawn = all.map(({ name, style, share, figure, note, last }) => {
    const top = y;
    y += BAR_HEIGHT + (last === true ? GROUP_GAP : 0);
    const width = Number(((BAR_ROOM * share) / longest).toFixed(2));
    return markup`<text class="num" x="${NAME_END}" y="${top + 15}">${name}</text><rect class="${style}" x="${BAR_START}" y="${top + 3}" width="${width}" height="${BAR_HEIGHT - 6}"/><text class="num" x="${FIGURE_END}" y="${top + 15}">${figure}</text><text class="faint" x="${FIGURE_END + 12}" y="${top + 15}">${note}</text>
`;
  });
  return { content: markup`${drawn}`, height: y };
}

const GROUP_GAP = 8;
const BAR_HEIGHT = 22;

/** Graphs, each with its title and what its widths mean. */
export const graphs = (all: readonly Graph[]): readonly Block[] =>
  all.flatMap((graph) => [
    space(18),
    line(graph.title, 'head', 22),
    prose(graph.caption, 'faint'),
    space(8),
    { content: graphElement(graph, String(INNER)), height: graph.height },
  ]);

/** What the colours of changes mean. */
export const legend = (steps: readonly ChangeStep[]): Block => ({
  content: markup`${steps.map(
    ({ style, name }, index) =>
      markup`<rect class="${style}" x="${index * LEGEND_STEP}" y="4" width="14" height="14"/><text x="${index * LEGEND_STEP + 20}" y="16">${name}</text>`,
  )}`,
  height: 24,
});

const LEGEND_STEP = 125;

const STYLE = `text{font:13px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;fill:var(--ink)}
.ground{fill:var(--paper)}
.title{font-size:22px;font-weight:600}
.head{font-size:15px;font-weight:600}
.faint{fill:var(--faint)}
.num{text-anchor:end;font-variant-numeric:tabular-nums}
.mono{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:12px}
`;

/** A drawing of blocks below each other, as a file of its own: no scripts, and light or dark as the reader likes it. */
export function svgDocument(title: string, description: string, blocks: readonly Block[]): string {
  let y = MARGIN;
  const placed = blocks.map(({ content, height }) => {
    const here = markup`<g transform="translate(${MARGIN} ${y})">${content}</g>\n`;
    y += height;
    return here;
  });
  const height = y + MARGIN;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc">
<title id="title">${title}</title>
<desc id="desc">${description}</desc>
<style>${new Markup(`${colorStyle()}${STYLE}${GRAPH_STYLE}`)}</style>
<rect class="ground" width="100%" height="100%"/>
${placed}</svg>
`.text;
}
