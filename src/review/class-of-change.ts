import type { AllocationClass } from '../base/allocation-class.ts';
import type { StackClassifier } from '../classify/rules.ts';
import type { FlagChange } from './flag-changes.ts';
import { KNOWN_MASKS } from './kernel-facts.ts';

/** What is allocated where a mask changes; undefined where the function and the mask do not tell. */
export function classOfChange(change: FlagChange, classify: StackClassifier): AllocationClass | undefined {
  if (change.carrier === 'definition') return KNOWN_MASKS.find(({ name }) => name === change.name)?.users[0]?.class;
  if (change.function === undefined) return undefined;
  const frames = change.carrier === 'call' ? [change.name, change.function] : [change.function];
  const found = classify(frames, (flag) => change.to.flags.has(`__GFP_${flag}`), 0);
  return found === undefined || found.rule === 'unlisted-caller' ? undefined : found.class;
}
