import { UsageError } from '../base/errors.ts';
import { isAtLeast } from '../base/kernel-version.ts';
import type { ReplayOptions } from '../replay/options.ts';
import type { ReplayCounts } from '../replay/state.ts';
import type { EventTable } from '../trace/event-table.ts';
import type { TraceFacts } from '../trace/facts.ts';

/** KASAN_HW_TAGS came with 5.11; its flags are printed since 5.14. */
const FIRST_HW_TAGS = { major: 5, minor: 11 };

/**
 * Refuses options that the trace itself contradicts: a result would be figures without a meaning.
 *
 * @throws UsageError saying what the trace shows
 */
export function refuseContradictions(table: EventTable, { config, since, until }: ReplayOptions): void {
  const area = table.shapes.find(({ areaBytes }) => areaBytes % config.pageSize !== 0);
  if (area !== undefined) {
    throw new UsageError(
      `--page-size: the trace has a vmalloc area of ${area.areaBytes} bytes, which is no number of pages of ${config.pageSize}`,
      'Give the page size of the kernel that recorded the trace: `getconf PAGESIZE` there.',
    );
  }
  const first = table.baseSeconds + table.firstTime / 1e9;
  const last = table.baseSeconds + table.lastTime / 1e9;
  if ((since !== undefined && since > last) || (until !== undefined && until <= first)) {
    throw new UsageError(
      `the trace has no event ${[...(since === undefined ? [] : [`after --since ${since}`]), ...(until === undefined ? [] : [`before --until ${until}`])].join(' and ')}`,
      `The trace goes from ${first.toFixed(6)} to ${last.toFixed(6)} seconds.`,
    );
  }
}

/** What the trace shows that does not fit what was said of it, and what that does to the result. */
export function doubts({ hwTags }: TraceFacts, { recordedBy }: ReplayOptions): readonly string[] {
  if (!hwTags || isAtLeast(recordedBy, FIRST_HW_TAGS)) return [];
  return [
    `the trace shows flags or tags of KASAN HW_TAGS, which Linux ${recordedBy.major}.${recordedBy.minor} did not have: is --kernel right?`,
  ];
}

/** What happened while the trace was recorded that leaves no event, and that a reader should know of. */
export function unseenWork({ compactionFrees }: Pick<ReplayCounts, 'compactionFrees'>): readonly string[] {
  if (compactionFrees === 0) return [];
  return [
    `the kernel compacted memory while it recorded: ${compactionFrees} ${compactionFrees === 1 ? 'block was' : 'blocks were'} moved or given back. What compaction allocates is tagged and has no event; it is estimated, with a wide interval. A run without kcompactd, on a machine with more free memory, is more exact.`,
  ];
}
