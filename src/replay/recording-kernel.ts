import {
  GFP_ACCOUNT,
  GFP_COMP,
  GFP_FS,
  GFP_HARDWALL,
  GFP_IO,
  GFP_MOVABLE,
  GFP_RECLAIM,
  GFP_SKIP_KASAN,
  GFP_SKIP_ZERO,
  GFP_ZERO,
  gfpHasAll,
  gfpUnion,
  gfpWithout,
  type Gfp,
} from '../gfp/flags.ts';
import { gfpContext, type GfpContext } from '../gfp/context.ts';
import { parseGfpNames } from '../gfp/parse.ts';
import { hasSeries, resolvePolicy, type RecordingKernel } from '../policy/as-recorded.ts';
import type { Policy } from '../policy/policy.ts';
import type { EventTable } from '../trace/event-table.ts';
import { EVENT } from '../trace/event-type.ts';
import { traceFacts } from '../trace/facts.ts';
import type { ReplayOptions } from './options.ts';

/** include/asm-generic/pgalloc.h:GFP_PGTABLE_USER before the series; since 6.2 with __GFP_COMP (pagetable_alloc). */
const TABLE_MASK = gfpUnion(GFP_IO, GFP_FS, GFP_RECLAIM, GFP_ZERO, GFP_ACCOUNT);

/** The meaning of gfp flags in the kernel that recorded a trace. */
export const recordedContext = (recordedBy: ReplayOptions['recordedBy'], hwTags: boolean): GfpContext =>
  gfpContext(recordedBy, { hwTags, lockdep: false, slabObjExt: false });

/** What a trace, and what was said of it, tell of the kernel that recorded it. */
export function recordingKernel(
  table: EventTable,
  { recordedBy, versionFrom = 'given' }: Pick<ReplayOptions, 'recordedBy' | 'versionFrom'>,
): RecordingKernel {
  const { hwTags } = traceFacts(table);
  const seen = hwTags ? seriesByFlags(table, recordedContext(recordedBy, hwTags)) : undefined;
  return {
    version: recordedBy,
    versionFrom,
    hwTags,
    series: seen ?? hasSeries(recordedBy),
    seriesFrom: seen === undefined ? 'version' : 'flags',
  };
}

/** The policy that a trace is replayed under: another one than was asked for only if that was as-recorded. */
export const policyFor = (
  policy: Policy,
  table: EventTable,
  kernel: Pick<ReplayOptions, 'recordedBy' | 'versionFrom'>,
): Policy => resolvePolicy(policy, () => recordingKernel(table, kernel));

/** Whether a HW_TAGS kernel has the series, by the masks of its pages; undefined if none of them tells. */
function seriesByFlags({ shapes }: EventTable, context: GfpContext): boolean | undefined {
  const masks = shapes
    .filter(({ type, gfp }) => type === EVENT.mm_page_alloc && gfp !== '')
    .map(({ gfp }) => parseGfpNames(gfp, context).flags);
  if (masks.some(isSkippedKernelMemory)) return true;
  return masks.some((mask) => gfpWithout(mask, GFP_COMP) === TABLE_MASK) ? false : undefined;
}

/**
 * Zeroed memory of the kernel's own that asks to be left alone: of these only stacks and page tables do. User memory is
 * movable, or for user space (HARDWALL); vmalloc passes both flags for areas that it tags itself.
 */
const isSkippedKernelMemory = (mask: Gfp): boolean =>
  gfpHasAll(mask, gfpUnion(GFP_ZERO, GFP_SKIP_KASAN)) &&
  [GFP_MOVABLE, GFP_HARDWALL, GFP_SKIP_ZERO].every((flag) => !gfpHasAll(mask, flag));
