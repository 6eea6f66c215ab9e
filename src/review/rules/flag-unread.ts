import type { Piece } from '../pieces.ts';
import { atRemoved } from '../places.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { isTagFlag } from '../tag-flags.ts';
import { piecesOfTree } from '../understood.ts';

/** Lines that ask whether a mask has a flag: `mask & FLAG`, and not `& ~FLAG`. */
const readsOf = ({ scanned: { tokens } }: Piece, flag: string): readonly number[] =>
  tokens
    .filter(
      ({ text }, index) =>
        text === flag &&
        (tokens[index - 1]?.text === '&' ||
          tokens[index + 1]?.text === '&' ||
          (tokens[index - 1]?.text === '(' && tokens[index - 2]?.text === '&') ||
          (tokens[index - 1]?.text === '|' &&
            tokens.slice(Math.max(0, index - 8), index).some((one) => one.text === '&'))),
    )
    .map(({ line }) => line);

const flagsIn = ({ scanned: { tokens } }: Piece): readonly string[] =>
  tokens
    .filter(({ kind, text }) => kind === 'name' && text.startsWith('__GFP_') && isTagFlag(text))
    .map(({ text }) => text);

export const flagUnread: Rule = {
  id: 'flag-unread',
  about: 'Nothing reads a flag any more.',
  follows: 'text',
  ask(series) {
    // What the rest of the kernel reads, only a tree tells.
    if (series.tree === undefined) return [];
    const before = series.files.flatMap((file) => file.before);
    const after = series.files.flatMap((file) => file.after);
    const findings: Finding[] = [];
    for (const flag of new Set(before.flatMap(flagsIn))) {
      const gone = before
        .flatMap((piece) => readsOf(piece, flag).map((line) => atRemoved(series, piece, line)))
        .find((where) => where !== undefined);
      if (gone === undefined) continue;
      const left = [...after, ...piecesOfTree(series, flag)];
      // What defines the flag no longer, has dropped it.
      const isDefined = left.some(({ macros }) => macros.some(({ name }) => name === flag));
      if (!isDefined || left.some((piece) => readsOf(piece, flag).length > 0)) continue;
      findings.push({
        ...gone,
        text: `After this nothing reads ${flag}. Should it go?`,
        evidence: [inSource(`no file of the tree asks for ${flag} after the series`)],
        modes: [],
        about: flag,
      });
    }
    return findings;
  },
};
