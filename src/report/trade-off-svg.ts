import type { CompareResult } from '../decide/compare.ts';
import { lossSentences } from './losses-text.ts';
import { Markup, markup, NOTHING } from './markup.ts';
import { printable } from './printable.ts';
import { wrap } from './prose.ts';
import { placeLabels } from './trade-off-labels.ts';
import { axisOf, pointsOf, ticksOf, type Axis, type Point } from './trade-off.ts';

const WIDTH = 720;
const PLOT = { left: 64, top: 64, width: 624, height: 300 } as const;
const LINE = 18;
const RADIUS = 4;
/** Between the plot and the list below it: ticks and the name of the axis. */
const LEGEND_GAP = 64;

const STYLE = `
  svg { background: #fff; color: #1a1a1a; font: 13px system-ui, sans-serif; }
  .axis, .grid { stroke: currentColor; stroke-width: 1; fill: none; }
  .grid { opacity: .15; }
  .front { stroke: #0b62c4; stroke-width: 1.5; stroke-dasharray: 4 3; fill: none; }
  .point { fill: #777; }
  .best { fill: #0b62c4; }
  text { fill: currentColor; }
  .title { font-size: 16px; font-weight: 600; }
  .faint { opacity: .75; }
  .label { font-size: 12px; paint-order: stroke; stroke: #fff; stroke-width: 4px; }
  .leader { stroke: currentColor; stroke-width: .75; opacity: .5; }
  @media (prefers-color-scheme: dark) {
    svg { background: #14161a; color: #e8e8e8; }
    .front { stroke: #6fb3ff; }
    .point { fill: #9a9a9a; }
    .best { fill: #6fb3ff; }
    .label { stroke: #14161a; }
  }`;

