import { classId } from '../base/allocation-class.ts';
import { __free_pages_prepare, post_alloc_hook } from '../kasan/page-alloc.ts';
import { GFP_MOVABLE } from '../gfp/flags.ts';
import { NOTHING, times } from './estimates.ts';
import { blockPiece } from './page-events.ts';
import type { ReplayState } from './state.ts';

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
