import { UsageError } from '../base/errors.ts';
import { isAtLeast, versionText } from '../base/kernel-version.ts';
import type { ReplayOptions } from '../replay/options.ts';
import { boundsText, versionBounds } from '../replay/version-by-form.ts';
import type { FollowCounts } from '../replay/follow/follow.ts';
import type { EventTable } from '../trace/event-table.ts';
import type { TraceFacts } from '../trace/facts.ts';
import type { Recording } from '../trace/recording.ts';

/** KASAN_HW_TAGS came with 5.11; its flags are printed since 5.14. */
const FIRST_HW_TAGS = { major: 5, minor: 11 };

/**
 * Refuses options that the trace itself contradicts: a result would be figures without a meaning.
 *
 * @throws UsageError saying what the trace shows
 */
export function refuseContradictions(
  table: EventTable,
  { config, since, until }: Pick<ReplayOptions, 'config' | 'since' | 'until'>,
): void {
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
    `the trace shows flags or tags of KASAN HW_TAGS, which Linux ${versionText(recordedBy)} did not have: is --kernel right?`,
  ];
}

/** Says where a version that somebody gave is not one that prints what the trace shows. */
export function formDoubts(
  table: EventTable,
  { recordedBy, versionFrom }: Pick<ReplayOptions, 'recordedBy' | 'versionFrom'>,
): readonly string[] {
  const bounds = versionBounds(table);
  const { since, until } = bounds;
  const fits =
    (since === undefined || isAtLeast(recordedBy, since.version)) &&
    (until === undefined || isAtLeast(until.version, recordedBy));
  if (fits || versionFrom !== 'given') return [];
  return [
    `the trace does not look like Linux ${versionText(recordedBy)} (${boundsText(bounds)}): is --kernel right, or is it a kernel with changes from others?`,
  ];
}

/** The oldest kernel whose flags, tracepoints and allocators are described here. */
const FIRST_KNOWN = { major: 5, minor: 10 };

/** The newest one. */
const LAST_KNOWN = { major: 7, minor: 3 };

/** Machines of 32 bits, as `uname -m` and perf name them. */
const MACHINES_OF_32_BITS =
  /^(?:i[3-6]86|x86|arm|armv[4-8]\w*|mips(?:el)?|ppc|powerpc|riscv32|sparc|s390|m68k|sh\w*|parisc)$/;

/** Says of a recording kernel that it is none of those that the rules are of. */
export function outOfRange(
  { architecture }: Pick<Recording, 'architecture'>,
  { recordedBy }: Pick<ReplayOptions, 'recordedBy'>,
): readonly string[] {
  return [
    ...(MACHINES_OF_32_BITS.test(architecture)
      ? [
          `the trace is of a 32-bit kernel (${architecture}), which is out of range: there is no MTE, and objects, page tables and stacks have other sizes than on arm64. The figures are no prediction for any kernel.`,
        ]
      : []),
    ...(isAtLeast(recordedBy, FIRST_KNOWN)
      ? []
      : [
          `Linux ${versionText(recordedBy)} is out of range: kernels are known from ${versionText(FIRST_KNOWN)} on, and the trace is read as if that had recorded it.`,
        ]),
    ...(isAtLeast(LAST_KNOWN, recordedBy)
      ? []
      : [
          `Linux ${versionText(recordedBy)} is newer than ${versionText(LAST_KNOWN)}, the last kernel that is known here: it is taken to do what that does.`,
        ]),
  ];
}

/** What happened while the trace was recorded that leaves no event, and that a reader should know of. */
export function unseenWork({ compactionFrees }: Pick<FollowCounts, 'compactionFrees'>): readonly string[] {
  if (compactionFrees === 0) return [];
  return [
    `the kernel compacted memory while it recorded: ${compactionFrees} ${compactionFrees === 1 ? 'block was' : 'blocks were'} moved or given back. What compaction allocates is tagged and has no event; it is estimated, with a wide interval. A run without kcompactd, on a machine with more free memory, is more exact.`,
  ];
}
