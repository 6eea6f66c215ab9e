import { axisOf, type Point } from './trade-off.ts';
import { MIN_WIDTH, proseWidth, type TextOptions } from './text-options.ts';

/** An odd number: the middle of the axis is in a row of its own. */
const ROWS = 15;
/** Columns for the figures at the left. */
const MARGIN = 7;
const MAX_COLUMNS = 84;

/** A plot in characters: saved to the right, detected upwards. Points at one place stand beside each other. */
export function textPlot(points: readonly Point[], xTitle: string, yTitle: string, options: TextOptions): string[] {
  if (points.length === 0) return [];
  const columns = Math.min(MAX_COLUMNS, Math.max(MIN_WIDTH, proseWidth(options)) - MARGIN - 2);
  const { low: left, high: right } = axisOf(points.map(({ saved }) => saved));
  const { low: bottom, high: top } = axisOf(points.map(({ detected }) => detected));
  const grid = Array.from({ length: ROWS }, () => Array.from({ length: columns }, () => ' '));
  const placeOf = (value: number, low: number, high: number, places: number): number =>
    Math.min(places - 1, Math.max(0, Math.round(((value - low) / (high - low)) * (places - 1))));

  const groups = new Map<string, { readonly row: number; readonly column: number; letters: string }>();
  for (const { saved, detected, letter } of points) {
    const row = ROWS - 1 - placeOf(detected, bottom, top, ROWS);
    const column = placeOf(saved, left, right, columns);
    const known = groups.get(`${row} ${column}`) ?? { row, column, letters: '' };
    groups.set(`${row} ${column}`, { ...known, letters: known.letters + letter });
  }
  for (const { row, column, letters } of groups.values()) {
    const at = freeRun(grid[row], column, letters.length);
    [...letters].forEach((letter, index) => (grid[row][at + index] = letter));
  }

  const [side, corner, line] = options.unicode ? ['│', '└', '─'] : ['|', '+', '-'];
  const percentAt = (value: number): string => `${value.toFixed(0)} %`;
  const labels = new Map([
    [0, percentAt(top)],
    [ROWS - 1, percentAt(bottom)],
    [Math.floor(ROWS / 2), percentAt((top + bottom) / 2)],
  ]);
  const { faint } = options.style;
  const begin = percentAt(left);
  const end = percentAt(right);
  return [
    `  ${faint(yTitle)}`,
    ...grid.map(
      (cells, row) => `${faint(`${(labels.get(row) ?? '').padStart(MARGIN)} ${side}`)}${cells.join('').trimEnd()}`,
    ),
    faint(`${' '.repeat(MARGIN + 1)}${corner}${line.repeat(columns)}`),
    faint(`${' '.repeat(MARGIN + 2)}${begin}${end.padStart(columns - begin.length)}`),
    faint(`${' '.repeat(MARGIN + 2)}${xTitle.padStart(columns)}`),
  ];
}

/** Where in a row a run of free cells begins that is nearest to a column. */
function freeRun(cells: readonly string[], column: number, length: number): number {
  const last = cells.length - length;
  const isFree = (at: number): boolean => cells.slice(at, at + length).every((cell) => cell === ' ');
  for (let off = 0; off < cells.length; off++) {
    for (const at of [column + off, column - off]) if (at >= 0 && at <= last && isFree(at)) return at;
  }
  return Math.min(column, Math.max(0, last));
}
