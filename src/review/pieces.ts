import { functionAt, functionsOf, macrosOf, type FunctionSpan, type NamedValue } from '../c-source/definitions.ts';
import type { SourceFragment } from '../c-source/fragment.ts';
import { configurationsOf, statementsOf, type Condition, type Statements } from '../c-source/statements.ts';
import { scanSource, type ScannedSource } from '../c-source/tokens.ts';
import { withKeptConditions } from './kept-conditions.ts';
import type { AppliedFile, FileState, Fragment } from '../series/apply-series.ts';

/** A piece of a C file before or after the series, read. */
export interface Piece {
  readonly path: string;
  readonly source: SourceFragment;
  readonly scanned: ScannedSource;
  readonly statements: Statements;
  readonly macros: readonly NamedValue[];
  readonly functions: readonly FunctionSpan[];
  /** The patch that adds the line before the series ends, or removes it from what was before; undefined for others. */
  patchOf(line: number): number | undefined;
  /** The `#if` around a line, as far as the piece shows it. */
  configurationsAt(line: number): readonly Condition[];
  /** The function or macro that a line is in. */
  functionOf(line: number): string | undefined;
}

/** Whether a piece ends before a definition in it does. */
export const isCut = ({ source: { firstLine, lines } }: Piece, { lastLine }: NamedValue): boolean =>
  lastLine === firstLine + lines.length - 1 && (lines.at(-1) ?? '').trimEnd().endsWith('\\');

/** A file that a series changes, as the C that is known of it on both sides. */
export interface FilePieces {
  readonly path: string;
  readonly before: readonly Piece[];
  readonly after: readonly Piece[];
}

const isC = (path: string): boolean => /\.[ch]$/.test(path);

const NONE: readonly Piece[] = [];

function readPiece(path: string, source: SourceFragment, patchOf: Piece['patchOf']): Piece {
  const scanned = scanSource(source);
  const macros = macrosOf(source, scanned);
  const functions = functionsOf(source, scanned);
  return {
    path,
    source,
    scanned,
    statements: withKeptConditions(statementsOf(source, scanned)),
    macros,
    functions,
    patchOf,
    configurationsAt: configurationsOf(scanned.directives),
    functionOf: (line) =>
      macros.find(({ line: first, lastLine }) => line >= first && line <= lastLine)?.name ??
      functionAt(functions, line),
  };
}

function ofFragment(path: string, { start, lines, heading }: Fragment): Piece {
  const source: SourceFragment = { firstLine: start, lines: lines.map(({ text }) => text), heading };
  return readPiece(path, source, (line) => lines[line - start]?.addedBy ?? lines[line - start]?.removedBy);
}

/** A file of the tree that the series leaves alone; nothing if there is none, or if it is no C. */
export const wholeFile = (path: string, content: string | undefined): readonly Piece[] =>
  content === undefined || !isC(path)
    ? NONE
    : [readPiece(path, { firstLine: 1, lines: content.split('\n') }, () => undefined)];

function piecesOf(state: FileState | undefined): readonly Piece[] {
  if (state === undefined || !isC(state.path)) return NONE;
  const pieces: Piece[] = [];
  for (const fragment of state.fragments) {
    const { path } = state;
    // Where a header names a label, as git does without a pattern for C, the function is the one that was open before.
    const isLabel = fragment.heading?.trimEnd().endsWith(':') === true;
    const heading = isLabel ? openFunction(pieces.at(-1)) : fragment.heading;
    pieces.push(ofFragment(path, { ...fragment, heading }));
  }
  return pieces;
}

/** The function that a piece ends inside, as a head; undefined if it ends outside of any. */
function openFunction(piece: Piece | undefined): string | undefined {
  const last = piece?.source.lines.at(-1);
  const name = piece?.functions.at(-1);
  const end = piece === undefined ? 0 : piece.source.firstLine + piece.source.lines.length - 1;
  return name === undefined || name.lastLine !== end || last?.startsWith('}') === true ? undefined : `${name.name}(`;
}

/** Reads the C of a file that a series touches. Other files (documentation, scripts) have no pieces. */
export const filePieces = ({ before, after }: AppliedFile): FilePieces => ({
  path: after?.path ?? before?.path ?? '',
  before: piecesOf(before),
  after: piecesOf(after),
});
