import type { FilePieces, Piece } from './pieces.ts';

const FLAG = /^__GFP_[A-Z0-9_]+$/;

/** Single flags that are defined on one side of a series. */
export const flagsDefined = (files: readonly FilePieces[], side: 'before' | 'after'): ReadonlySet<string> =>
  new Set(
    files.flatMap((file) =>
      file[side].flatMap(({ macros }) => macros.map(({ name }) => name).filter((name) => FLAG.test(name))),
    ),
  );

/** Nobody renames more in one series; a stranger's mail may try. */
const MOST_PAIRS = 64;

const wordOf = (flag: string): string => flag.replace(/^__GFP_/, '');

/** Lines that the series touches and that name a flag, its bit, or the place of that: one after the other, spaces as one. */
function touchedLines(pieces: readonly Piece[], flag: string): readonly string[] {
  const pattern = new RegExp(`_GFP_${wordOf(flag)}(?:_BIT)?\\b`);
  return pieces.flatMap(({ source, patchOf }) =>
    source.lines
      .filter((text, index) => pattern.test(text) && patchOf(source.firstLine + index) !== undefined)
      .map((text) => text.replace(/\s+/g, ' ')),
  );
}

/**
 * Flags that the series gives another name, by the new one: where the old one is defined, each line that named it names the
 * new one now and says the same.
 */
export function renamedFlags(files: readonly FilePieces[]): ReadonlyMap<string, string> {
  const [before, after] = [flagsDefined(files, 'before'), flagsDefined(files, 'after')];
  const gone = [...before].filter((flag) => !after.has(flag));
  const fresh = [...after].filter((flag) => !before.has(flag));
  const renamed = new Map<string, string>();
  if (gone.length * fresh.length > MOST_PAIRS) return renamed;
  for (const old of gone) {
    const file = files.find((one) => flagsDefined([one], 'before').has(old));
    const lines = file === undefined ? [] : touchedLines(file.before, old);
    const same = fresh.find(
      (name) =>
        file !== undefined &&
        lines.length > 0 &&
        lines.map((text) => text.replaceAll(wordOf(old), wordOf(name))).join('\n') ===
          touchedLines(file.after, name).join('\n'),
    );
    if (same !== undefined) renamed.set(same, old);
  }
  return renamed;
}
