import type { AllocationClass } from '../base/allocation-class.ts';
import { compileStackRules } from '../classify/rules.ts';
import type { FlagChange } from './flag-changes.ts';
import { KNOWN_MASKS } from './kernel-facts.ts';

/** The rules for stacks as recorded traces have them: a diff shows the innermost functions alone. */
const classify = compileStackRules({ major: 7, minor: 3 });

/** What is allocated where a mask changes; undefined where the function and the mask do not tell. */
export function classOfChange(change: Omit<FlagChange, 'class'>): AllocationClass | undefined {
  if (change.carrier === 'definition') return KNOWN_MASKS.find(({ name }) => name === change.name)?.users[0]?.class;
  if (change.function === undefined) return undefined;
  // Callees that are macros stand in no trace: the function around them tells more, if it tells anything.
  const stacks = [[change.function], ...(change.carrier === 'call' ? [[change.name, change.function]] : [])];
  for (const frames of stacks) {
    const found = classify(frames, (flag) => change.to.flags.has(`__GFP_${flag}`), 0);
    if (found !== undefined && found.rule !== 'unlisted-caller') return found.class;
  }
  return undefined;
}
