import type { Assignment, Call, Condition } from '../../c-source/statements.ts';
import { maskOf } from '../mask.ts';
import type { Piece } from '../pieces.ts';
import { atAdded, type Where } from '../places.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { conditionText, hwTagsReaches, partsOf } from '../truth.ts';
import type { Understood } from '../understood.ts';

/** Hooks that zero while they tag. */
const ZEROING_HOOKS = new Set([
  'kasan_unpoison_pages',
  '__kasan_unpoison_pages',
  'kasan_unpoison_vmalloc',
  '__kasan_unpoison_vmalloc',
  'kasan_alloc_pages',
]);

/** What takes the zeroing off an allocation: the flag that says so, or the one that asks for it taken out. */
function takesZeroingOff(series: Understood, { operator, value }: Assignment): string | undefined {
  const mask = maskOf(value, series.names.after);
  if (operator !== '&=' && mask.flags.has('__GFP_SKIP_ZERO')) return '__GFP_SKIP_ZERO';
  return mask.without.has('__GFP_ZERO') ? '__GFP_ZERO' : undefined;
}

/** An `if` that returns before the hook is one way to skip it; a check for memory that there is none of is not. */
const isAboutTags = ({ tokens }: Condition): boolean => tokens.some(({ text }) => /kasan|skip|tag|GFP/i.test(text));

const all = ({
  conditions,
  configurations,
  passed,
}: Pick<Call, 'conditions' | 'configurations' | 'passed'>): readonly Condition[] => [
  ...configurations,
  ...conditions,
  ...passed.filter(isAboutTags),
];

/** Conditions of one place that do not stand around another. */
const beyond = (of: readonly Condition[], around: readonly Condition[]): readonly Condition[] => {
  const texts = new Set(partsOf(around).map(conditionText));
  return partsOf(of).filter((condition) => !texts.has(conditionText(condition)));
};

/** The place of what the series changed: the assignment, the hook, or the condition around it. */
function changedPlace(piece: Piece, lines: readonly number[]): Where | undefined {
  for (const line of lines) {
    const where = atAdded(piece, line);
    if (where !== undefined) return where;
  }
  return undefined;
}

export const zeroingLost: Rule = {
  id: 'zeroing-lost',
  about: 'Zeroing is left to a hook that does not run in some case.',
  follows: 'not-zeroed',
  ask(series) {
    const findings: Finding[] = [];
    for (const piece of series.files.flatMap(({ after }) => after)) {
      for (const assignment of piece.statements.assignments) {
        const flag = takesZeroingOff(series, assignment);
        if (flag === undefined || !hwTagsReaches(all(assignment))) continue;
        const hooks = piece.statements.calls.filter(
          (call) => ZEROING_HOOKS.has(call.callee) && call.function === assignment.function && hwTagsReaches(all(call)),
        );
        // One hook that runs wherever the zeroing is taken off is enough.
        const skipped = hooks.map((hook) => ({ hook, only: beyond(all(hook), all(assignment)) }));
        if (skipped.length === 0 || skipped.some(({ only }) => only.length === 0)) continue;
        const [one] = skipped;
        if (one === undefined) continue;
        const where = changedPlace(piece, [
          assignment.line,
          one.hook.line,
          ...one.only.map(({ tokens }) => tokens[0]?.line ?? one.hook.line),
        ]);
        if (where === undefined) continue;
        const condition = one.only.map(conditionText).join(' && ');
        findings.push({
          ...where,
          text: `${flag} was ${flag === '__GFP_ZERO' ? 'taken off' : 'added'} because ${one.hook.callee}() zeroes; it is skipped unless ${condition}. What zeroes this memory then?`,
          evidence: [
            inSource(
              `${piece.path}:${assignment.line}: ${assignment.variable} ${assignment.operator} …, without the condition ${condition}`,
            ),
            inSource(`${piece.path}:${one.hook.line}: ${one.hook.callee}() runs only if ${condition}`),
          ],
          modes: [],
          about: `${flag}:${one.hook.callee}`,
        });
      }
    }
    return findings;
  },
};
