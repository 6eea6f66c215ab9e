import type { AllocationClass } from '../base/allocation-class.ts';
import { BUILT_IN_POLICIES } from '../policy/built-in.ts';
import { OTHER_STACKS } from '../policy/kernels.ts';
import { kasanChanges, type Action, type Policy, type PolicyRule } from '../policy/policy.ts';
import { allocatorOf } from './allocators.ts';
import { callsWith } from './calls-with.ts';
import type { FlagChange } from './flag-changes.ts';
import type { Base } from './kernel-facts.ts';
import { placeText } from './places.ts';
import { skipFlags } from './tag-flags.ts';
import type { Understood } from './understood.ts';

/** What a series amounts to, as a policy. */
export interface PolicyOfSeries {
  /** A built-in one where it is equal to one; otherwise named after the series. */
  readonly policy: Policy;
  readonly isBuiltIn: boolean;
  /** The kernel that the series is applied to, as a policy. */
  readonly base: string;
  /** What the policy leaves out, and why. */
  readonly notUnderstood: readonly string[];
}

/** What is said to an allocation of one kind: nothing, if the series does not touch it. */
interface Said {
  readonly forkStacks?: Action | undefined;
  readonly otherStacks?: Action | undefined;
  readonly classes: ReadonlyMap<AllocationClass, Action>;
  readonly sites: ReadonlyMap<string, Action>;
  readonly newSlabs: 'tag' | 'skip';
}

const BASE_POLICY: Readonly<Record<Base, string>> = { 'before-series': 'before-series', 'with-series': 'series' };

const actionOf = (change: FlagChange, flags: readonly string[]): Action | undefined => {
  if (change.gained.some((flag) => flags.includes(flag))) return 'skip';
  return change.lost.some((flag) => flags.includes(flag)) && !change.to.flags.has('__GFP_SKIP_KASAN')
    ? 'tag'
    : undefined;
};

/** Masks of stacks: which of the two kinds of stacks are allocated with them. */
const STACK_MASKS: Readonly<Record<string, readonly ('forkStacks' | 'otherStacks')[]>> = {
  GFP_VMAP_STACK: ['forkStacks'],
  // Task stacks without VMAP_STACK, which no kernel with HW_TAGS has, and the stacks of interrupts.
  THREADINFO_GFP: ['otherStacks'],
};

/** Functions that allocate the pages of a slab (mm/slub.c). */
const NEW_SLAB_SITES = new Set(['alloc_slab_page', 'allocate_slab', 'new_slab']);

/**
 * The policy that a series amounts to: what it adds to and takes from masks, by what is allocated with them. What the
 * kernel before it does stays.
 */
export function policyOfSeries(series: Understood): PolicyOfSeries {
  const flags = skipFlags(series);
  const notUnderstood: string[] = [];
  const stacks: { forkStacks?: Action; otherStacks?: Action } = {};
  const classes = new Map<AllocationClass, Action>();
  const sites = new Map<string, Action>();
  let newSlabs: 'tag' | 'skip' = 'tag';
  if (series.base === 'with-series') {
    stacks.forkStacks = 'skip';
    stacks.otherStacks = 'skip';
    classes.set('page-table', 'skip');
  }
  for (const flag of series.newFlags.filter((name) => flags.includes(name)))
    notUnderstood.push(`${flag} is new: taken to keep memory untagged, as its name says`);
  for (const change of series.changes) {
    const action = actionOf(change, flags);
    if (action === undefined) continue;
    const where = `${placeText(change)}: ${change.name} ${action === 'skip' ? 'gains' : 'loses'} the flag`;
    const ofMask = change.carrier === 'definition' ? STACK_MASKS[change.name] : undefined;
    if (ofMask !== undefined) {
      for (const kind of ofMask) stacks[kind] = action;
      continue;
    }
    if (change.carrier === 'definition' && /_SUPPORTED$|_MASK$|_ALLOWED$/.test(change.name)) continue;
    // What a new name is used for shows where it is used.
    if (change.carrier === 'definition' && change.from === undefined && change.class === undefined) continue;
    if (change.carrier === 'call' && NEW_SLAB_SITES.has(change.function ?? '')) {
      newSlabs = action === 'skip' ? 'skip' : 'tag';
      continue;
    }
    const allocator = change.carrier === 'call' ? allocatorOf(change.name) : undefined;
    if (allocator === 'slab' || allocator === 'kmalloc') {
      notUnderstood.push(`${where}, which slab drops`);
      continue;
    }
    const found = change.class;
    if (found === 'kernel-stack')
      stacks[OTHER_STACKS.includes(change.function ?? '') ? 'otherStacks' : 'forkStacks'] = action;
    else if (found !== undefined) classes.set(found, action);
    else if (change.function !== undefined && (allocator !== undefined || isAllocatedWith(series, change)))
      sites.set(change.function, action);
    else notUnderstood.push(`${where}; what is allocated with it is not known`);
  }
  return named(series, { ...stacks, classes, sites, newSlabs }, notUnderstood);
}

/** Whether the function that fills a variable also allocates with it. A member may be read anywhere. */
const isAllocatedWith = (series: Understood, change: FlagChange): boolean =>
  change.carrier === 'assignment' && callsWith(series, change).some((callee) => allocatorOf(callee) !== undefined);

/** Rules for what was said, the narrow ones first. */
function rulesOf(said: Said): readonly PolicyRule[] {
  const rules: PolicyRule[] = [];
  const actions = new Map(said.classes);
  for (const [site, action] of said.sites) rules.push({ match: { site: [site] }, action });
  const fork = said.forkStacks ?? 'tag';
  const other = said.otherStacks ?? 'tag';
  actions.set('kernel-stack', fork);
  if (fork !== other) rules.push({ match: { class: ['kernel-stack'], site: OTHER_STACKS }, action: other });
  if (!actions.has('page-table')) actions.set('page-table', 'tag');
  for (const action of ['tag', 'skip'] as const) {
    const of = [...actions].filter(([, one]) => one === action).map(([name]) => name);
    if (of.length > 0) rules.push({ match: { class: of.toSorted() }, action });
  }
  return rules;
}

/** Equal in what they do: a rule for several classes is one for each, and those for classes alone may come in any order. */
function meaningOf({ rules, otherwise, ...policy }: Policy): string {
  const isOfClasses = ({ match }: PolicyRule): boolean => Object.keys(match).join() === 'class';
  const ofClasses = rules
    .filter(isOfClasses)
    .flatMap(({ match, action }) => (match.class ?? []).map((name) => `${name}: ${action}`));
  return JSON.stringify([
    rules.filter((rule) => !isOfClasses(rule)),
    ofClasses.toSorted(),
    otherwise,
    kasanChanges({ rules, otherwise, ...policy }),
  ]);
}

function named(series: Understood, said: Said, notUnderstood: readonly string[]): PolicyOfSeries {
  const policy: Policy = {
    name: slug(series.version.title),
    description: `What "${series.version.title}" (version ${series.version.version}) amounts to, read from its diffs.`,
    source: series.version.cover?.head.messageId ?? series.version.patches[0]?.head.messageId ?? '',
    rules: rulesOf(said),
    otherwise: 'kernel',
    ...(said.newSlabs === 'skip' ? { kasan: { newSlabs: 'skip' as const } } : {}),
  };
  const meaning = meaningOf(policy);
  const same = BUILT_IN_POLICIES.find((one) => meaningOf(one) === meaning);
  return {
    policy: same ?? policy,
    isBuiltIn: same !== undefined,
    base: BASE_POLICY[series.base],
    notUnderstood,
  };
}

const slug = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48) || 'series';
