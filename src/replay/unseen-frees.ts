import { __free_pages_prepare } from '../kasan/page-alloc.ts';
import { countedTag } from '../mte/counting-machine.ts';
import type { FreedBlock } from './page-lifetimes.ts';
import type { ReplayState } from './state.ts';

/** Pages that are allocated again must have been freed: the free left no event, or was dropped. */
export function noteUnseenFree(state: ReplayState, block: FreedBlock | undefined): void {
  if (block === undefined) return;
  const { kasan, ledger, counts, event } = state;
  counts.missedPageFrees++;
  ledger.chargeTo(block.row);
  if (!block.part) ledger.countFree(block.row);
  // Of a larger block only the part that is given out again is known to be free.
  __free_pages_prepare(kasan, 0, Math.min(event.shape.order, block.order), countedTag(block.tagged));
}
