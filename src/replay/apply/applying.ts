import type { Kasan } from '../../kasan/kasan.ts';
import type { Ledger } from '../../kasan/ledger.ts';
import type { AllocationKind } from '../follow/allocation-kinds.ts';
import type { TracedCaches } from '../follow/slab-caches.ts';
import type { Decisions } from './decisions.ts';
import type { Estimates } from './estimates.ts';
import type { Outcomes } from './outcomes.ts';

/** What all who do tag work share: the hooks, what the policy decides, and where they write. */
export interface Applying {
  readonly kasan: Kasan;
  readonly ledger: Ledger;
  readonly decisions: Decisions;
  readonly outcomes: Outcomes;
  readonly estimates: Estimates;
  readonly caches: TracedCaches;
}

/** Tag work that is to be done: a group's as often as it counts, or that of one step. */
export interface Task {
  readonly group: number;
  readonly kind: AllocationKind;
  /** The place of what it follows upon among outcomes, see `Outcomes`; `NONE` if there is nothing. */
  readonly of: number;
  /** Its own place. */
  readonly slot: number;
  /** See `WORK_TYPES`. */
  readonly detail: number;
  readonly cpu: number;
  /** How often it counts. */
  readonly count: number;
}
