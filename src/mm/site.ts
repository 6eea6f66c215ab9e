import type { AllocationClass } from '../base/allocation-class.ts';
import type { Gfp } from '../gfp/flags.ts';

/** A place in the kernel that allocates, as Linux 7.3 has it. */
export interface SiteDescription {
  readonly class: AllocationClass;
  /** The first function outside the allocator's own code. */
  readonly site: string;
  /** The functions of the stack, innermost first, from the allocator's entry on. */
  readonly frames: readonly string[];
  /** The mask that is passed, with the flags of 7.3. */
  readonly gfp: Gfp;
  /** The command that runs; `MODEL_COMM` if it is left out. */
  readonly comm?: string | undefined;
}

/** The command that runs in the model. */
export const MODEL_COMM = 'bench';

/** A place that allocates, under a policy. */
export interface Site {
  readonly description: SiteDescription;
  /** The ledger row that pays. */
  readonly row: number;
  /** The mask under the policy. */
  readonly gfp: Gfp;
  /** The policy leaves this memory alone: for slab objects, which have no flag for it, no hook runs. */
  readonly skipped: boolean;
  /** Pages that slab takes from the page allocator when this place finds its cache empty. */
  readonly slabPages: Site | undefined;
  /** The pages of a kmalloc here that is too large for a cache. */
  readonly largePages: Site | undefined;
  /** The place for blocks of pages of an order, under a policy that looks at that; it is itself that of order 0. */
  readonly byOrder?: ((order: number) => Site) | undefined;
}

/** The place that a block of pages of an order is asked for at. */
export const siteAt = (site: Site, order: number): Site =>
  order === 0 || site.byOrder === undefined ? site : site.byOrder(order);

/** Decides what a policy means for a place that allocates. */
export interface SiteTable {
  resolve(description: SiteDescription): Site;
}
