import { textOf, type Statements } from '../../c-source/statements.ts';
import { conditionText } from '../truth.ts';
import type { Piece } from '../pieces.ts';
import { atAdded } from '../places.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { piecesAfter, type Understood } from '../understood.ts';

const HW = 'mm/kasan/hw_tags.c';
/** The other builds' files that have functions of the same names. */
const SOFTWARE = ['mm/kasan/shadow.c', 'mm/kasan/generic.c', 'mm/kasan/sw_tags.c'] as const;

interface EarlyReturn {
  readonly piece: Piece;
  readonly line: number;
  readonly text: string;
}

/** Returns that the series adds and that stand under a condition, as text that two files may share. */
function addedReturns({ files }: Pick<Understood, 'files'>, path: string): readonly EarlyReturn[] {
  return piecesAfter({ files }, path).flatMap((piece) =>
    piece.statements.returns.flatMap((one: Statements['returns'][number]) => {
      const condition = one.conditions.at(-1);
      if (condition === undefined || piece.patchOf(one.line) === undefined) return [];
      return [{ piece, line: one.line, text: `if (${conditionText(condition)}) return ${textOf(one.value)}` }];
    }),
  );
}

export const genericToo: Rule = {
  id: 'generic-too',
  about: 'The same early return is added for HW_TAGS and for the software modes.',
  follows: 'detection',
  ask(series) {
    const hw = addedReturns(series, HW);
    const findings: Finding[] = [];
    for (const path of SOFTWARE) {
      for (const one of addedReturns(series, path)) {
        const twin = hw.find(({ text }) => text === one.text);
        const where = atAdded(one.piece, one.line);
        if (twin === undefined || where === undefined) continue;
        findings.push({
          ...where,
          text: `This return also stands in ${HW}; ${path} is built for ${path.endsWith('shadow.c') ? 'generic and SW_TAGS' : path.endsWith('generic.c') ? 'generic' : 'SW_TAGS'}. Should it return there too?`,
          evidence: [inSource(`${HW}:${twin.line} and ${path}:${one.line}: ${one.text}`)],
          modes: path.endsWith('generic.c')
            ? ['generic']
            : path.endsWith('sw_tags.c')
              ? ['sw-tags']
              : ['generic', 'sw-tags'],
          about: one.text,
        });
      }
    }
    return findings;
  },
};
