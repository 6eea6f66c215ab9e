import { classId } from '../base/allocation-class.ts';
import { gfpComposites } from '../gfp/composites.ts';
import { GFP_COMP, GFP_FLAGS, GFP_NOWARN, GFP_RECLAIM, gfp, gfpUnion } from '../gfp/flags.ts';
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

/** Asks a policy about the places of the model's kernel, and gives each its row of the ledger. */
export class PolicySites implements SiteTable {
  readonly #decider: Decider;
  readonly #ledger: Ledger;

  /** @throws UsageError if the policy names flags that Linux 7.3 does not have */
  constructor(policy: Policy, ledger: Ledger) {
    this.#decider = policyDecider(policy);
    this.#ledger = ledger;
  }

  resolve(description: SiteDescription): Site {
    const site = this.#resolve(description);
    if (description.class !== 'slab-object') return site;
    const pages = this.#resolve({ ...slabPagesFor(description), comm: description.comm });
    const large = this.#resolve({
      class: 'kmalloc-large',
      site: description.site,
      frames: [...LARGE_KMALLOC, ...description.frames],
      comm: description.comm,
      gfp: gfpUnion(description.gfp, GFP_COMP),
    });
    return { ...site, slabPages: pages, largePages: large };
  }

  /** The place as it is asked for memory without an order, and for blocks of pages of order 0. */
  #resolve(description: SiteDescription): Site {
    const site = this.#at(description, 0);
    if (!this.#decider.usesOrder) return site;
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
    const { class: name, site, frames, gfp: mask, comm = MODEL_COMM } = description;
    const action = this.#decider.decide({ class: name, site, frames, comm, gfp: mask, order });
    return {
      description,
      row: this.#ledger.row(classId(name), site, ''),
      gfp: effectiveMask(mask, action),
      skipped: action === 'skip',
      slabPages: undefined,
      largePages: undefined,
    };
  }
}

/**
 * The places of a kernel under a policy. In the software builds __GFP_SKIP_KASAN is 0: the flags that the kernel passes
 * are all there is, and a policy has nothing to change.
 *
 * @throws UsageError if the policy names flags that Linux 7.3 does not have
 */
export function policySites(config: KernelConfig, policy: Policy, ledger: Ledger): SiteTable {
  const sites = new PolicySites(policy, ledger);
  return modeRules(config).skipFlags ? sites : new PolicySites({ ...policy, rules: [], otherwise: 'kernel' }, ledger);
}
