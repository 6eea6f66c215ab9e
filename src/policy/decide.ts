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

/** A policy made ready to be asked often. */
export interface Decider {
  readonly policy: Policy;
  /** Whether decisions look at the command that was running; if not, one decision holds for all tasks. */
  readonly usesComm: boolean;
  decide(allocation: Allocation): Action;
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
    applies: predicate(
      match,
      (name) =>
        meaningOfGfp(name) ?? unknownFlag(name, `policy ${policy.name}, rules[${index}].match.gfp`, meaningOfGfp),
    ),
  }));
  return {
    policy,
    usesComm: policy.rules.some((rule) => rule.match.comm !== undefined),
    decide: (allocation) => rules.find((rule) => rule.applies(allocation))?.action ?? policy.otherwise,
  };
}

function predicate(match: PolicyMatch, meaningOfGfp: (name: string) => Gfp): Predicate {
  const tests: Predicate[] = [];
  if (match.class !== undefined) {
    const classes = new Set(match.class);
    tests.push((allocation) => classes.has(allocation.class));
  }
  if (match.site !== undefined) {
    const sites = anyGlob(match.site);
    tests.push((allocation) => sites(allocation.site));
  }
  if (match.function !== undefined) {
    const functions = anyGlob(match.function);
    tests.push((allocation) => allocation.frames.some((frame) => functions(frame)));
  }
  if (match.comm !== undefined) {
    const comms = anyGlob(match.comm);
    tests.push((allocation) => comms(allocation.comm));
  }
  if (match.gfp !== undefined) {
    const all = gfpUnion(...match.gfp.map(meaningOfGfp));
    tests.push((allocation) => gfpHasAll(allocation.gfp, all));
  }
  if (match.order !== undefined) {
    const { min = 0, max = Number.POSITIVE_INFINITY } = match.order;
    tests.push((allocation) => allocation.order >= min && allocation.order <= max);
  }
  return (allocation) => tests.every((test) => test(allocation));
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
