import { classId } from '../base/allocation-class.ts';
import { gfpComposites } from '../gfp/composites.ts';
import { GFP_COMP, GFP_FLAGS, GFP_NOWARN, GFP_RECLAIM, gfp, gfpUnion, type Gfp } from '../gfp/flags.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import type { Ledger } from '../kasan/ledger.ts';
import { modeRules } from '../kasan/mode-rules.ts';
import { MODEL_COMM, type Site, type SiteDescription, type SiteTable } from '../mm/site.ts';
import { compilePolicy, type Decider } from '../policy/decide.ts';
import { effectiveMask } from '../policy/effective-mask.ts';
import type { Policy } from '../policy/policy.ts';

/** The functions between a slab object's allocation and the page allocator (mm/slub.c, 7.3). */
const NEW_SLAB = [
  'alloc_frozen_pages_noprof',
  'allocate_slab',
  'new_slab',
  'refill_objects',
  '__pcs_replace_empty_main',
];
/** The same for a kmalloc that is too large for a cache (mm/slub.c:___kmalloc_large_node). */
const LARGE_KMALLOC = ['alloc_frozen_pages_noprof', '___kmalloc_large_node', '__kmalloc_large_noprof'];
/** What the pages of a slab are asked for with, beside the kind of reclaim that the caller allows. */
const SLAB_PAGE_FLAGS = gfpUnion(GFP_COMP, GFP_NOWARN);

/** What slab asks the page allocator for, when who allocates an object finds its cache empty. */
export const slabPagesFor = ({
  site,
  frames,
  gfp: mask,
}: Omit<SiteDescription, 'class' | 'comm'>): Omit<SiteDescription, 'comm'> => ({
  class: 'slab-page',
  site,
  frames: [...NEW_SLAB, ...frames],
  gfp: gfpUnion(gfp(mask & GFP_RECLAIM), SLAB_PAGE_FLAGS),
});

/**
 * A policy ready to be asked about allocations of Linux 7.3.
 *
 * @throws UsageError if it names flags that Linux 7.3 does not have
 */
export function policyDecider(policy: Policy): Decider {
  const names = new Map([
    ...GFP_FLAGS.map(({ name, flag }) => [name, flag] as const),
    ...gfpComposites({ major: 7, minor: 3 }, { hwTags: true }).map(({ name, flags }) => [name, flags] as const),
  ]);
  return compilePolicy(policy, (name) => names.get(name));
}

/** What a policy makes of a place, whatever row of a ledger pays for it. */
interface Decided {
  readonly gfp: Gfp;
  readonly skipped: boolean;
}

/** What a policy says of the places of the model's kernels, each of which it is asked about once. */
class SiteDecisions {
  readonly usesOrder: boolean;
  readonly #decider: Decider;
  readonly #slabPages = new WeakMap<SiteDescription, SiteDescription>();
  readonly #largePages = new WeakMap<SiteDescription, SiteDescription>();
  readonly #decided = new WeakMap<SiteDescription, Decided[]>();

  /** @throws UsageError if the policy names flags that Linux 7.3 does not have */
  constructor(policy: Policy) {
    this.#decider = policyDecider(policy);
    this.usesOrder = this.#decider.usesOrder;
  }

  at(description: SiteDescription, order: number): Decided {
    let ofPlace = this.#decided.get(description);
    if (ofPlace === undefined) this.#decided.set(description, (ofPlace = []));
    return (ofPlace[order] ??= this.#decide(description, order));
  }

  #decide({ class: name, site, frames, gfp: mask, comm = MODEL_COMM }: SiteDescription, order: number): Decided {
    const action = this.#decider.decide({ class: name, site, frames, comm, gfp: mask, order });
    return { gfp: effectiveMask(mask, action), skipped: action === 'skip' };
  }

  /** The place that takes the pages of a slab for an object. */
  slabPages(object: SiteDescription): SiteDescription {
    const made = this.#slabPages.get(object) ?? { ...slabPagesFor(object), comm: object.comm };
    this.#slabPages.set(object, made);
    return made;
  }

  /** The place that takes the pages of a kmalloc that is too large for a cache. */
  largePages(object: SiteDescription): SiteDescription {
    const made = this.#largePages.get(object) ?? {
      class: 'kmalloc-large',
      site: object.site,
      frames: [...LARGE_KMALLOC, ...object.frames],
      comm: object.comm,
      gfp: gfpUnion(object.gfp, GFP_COMP),
    };
    this.#largePages.set(object, made);
    return made;
  }
}

/** The places of a kernel under a policy, each with its row of the kernel's ledger. */
class PolicySites implements SiteTable {
  readonly #decisions: SiteDecisions;
  readonly #ledger: Ledger;

  constructor(decisions: SiteDecisions, ledger: Ledger) {
    this.#decisions = decisions;
    this.#ledger = ledger;
  }

  resolve(description: SiteDescription): Site {
    const site = this.#resolve(description);
    if (description.class !== 'slab-object') return site;
    const slabPages = this.#resolve(this.#decisions.slabPages(description));
    const largePages = this.#resolve(this.#decisions.largePages(description));
    return { ...site, slabPages, largePages };
  }

  /** The place as it is asked for memory without an order, and for blocks of pages of order 0. */
  #resolve(description: SiteDescription): Site {
    const site = this.#at(description, 0);
    if (!this.#decisions.usesOrder) return site;
    const orders = new Map<number, Site>([[0, site]]);
    return {
      ...site,
      byOrder: (order) => {
        const known = orders.get(order) ?? this.#at(description, order);
        orders.set(order, known);
        return known;
      },
    };
  }

  #at(description: SiteDescription, order: number): Site {
    const { gfp: mask, skipped } = this.#decisions.at(description, order);
    return {
      description,
      row: this.#ledger.row(classId(description.class), description.site, ''),
      gfp: mask,
      skipped,
      slabPages: undefined,
      largePages: undefined,
    };
  }
}

/**
 * The places of kernels under a policy, one kernel for each ledger. In the software builds __GFP_SKIP_KASAN is 0: the flags
 * that the kernel passes are all there is, and a policy has nothing to change.
 *
 * @throws UsageError if the policy names flags that Linux 7.3 does not have
 */
export function policySites(config: KernelConfig, policy: Policy): (ledger: Ledger) => SiteTable {
  const decisions = new SiteDecisions(policy);
  const { skipFlags } = modeRules(config);
  const ofBuild = skipFlags ? decisions : new SiteDecisions({ ...policy, rules: [], otherwise: 'kernel' });
  return (ledger) => new PolicySites(ofBuild, ledger);
}
