import type { AllocationClass } from '../base/allocation-class.ts';
import { isAtLeast, versionText, type KernelVersion, type VersionSource } from '../base/kernel-version.ts';
import { BEFORE_SERIES_RULES, SERIES_RULES } from './kernels.ts';
import type { Policy, PolicyRule } from './policy.ts';

/**
 * The first kernel that is known to have the series, from a build of 7.2.12. It was sent on 19 March 2026, when 7.0 was
 * nearly finished; which side of it 7.1 is on is not known here, and that is said.
 */
const SERIES_SINCE: KernelVersion = { major: 7, minor: 2 };
const NOT_SURELY_BEFORE: KernelVersion = { major: 7, minor: 1 };

/**
 * User memory is left untagged since 6.0 (commit 70c248aca9e7 "mm: kasan: Skip unpoisoning of user pages"). Before, the page
 * allocator tags it as any other; from 5.14 on (commit c275c5c6d50a "kasan: disable freed user page poisoning with HW tags")
 * the tags stay when it is freed.
 */
const USER_UNTAGGED_SINCE: KernelVersion = { major: 6, minor: 0 };
const USER_UNPOISONED_SINCE: KernelVersion = { major: 5, minor: 14 };

const USER_MEMORY: readonly AllocationClass[] = ['user-anon', 'user-file'];

/** Whether a kernel without HW_TAGS of its own stands for one that tags user memory. */
const tagsUserMemory = ({ hwTags, version }: Pick<RecordingKernel, 'hwTags' | 'version'>): boolean =>
  !hwTags && !isAtLeast(version, USER_UNTAGGED_SINCE);

/** Whether user memory keeps the tags that it was allocated with when it is freed. */
export const keepsUserTags = (policy: Policy, kernel: Pick<RecordingKernel, 'hwTags' | 'version'>): boolean =>
  policy.name === AS_RECORDED.name && tagsUserMemory(kernel) && isAtLeast(kernel.version, USER_UNPOISONED_SINCE);

/** Whether a kernel of this version has the series, if nobody changed it. */
export const hasSeries = (version: KernelVersion): boolean => isAtLeast(version, SERIES_SINCE);

/** The kernel that recorded a trace, as far as it decides what is tagged. */
export interface RecordingKernel {
  readonly version: KernelVersion;
  readonly versionFrom: VersionSource;
  /** It has KASAN HW_TAGS, and its own gfp flags are in the trace. */
  readonly hwTags: boolean;
  /** It leaves kernel stacks and page tables untagged, or would with HW_TAGS. */
  readonly series: boolean;
  /** What that follows from: masks in the trace, or the version. */
  readonly seriesFrom: 'flags' | 'version';
}

/**
 * The default: what the recording kernel does. It stands for another policy with each trace, see `asRecorded`; without a
 * trace it means nothing.
 */
export const AS_RECORDED: Policy = {
  name: 'as-recorded',
  description:
    'What the kernel that recorded the trace does. Where it has KASAN HW_TAGS, its own gfp flags say what is tagged; any other kernel is taken as it would be with HW_TAGS on: one without the series tags kernel stacks and page tables, one with it does not. A report says which of these it was, and why.',
  source: 'the gfp flags in the trace, or the version of the kernel that recorded it',
  rules: [],
  otherwise: 'kernel',
};

/**
 * What `as-recorded` stands for with a trace. Any other policy is what it is.
 *
 * @param kernelOf asked only where it is wanted
 */
export const resolvePolicy = (policy: Policy, kernelOf: () => RecordingKernel): Policy =>
  policy === AS_RECORDED ? asRecorded(kernelOf()) : policy;

function asRecorded(kernel: RecordingKernel): Policy {
  const rules = kernel.series ? SERIES_RULES : BEFORE_SERIES_RULES;
  return {
    ...AS_RECORDED,
    // Its own flags say more than the rules for the series: whether it is there in part, and what else passes them.
    rules: kernel.hwTags && kernel.series ? [] : tagsUserMemory(kernel) ? [...rules, TAG_USER_MEMORY] : rules,
    basis: basisOf(kernel),
    description: `${FLAGS[kernel.hwTags ? 'own' : 'as-if']} ${seriesSentence(kernel)}${userSentence(kernel)}`,
  };
}

const TAG_USER_MEMORY: PolicyRule = { match: { class: USER_MEMORY }, action: 'tag' };

function userSentence(kernel: RecordingKernel): string {
  if (!tagsUserMemory(kernel)) return '';
  const atFree = isAtLeast(kernel.version, USER_UNPOISONED_SINCE)
    ? 'and keeps its tags when it is freed'
    : 'and poisoned when it is freed';
  return ` User memory is tagged when it is allocated ${atFree}: it is left alone since Linux ${versionText(USER_UNTAGGED_SINCE)}.`;
}

const FLAGS = {
  own: 'What the recording kernel does: it has KASAN HW_TAGS, and its own gfp flags say what is tagged.',
  'as-if': 'What the recording kernel would do if it had KASAN HW_TAGS on, of which the trace shows no sign.',
};

/** The same in a few words, for a headline. */
function basisOf({ hwTags, series, version, versionFrom, seriesFrom }: RecordingKernel): string {
  if (hwTags && seriesFrom === 'flags') return `own flags, ${series ? 'with' : 'without'} the series`;
  if (hwTags) return 'own flags';
  return versionFrom === 'assumed'
    ? `kernel not known, ${versionText(version)} assumed`
    : `as Linux ${versionText(version)} with HW_TAGS`;
}

function seriesSentence({ series, seriesFrom, version, versionFrom }: RecordingKernel): string {
  const does = series
    ? 'Kernel stacks and page tables are left untagged, as by the series "KASAN: HW_TAGS: Disable tagging for stack and page-tables"'
    : 'Kernel stacks and page tables are tagged: it is without the series "KASAN: HW_TAGS: Disable tagging for stack and page-tables"';
  return `${does}; ${because()}.`;

  function because(): string {
    if (seriesFrom === 'flags')
      return series ? 'their masks have __GFP_SKIP_KASAN' : 'the masks of page tables lack __GFP_SKIP_KASAN';
    const since = `Linux ${versionText(SERIES_SINCE)} has it`;
    if (versionFrom === 'assumed')
      return `the trace does not tell the version, and ${versionText(version)} is assumed, since ${since}: give --kernel, or --policy before-series`;
    if (isAtLeast(version, NOT_SURELY_BEFORE) && !series)
      return `whether ${versionText(version)} has it is not known here, ${since}: --policy series if it does`;
    return series ? since : `${versionText(version)} is older, ${since}`;
  }
}
