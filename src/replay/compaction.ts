import { classId } from '../base/allocation-class.ts';
import type { CompactionFree } from '../classify/compaction.ts';
import { __free_pages_prepare, post_alloc_hook } from '../kasan/page-alloc.ts';
import { GFP_MOVABLE } from '../gfp/flags.ts';
import { NO_STACK } from '../trace/event-table.ts';
import { NOTHING, times } from './estimates.ts';
import { blockPiece } from './page-events.ts';
import type { ReplayState } from './state.ts';

/** What compaction was seen to free, by order. */
export class CompactionFrees {
  readonly moved = new Map<number, number>();
  readonly freeBlocks = new Map<number, number>();

  note(what: CompactionFree, order: number): void {
    const counts = what === 'moved' ? this.moved : this.freeBlocks;
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
}

/**
 * Whether the current event, an mm_page_free, is compaction's: as its stack tells, or, for kcompactd without stacks, the
 * order. What kcompactd moves is mostly single pages; larger blocks that nobody was seen to allocate were free before.
 *
 * @param known the allocation is in the trace
 */
export function compactionFreeOf(state: ReplayState, known: boolean): CompactionFree | undefined {
  const { event, contexts, attributor } = state;
  if (event.stack !== NO_STACK) return attributor.compactionFree(event.stack);
  if (contexts.inCompaction[event.origin] === 0) return undefined;
  return event.shape.order > 0 && !known ? 'free-block' : 'moved';
}

const UNKNOWN = classId('unknown');

/**
 * What compaction allocates has no event (mm/compaction.c:compaction_alloc, mark_allocated), and is tagged: post_alloc_hook
 * is called with __GFP_MOVABLE alone, without what keeps user memory untagged. For each page that was moved there was a
 * new one; a block of free pages that was not needed is tagged and poisoned for nothing.
 */
export function enterCompaction(state: ReplayState): void {
  const { kasan, ledger, attributor, compaction, estimates } = state;
  const kinds = [
    { site: 'compaction_alloc', counts: compaction.moved, isGivenBack: false },
    { site: 'release_free_list', counts: compaction.freeBlocks, isGivenBack: true },
  ];
  for (const { site, counts, isGivenBack } of kinds) {
    for (const [order, blocks] of counts) {
      const given = attributor.beforeTrace(UNKNOWN, site);
      if (given.action === 'skip' || !kasan.config.kasan) continue;
      ledger.chargeTo(given.row);
      for (let block = 0; block < blocks; block++) {
        const tag = post_alloc_hook(kasan, 0, 0, order, GFP_MOVABLE);
        if (isGivenBack) __free_pages_prepare(kasan, 0, order, tag);
      }
      const piece = times(blockPiece(state, order, blocks), isGivenBack ? 2 : 1);
      estimates.compaction.add(NOTHING, piece, times(piece, 2));
    }
  }
}
