import type { FlagChange } from './flag-changes.ts';
import type { Piece } from './pieces.ts';
import type { Finding } from './question.ts';
import type { Understood } from './understood.ts';

/** Where a question stands. */
export type Where = Pick<Finding, 'patch' | 'file' | 'line' | 'function'>;

/** At a mask that changed. */
export const atChange = ({ patch, file, line, function: name }: FlagChange): Where => ({
  patch,
  file,
  line,
  function: name,
});

/** At a line of a piece after the series; undefined if no patch touched it. */
export function atAdded(piece: Piece, line: number): Where | undefined {
  const patch = piece.patchOf(line);
  return patch === undefined ? undefined : { patch, file: piece.path, line, function: piece.functionOf(line) };
}

/** At what now stands in the place of a line that the series removes: `line` in a piece before the series. */
export function atRemoved(
  series: Pick<Understood, 'version' | 'applied'>,
  piece: Piece,
  line: number,
): Where | undefined {
  const patch = piece.patchOf(line);
  const text = piece.source.lines[line - piece.source.firstLine];
  if (patch === undefined || text === undefined) return undefined;
  const removed = series.version.patches
    .filter(({ number }) => number === patch)
    .flatMap(({ files }) => files.filter(({ oldPath }) => oldPath === piece.path))
    .flatMap(({ hunks }) => hunks.flatMap(({ lines }) => lines))
    .filter((one) => one.type === 'remove' && one.text === text);
  for (const one of removed) {
    const place = series.applied.placeOf(one);
    if (place !== undefined) return { patch, file: place.path, line: place.line, function: piece.functionOf(line) };
  }
  return undefined;
}

/** A place as people write it: `mm/vmalloc.c:vfree`, or the line where no function is known. */
export const placeText = ({ file, function: name, line }: Omit<Where, 'patch'>): string =>
  name === undefined ? `${file}:${line}` : `${file}:${name}`;

/** `a`, `a and b`, `a, b and c`. */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
