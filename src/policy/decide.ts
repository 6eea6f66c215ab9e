import type { AllocationClass } from '../base/allocation-class.ts';
import { didYouMean } from '../base/did-you-mean.ts';
import { quoted, UsageError } from '../base/errors.ts';
import { anyGlob } from '../base/glob.ts';
import { gfpComposites } from '../gfp/composites.ts';
import { GFP_FLAGS, gfpHasAll, gfpUnion, type Gfp } from '../gfp/flags.ts';
import type { Action, Policy, PolicyMatch } from './policy.ts';

/** What a policy may look at. */
export interface Allocation {
  readonly class: AllocationClass;
  readonly site: string;
  readonly frames: readonly string[];
  readonly comm: string;
  readonly gfp: Gfp;
  readonly order: number;
}

/** The kernel whose rules are modelled. */
const NEWEST = { major: 7, minor: 3 };

type Predicate = (allocation: Allocation) => boolean;

/** A condition of a rule, by the name that it has in a policy. */
export type ConditionName = keyof PolicyMatch;

interface Condition {
  readonly on: ConditionName;
  readonly holds: Predicate;
}

/** A policy made ready to be asked often. */
export interface Decider {
  readonly policy: Policy;
  /** Whether decisions look at the order; if not, one decision holds for all. */
  readonly usesOrder: boolean;
  decide(allocation: Allocation): Action;
  /**
   * What may be decided where some of an allocation is not known: rules with such a condition may apply or not.
   *
   * @returns at least one; and the conditions that it hangs on, none where it hangs on none
   */
  possible(
    allocation: Allocation,
    untold: readonly ConditionName[],
  ): { readonly actions: ReadonlySet<Action>; readonly hangsOn: ReadonlySet<ConditionName> };
}

/**
 * Compiles a policy.
 *
 * @param meaningOfGfp the flags of a flag or composite name; undefined for a name that the kernel does not have
 * @throws UsageError for a rule that matches on such a name
 */
export function compilePolicy(policy: Policy, meaningOfGfp: (name: string) => Gfp | undefined): Decider {
  const rules = policy.rules.map(({ action, match }, index) => ({
    action,
    conditions: conditionsOf(
      match,
      (name) =>
        meaningOfGfp(name) ?? unknownFlag(name, `policy ${policy.name}, rules[${index}].match.gfp`, meaningOfGfp),
    ),
  }));
  return {
    policy,
    usesOrder: policy.rules.some(({ match }) => match.order !== undefined),
    decide: (allocation) =>
      rules.find(({ conditions }) => conditions.every(({ holds }) => holds(allocation)))?.action ?? policy.otherwise,
    possible(allocation, untold) {
      const actions = new Set<Action>();
      const hangsOn = new Set<ConditionName>();
      for (const { action, conditions } of rules) {
        // Of a stack that is known in part, a function that it has is known.
        const open = conditions.filter(
          ({ on, holds }) => untold.includes(on) && !(on === 'function' && holds(allocation)),
        );
        if (!conditions.every((condition) => open.includes(condition) || condition.holds(allocation))) continue;
        actions.add(action);
        if (open.length === 0) return { actions, hangsOn };
        for (const { on } of open) hangsOn.add(on);
      }
      actions.add(policy.otherwise);
      return { actions, hangsOn };
    },
  };
}

function conditionsOf(match: PolicyMatch, meaningOfGfp: (name: string) => Gfp): readonly Condition[] {
  const conditions: Condition[] = [];
  const add = (on: ConditionName, holds: Predicate): void => void conditions.push({ on, holds });
  if (match.class !== undefined) {
    const classes = new Set(match.class);
    add('class', (allocation) => classes.has(allocation.class));
  }
  if (match.site !== undefined) {
    const sites = anyGlob(match.site);
    add('site', (allocation) => sites(allocation.site));
  }
  if (match.function !== undefined) {
    const functions = anyGlob(match.function);
    add('function', (allocation) => allocation.frames.some((frame) => functions(frame)));
  }
  if (match.comm !== undefined) {
    const comms = anyGlob(match.comm);
    add('comm', (allocation) => comms(allocation.comm));
  }
  if (match.gfp !== undefined) {
    const all = gfpUnion(...match.gfp.map(meaningOfGfp));
    add('gfp', (allocation) => gfpHasAll(allocation.gfp, all));
  }
  if (match.order !== undefined) {
    const { min = 0, max = Number.POSITIVE_INFINITY } = match.order;
    add('order', (allocation) => allocation.order >= min && allocation.order <= max);
  }
  return conditions;
}

function unknownFlag(name: string, where: string, meaningOfGfp: (name: string) => Gfp | undefined): never {
  const names = [...GFP_FLAGS, ...gfpComposites(NEWEST, { hwTags: true })].map((known) => known.name);
  throw new UsageError(
    `${where}: the flag ${quoted(name)}, which this kernel does not have`,
    `${didYouMean(
      name,
      names.filter((known) => meaningOfGfp(known) !== undefined),
    )}Flags are written as the kernel prints them, such as __GFP_ZERO or GFP_KERNEL.`,
  );
}
