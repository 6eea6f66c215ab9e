import { allocatorOf } from './allocators.ts';
import type { FlagChange } from './flag-changes.ts';
import { KNOWN_MASKS } from './kernel-facts.ts';
import { wholeFile, type Piece } from './pieces.ts';
import { piecesAfter, type Understood } from './understood.ts';

/** Where vmalloc is. */
export const VMALLOC_FILE = 'mm/vmalloc.c';

/** What is known of a file after the series: by its diffs, or by the tree if the series leaves it alone. */
export function knownAfter(series: Understood, path: string): readonly Piece[] {
  const touched = series.files.some((file) => file.path === path);
  return touched ? piecesAfter(series, path) : wholeFile(path, series.tree?.read(path));
}

/** The lines of a piece where code names something, outside comments and directives. */
export const linesNaming = ({ scanned }: Piece, name: string): readonly number[] =>
  scanned.tokens.filter(({ text }) => text === name).map(({ line }) => line);

/** Whether the flag that keeps vmalloc from tagging has that effect after the series. */
export function vmallocHeeds(series: Understood, flag: string): boolean {
  const known = knownAfter(series, VMALLOC_FILE);
  const shown = known.some((piece) =>
    piece.scanned.tokens.some(
      (token, index, tokens) =>
        token.text === flag &&
        tokens[index - 1]?.text === '&' &&
        // A hunk without a heading does not tell its function.
        (piece.functionOf(token.line) ?? '__vmalloc').startsWith('__vmalloc'),
    ),
  );
  if (shown) return true;
  // Since the series vmalloc asks for this flag (mm/vmalloc.c:__vmalloc_node_range).
  return series.base === 'with-series' && flag === '__GFP_SKIP_KASAN';
}

/** The changes by which a flag reaches vmalloc: at calls of it, and in masks that its callers pass. */
export const reachesVmalloc = (series: Understood, flag: string): readonly FlagChange[] =>
  series.changes.filter(
    (change) =>
      change.gained.includes(flag) &&
      (change.carrier === 'call'
        ? allocatorOf(change.name) === 'vmalloc'
        : change.carrier === 'definition' &&
          (KNOWN_MASKS.find(({ name }) => name === change.name)?.users ?? []).some(
            ({ servedBy }) => servedBy === 'vmalloc',
          )),
  );