/** What policies save beside what they detect, as a picture that needs nothing else: SVG, without scripts. */
export function tradeOffSvg(result: CompareResult): string {
  const { inside, outside } = pointsOf(result);
  const all = [...inside, ...outside];
  const notes = notesOf(result);
  const listed = PLOT.top + PLOT.height + LEGEND_GAP;
  const height = listed + LINE * (all.length + 1 + notes.length);
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title desc">
<title id="title">${tradeOffTitle(result)}</title>
<desc id="desc">${description(all)}</desc>
<style>${new Markup(STYLE)}
</style>
${text(PLOT.left, 24, tradeOffTitle(result), 'title')}
${plot(result, inside)}
${legend(all, new Set(outside), listed)}
${notes.map((note, index) => text(PLOT.left, listed + LINE * (all.length + 1 + index), note, 'faint'))}
</svg>
`.text;
}

/** The same as a part of a page, whose style sheet draws it; what is off the plot stands in the table there. */
export function tradeOffFigure(result: CompareResult): Markup {
  const { inside } = pointsOf(result);
  const [top, height] = [PLOT.top - 28, PLOT.height + 76];
  return markup`<svg class="trade-off" viewBox="0 ${top} ${WIDTH} ${height}" role="img" aria-label="${description(inside)}">
${plot(result, inside)}
</svg>
`;
}

/** What the picture shows. */
const tradeOffTitle = ({ baseline }: CompareResult): string =>
  `What policies save of ${baseline}, and what they still detect`;

function plot({ baseline }: CompareResult, inside: readonly Point[]): Markup {
  const [across, up] = [axisOf(inside.map(({ saved }) => saved)), axisOf(inside.map(({ detected }) => detected))];
  const scale: Scale = {
    x: (saved) => PLOT.left + ((saved - across.low) / (across.high - across.low)) * PLOT.width,
    y: (detected) => PLOT.top + ((up.high - detected) / (up.high - up.low)) * PLOT.height,
  };
  return markup`${axes(across, up, scale, baseline)}
${frontLine(inside, scale)}
${marks(inside, scale)}`;
}

/** Characters of a note that surely fit into a line. */
const NOTE_LENGTH = 95;

/** What the figures do not cover, and how to get them again. */
function notesOf({ source, losses, provenance }: CompareResult): string[] {
  const lost = lossSentences(losses);
  return [
    `Trace: ${source.files.join(', ')}`,
    `Losses: ${lost.length === 0 ? 'none' : lost.join('; ')}`,
    `Command: ${provenance.command}`,
  ].flatMap((note) => wrap(printable(note, true), NOTE_LENGTH));
}

/** Where on the picture figures lie. */
interface Scale {
  readonly x: (saved: number) => number;
  readonly y: (detected: number) => number;
}

const rounded = (value: number): string => value.toFixed(1);

const text = (x: number, y: number, content: string, style = 'plain', anchor = 'start'): Markup =>
  markup`<text x="${rounded(x)}" y="${rounded(y)}" class="${style}" text-anchor="${anchor}">${content}</text>
`;

const figures = ({ saved, detected }: Point): string =>
  `${saved < 0 ? `${(-saved).toFixed(1)} % more granules` : `${saved.toFixed(1)} % of granules saved`}, ${detected.toFixed(1)} % detected`;

const description = (points: readonly Point[]): string =>
  points.map((point) => `${point.name}: ${figures(point)}${point.onFront ? ', on the front' : ''}.`).join(' ');

function axes(across: Axis, up: Axis, { x, y }: Scale, baseline: string): Markup {
  const floor = PLOT.top + PLOT.height;
  const end = PLOT.left + PLOT.width;
  return markup`${ticksOf(across).map(
    (value) => markup`<path class="grid" d="M${rounded(x(value))} ${PLOT.top}V${floor}"/>
${text(x(value), floor + 18, `${value.toFixed(0)} %`, 'faint', 'middle')}`,
  )}${ticksOf(up).map(
    (value) => markup`<path class="grid" d="M${PLOT.left} ${rounded(y(value))}H${end}"/>
${text(PLOT.left - 8, y(value) + 4, `${value.toFixed(0)} %`, 'faint', 'end')}`,
  )}<path class="axis" d="M${PLOT.left} ${PLOT.top}V${floor}H${end}"/>
${text(end, floor + 36, `granules saved of ${baseline}`, 'plain', 'end')}${text(PLOT.left, PLOT.top - 8, 'bugs detected, mean share by the rules')}`;
}

/** Steps down from point to point of the front: what lies beyond it, no policy here reaches. */
function frontLine(points: readonly Point[], { x, y }: Scale): Markup {
  const front = points
    .filter(({ onFront }) => onFront)
    .toSorted((a, b) => a.saved - b.saved || b.detected - a.detected);
  if (front.length < 2) return NOTHING;
  const [first, ...rest] = front;
  const steps = rest.map(({ saved, detected }) => `V${rounded(y(detected))}H${rounded(x(saved))}`);
  return markup`<path class="front" d="M${rounded(x(first.saved))} ${rounded(y(first.detected))}${steps.join('')}"/>
`;
}

/** Dots, and beside each the letters and the name of the policies that are there. */
function marks(points: readonly Point[], { x, y }: Scale): Markup[] {
  const dots = new Map<string, Point[]>();
  for (const point of points) {
    const key = `${rounded(x(point.saved))} ${rounded(y(point.detected))}`;
    dots.set(key, [...(dots.get(key) ?? []), point]);
  }
  const groups = [...dots.values()];
  const placed = placeLabels(
    groups.map((group) => ({ x: x(group[0].saved), y: y(group[0].detected), text: labelOf(group) })),
    { left: PLOT.left, right: WIDTH, top: PLOT.top, bottom: PLOT.top + PLOT.height },
  );
  return [
    ...placed.flatMap(({ dot, line }) =>
      line === undefined
        ? []
        : [
            markup`<path class="leader" d="M${rounded(dot.x)} ${rounded(dot.y)}L${rounded(line.x)} ${rounded(line.y)}"/>\n`,
          ],
    ),
    ...groups.map((group) => {
      const [{ saved, detected }] = group;
      const style = group.some(({ onFront }) => onFront) ? 'best' : 'point';
      return markup`<circle class="${style}" cx="${rounded(x(saved))}" cy="${rounded(y(detected))}" r="${RADIUS}"><title>${description(group)}</title></circle>
`;
    }),
    ...placed.map(({ dot, at }) => text(at.x, at.y, dot.text, 'label')),
  ];
}

/** Names of policies at one place, at most; the list below the plot has all. */
const NAMES_AT_DOT = 2;

function labelOf(group: readonly Point[]): string {
  const letters = group.map(({ letter }) => letter).join('');
  const names = group.slice(0, NAMES_AT_DOT).map(({ name }) => name);
  const more = group.length > NAMES_AT_DOT ? ` +${group.length - NAMES_AT_DOT}` : '';
  return `${letters} ${names.join(', ')}${more}`;
}

const legend = (points: readonly Point[], outside: ReadonlySet<Point>, from: number): Markup[] =>
  points.map((point, index) =>
    text(
      PLOT.left,
      from + LINE * index,
      `${point.letter}  ${point.name}: ${figures(point)}${point.onFront ? ', on the front' : ''}${outside.has(point) ? ' (off the plot)' : ''}`,
    ),
  );
