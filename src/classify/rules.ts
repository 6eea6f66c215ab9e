import type { AllocationClass } from '../base/allocation-class.ts';
import { callSiteFrame } from './call-site.ts';
import { type FrameMatcher, compileFramePatterns } from './frame-pattern.ts';
import { gfpHolds } from './gfp-condition.ts';
import type { KernelVersion } from '../base/kernel-version.ts';
import { holdsFor } from './kernel-range.ts';
import { STACK_RULES, type StackRule } from './stack-rules.ts';

export interface StackVerdict {
  readonly class: AllocationClass;
  /** Id of the rule that decided. */
  readonly rule: string;
}

/**
 * Classifies the stack of an mm_page_alloc. `frames` are normalised, innermost first; `gfpHas` tells whether the
 * allocation has a flag (`ZERO`, without `__GFP_`). Undefined when the stack does not tell: it is empty, or shows
 * nothing but the allocator.
 */
export type StackClassifier = (
  frames: readonly string[],
  gfpHas: (flagName: string) => boolean,
  order: number,
) => StackVerdict | undefined;

interface CompiledRule {
  readonly rule: StackRule;
  readonly inFrames: FrameMatcher;
  readonly atCallSite: FrameMatcher;
}

/** A caller that no rule names is somebody's driver; user memory (movable) is left to the flags. */
const UNLISTED_CALLER: StackVerdict = { class: 'driver/other', rule: 'unlisted-caller' };

const compileRule = (rule: StackRule): CompiledRule => ({
  rule,
  inFrames: compileFramePatterns(rule.frames ?? []),
  atCallSite: compileFramePatterns(rule.callSite ?? []),
});

/** The stack rules of one kernel as a function, to be called once for every distinct stack. */
export function compileStackRules(kernel: KernelVersion): StackClassifier {
  const rules = STACK_RULES.filter((rule) => holdsFor(rule.kernels ?? {}, kernel)).map(compileRule);
  const strong = rules.filter(({ rule }) => rule.rank === undefined);
  const reaching = strong.filter(({ rule }) => rule.reach === 'outer');
  const weak = rules.filter(({ rule }) => rule.rank === 'last');

  return (frames, gfpHas) => {
    const callSite = callSiteFrame(frames);
    const innerEnd = callSite === -1 ? frames.length : callSite + 1;

    const holdsAt = ({ rule, inFrames, atCallSite }: CompiledRule, index: number): boolean => {
      if (rule.callSite !== undefined && (callSite === -1 || !atCallSite(frames[callSite]))) return false;
      const named = rule.frames === undefined ? index === callSite : inFrames(frames[index]);
      return named && gfpHolds(rule.gfp ?? {}, gfpHas);
    };
    const decide = (candidates: readonly CompiledRule[], from: number, to: number): StackVerdict | undefined => {
      for (let index = from; index < to; index++) {
        const match = candidates.find((candidate) => holdsAt(candidate, index));
        if (match !== undefined) return { class: match.rule.class, rule: match.rule.id };
      }
      return undefined;
    };

    const verdict =
      decide(strong, 0, innerEnd) ?? decide(reaching, innerEnd, frames.length) ?? decide(weak, 0, innerEnd);
    if (verdict !== undefined || callSite === -1 || gfpHas('MOVABLE')) return verdict;
    return UNLISTED_CALLER;
  };
}
