import type { Policy } from '../policy/policy.ts';
import type { EventTable } from '../trace/event-table.ts';
import { apply, dependsOnOrder, type Applied } from './apply/apply.ts';
import { follow, type Followed } from './follow/follow.ts';
import type { ReplayOptions } from './options.ts';

/** What a replay gives. */
export interface Replayed extends Applied, Pick<Followed, 'facts' | 'counts' | 'unknownFlagNames' | 'lifetimes'> {}

/**
 * Replays a trace under one policy: follows it, and lets the KASAN hooks do the tag work that the kernel would do.
 *
 * @throws UsageError if the policy names gfp flags that the recording kernel does not have
 */
export const replay = (table: EventTable, options: ReplayOptions): Replayed =>
  replayer(table, options, [options.policy])(options.policy);

/**
 * Replays a trace under any number of policies, and follows it once for all of them: when the first is asked for.
 *
 * @param expected policies that will be asked for: for one that samples, and is not among them, it is followed again
 */
export function replayer(
  table: EventTable,
  options: Omit<ReplayOptions, 'policy'>,
  expected: readonly Policy[],
): (policy: Policy) => Replayed {
  const { config } = options;
  const needsOrder = (policy: Policy): boolean => dependsOnOrder(policy, config);
  let followed: Followed | undefined;
  return (policy) => {
    if (followed === undefined || (needsOrder(policy) && followed.work.order === undefined)) {
      const order = [policy, ...expected].some(needsOrder);
      followed = follow(table, { ...options, sizes: config, order });
    }
    const { facts, counts, unknownFlagNames, lifetimes } = followed;
    return { facts, counts, unknownFlagNames, lifetimes, ...apply(followed, { ...options, policy }) };
  };
}
