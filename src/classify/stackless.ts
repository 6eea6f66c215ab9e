import type { AllocationClass } from '../base/allocation-class.ts';
import { compileGfpCondition, gfpMatches } from './gfp-condition.ts';
import type { KernelVersion } from '../base/kernel-version.ts';
import { holdsFor } from './kernel-range.ts';
import { type Confidence, MASKLESS_RULES, STACKLESS_RULES, type StacklessCondition } from './stackless-rules.ts';
import { type TaskContexts, contextBit } from './task-context.ts';

export interface StacklessVerdict {
  readonly class: AllocationClass;
  /** Id of the rule that decided. */
  readonly rule: string;
  readonly confidence: Confidence;
}

/** What an mm_page_alloc shows of itself, and the contexts its task is in. */
export interface StacklessFacts {
  /** The mask; undefined in a trace that has none. */
  readonly gfp: number | undefined;
  readonly order: number;
  /** Absent in formats that lost it. */
  readonly migratetype?: number | undefined;
  readonly contexts: TaskContexts;
}

export type StacklessClassifier = (facts: StacklessFacts) => StacklessVerdict | undefined;

function compileCondition(when: StacklessCondition, bitOf: (flagName: string) => number) {
  const masks = compileGfpCondition(when.gfp, bitOf);
  const [lowest, highest] = when.order ?? [0, Infinity];
  const within = when.within === undefined ? 0 : contextBit(when.within);
  return ({ gfp, order, migratetype, contexts }: StacklessFacts): boolean =>
    gfp !== undefined &&
    gfpMatches(gfp, masks) &&
    order >= lowest &&
    order <= highest &&
    (contexts & within) === within &&
    (when.migratetype === undefined || migratetype === undefined || migratetype === when.migratetype);
}

/** The rules for allocations without a stack; `bitOf` gives the bit of a flag name in `StacklessFacts.gfp`. */
export function compileStacklessRules(kernel: KernelVersion, bitOf: (flagName: string) => number): StacklessClassifier {
  const rules = STACKLESS_RULES.filter((rule) => holdsFor(rule.kernels ?? {}, kernel)).map((rule) => ({
    holds: compileCondition(rule.when, bitOf),
    verdict: { class: rule.class, rule: rule.id, confidence: rule.confidence },
  }));
  return (facts) => (facts.gfp === undefined ? maskless(facts) : rules.find(({ holds }) => holds(facts))?.verdict);
}

/** For a trace that has no masks. */
function maskless({ order, migratetype, contexts }: StacklessFacts): StacklessVerdict | undefined {
  const rule = MASKLESS_RULES.find((candidate) => {
    const [lowest, highest] = candidate.order ?? [0, Infinity];
    const within = candidate.within === undefined ? 0 : contextBit(candidate.within);
    const fits = order >= lowest && order <= highest && (contexts & within) === within;
    return fits && migratetype === candidate.migratetype;
  });
  return rule === undefined ? undefined : { class: rule.class, rule: rule.id, confidence: rule.confidence };
}
