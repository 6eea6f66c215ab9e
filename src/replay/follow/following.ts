import type { TraceFacts } from '../../trace/facts.ts';
import type { LedgerRows } from '../../kasan/ledger.ts';
import type { MemorySizes } from '../options.ts';
import type { AllocationKinds } from './allocation-kinds.ts';
import type { EventCursor } from './event-cursor.ts';
import type { LifetimeTableBuilder } from './lifetime-table.ts';
import type { ShapeFacts } from './shape-facts.ts';
import type { TagWork } from './tag-work.ts';

/** What all who follow events share: where they are, what is known of the trace, and where they write. */
export interface Following {
  readonly cursor: EventCursor;
  readonly facts: TraceFacts;
  readonly shapes: ShapeFacts;
  readonly sizes: MemorySizes;
  readonly kinds: AllocationKinds;
  readonly rows: LedgerRows;
  readonly work: TagWork;
  /** If lifetimes are asked for. */
  readonly lifetimes: LifetimeTableBuilder | undefined;
}
