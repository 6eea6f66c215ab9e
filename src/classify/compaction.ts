import { compileFramePatterns } from './frame-pattern.ts';

/** Functions of mm/compaction.c below which all of it runs. */
const isCompaction = compileFramePatterns(['compact_zone', 'compact_zone_order']);
/** What gives isolated free pages back: mm/compaction.c:release_free_list, release_freepages up to 6.8. */
const releasesFree = compileFramePatterns(['release_free_list', 'release_freepages', 'compaction_free']);

/** A page that compaction frees: it was moved elsewhere, or it was free before and was not needed. */
export type CompactionFree = 'moved' | 'free-block';

/** What compaction frees, by the stack of the free; undefined if it is not compaction. */
export function compactionFree(frames: readonly string[]): CompactionFree | undefined {
  if (!frames.some(isCompaction)) return undefined;
  return frames.some(releasesFree) ? 'free-block' : 'moved';
}
