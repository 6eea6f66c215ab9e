import { ALLOW_LISTS, type AllowList } from '../kernel-facts.ts';
import { maskOf } from '../mask.ts';
import { atAdded, atChange, type Where } from '../places.ts';
import { isCut } from '../pieces.ts';
import type { Finding } from '../question.ts';
import { inSource } from '../question.ts';
import type { Rule } from '../rule.ts';
import { skipFlags } from '../tag-flags.ts';
import type { Understood } from '../understood.ts';
import { knownAfter, linesNaming, reachesVmalloc } from '../vmalloc.ts';

/**
 * Whether a list names a flag after the series: as its definition is shown, or as the kernel has it. A hunk may show the end of
 * a definition alone; one that has the flag is taken for the list's.
 */
function names(series: Understood, list: AllowList, flag: string): boolean {
  const known = knownAfter(series, list.definedIn);
  const definition = known
    .flatMap((piece) => piece.macros.filter(({ name }) => name === list.name).map((macro) => ({ piece, macro })))
    .at(0);
  if (definition !== undefined) {
    const { piece, macro } = definition;
    if (maskOf(macro.body, series.names.after).flags.has(flag)) return true;
    if (!isCut(piece, macro)) return false;
  }
  const endsOfDefinitions = known
    .flatMap(({ scanned }) => scanned.directives)
    .filter(({ keyword }) => keyword === 'continued');
  if (endsOfDefinitions.some(({ tokens }) => tokens.some(({ text }) => text === flag))) return true;
  return series.base === 'with-series' && list.lacks.includes(flag);
}

/** Where the series gives the flag a meaning for callers of what the list guards, or passes it there. */
function placeOf(series: Understood, list: AllowList, flag: string): Where | undefined {
  for (const piece of knownAfter(series, list.definedIn))
    for (const line of linesNaming(piece, flag)) {
      const where = atAdded(piece, line);
      if (where !== undefined) return where;
    }
  const [change] = reachesVmalloc(series, flag);
  return change === undefined ? undefined : atChange(change);
}

export const allowList: Rule = {
  id: 'allow-list',
  about: 'A list of the flags that a function lets pass does not name one that now reaches it.',
  follows: 'crash',
  ask(series) {
    const findings: Finding[] = [];
    for (const list of ALLOW_LISTS) {
      for (const flag of skipFlags(series)) {
        const where = placeOf(series, list, flag);
        if (where === undefined || names(series, list, flag)) continue;
        findings.push({
          ...where,
          text: `${list.name} does not name ${flag}, so ${list.checkedBy} drops it and warns. Should it be added?`,
          evidence: [inSource(`${list.definedIn}:${list.name} after the series, without ${flag}`)],
          modes: [],
          about: list.name,
        });
      }
    }
    return findings;
  },
};
