import { type Call, type Condition } from '../../c-source/statements.ts';
import { groupBy } from '../group-by.ts';
import { hookCalls, hookKey } from '../hooks.ts';
import type { Piece } from '../pieces.ts';
import { atAdded, listed } from '../places.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { skipFlags } from '../tag-flags.ts';
import { conditionText, isAboutKasanAlone, MODES, partsOf, truthInMode, type Mode } from '../truth.ts';
import type { Understood } from '../understood.ts';

/** Without KASAN, or with it off, hooks return at once: nothing is lost there. */
const RUNNING: readonly Mode[] = MODES.filter((mode) => mode !== 'none' && mode !== 'hw-tags-off');

/** Around a call, and what an `if` that returned before it leaves; of other checks before it, such as for NULL, nothing. */
const conditionsOf = ({ conditions, configurations, passed }: Call): readonly Condition[] => [
  ...configurations,
  ...conditions,
  ...passed.filter(isAboutKasanAlone),
];
const without = (all: readonly Condition[], others: readonly Condition[]): readonly Condition[] => {
  const texts = new Set(partsOf(others).map(conditionText));
  return partsOf(all).filter((condition) => !texts.has(conditionText(condition)));
};

/** Whether the series is there to skip tags: then that a hook does not run with HW_TAGS is what it is about. */
const skipsTags = (series: Understood): boolean => {
  const flags = skipFlags(series);
  return series.changes.some(({ gained }) => gained.some((flag) => flags.includes(flag)));
};

/** The line of a condition that the series added or changed, else that of the call. */
function placeOf(piece: Piece, call: Call, added: readonly Condition[]): ReturnType<typeof atAdded> {
  const lines = [...added.map(({ tokens }) => tokens[0]?.line ?? call.line), call.line];
  for (const line of lines) {
    const where = atAdded(piece, line);
    if (where !== undefined) return where;
  }
  return undefined;
}

export const modeCondition: Rule = {
  id: 'mode-condition',
  about: 'A hook gets a condition that is false in some modes of KASAN.',
  follows: 'detection',
  ask(series) {
    const findings: Finding[] = [];
    for (const file of series.files) {
      const before = groupBy(hookCalls(file.before), hookKey);
      const met = new Map<string, number>();
      for (const call of hookCalls(file.after)) {
        // The same hook in the same function, in their order.
        const key = hookKey(call);
        const index = met.get(key) ?? 0;
        met.set(key, index + 1);
        const old = before.get(key)?.[index];
        if (old === undefined) continue;
        const added = without(conditionsOf(call), conditionsOf(old));
        const removed = without(conditionsOf(old), conditionsOf(call));
        if (added.length === 0 || ![...added, ...removed].every(isAboutKasanAlone)) continue;
        const lost = RUNNING.filter(
          (mode) => truthInMode(removed, mode) === 'true' && truthInMode(added, mode) === 'false',
        );
        if (lost.length === 0 || (skipsTags(series) && lost.every((mode) => mode === 'hw-tags'))) continue;
        const where = placeOf(call.piece, call, added);
        if (where === undefined) continue;
        findings.push({
          ...where,
          text: `With ${listed(lost)} ${call.callee}() no longer runs here. Is that meant?`,
          evidence: RUNNING.map((mode) =>
            inSource(
              `${mode}: ran ${truthInMode(removed, mode) === 'true' ? 'yes' : 'no'}, runs ${truthInMode(added, mode) === 'true' ? 'yes' : 'no'} (${added.map(conditionText).join(' && ')})`,
            ),
          ),
          modes: lost,
          about: call.callee,
        });
      }
    }
    return findings;
  },
};
