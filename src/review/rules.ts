import { allowList } from './rules/allow-list.ts';
import { commentStale } from './rules/comment-stale.ts';
import { detectionLost } from './rules/detection-lost.ts';
import { flagHasNoEffect } from './rules/flag-has-no-effect.ts';
import { flagNames } from './rules/flag-names.ts';
import { flagReachesMetadata } from './rules/flag-reaches-metadata.ts';
import { flagUnread } from './rules/flag-unread.ts';
import { genericToo } from './rules/generic-too.ts';
import { gfpBits } from './rules/gfp-bits.ts';
import { hookOrder } from './rules/hook-order.ts';
import { hookRemoved } from './rules/hook-removed.ts';
import { kunitOutcome } from './rules/kunit-outcome.ts';
import { maskUsers } from './rules/mask-users.ts';
import { modeCondition } from './rules/mode-condition.ts';
import { noFigure } from './rules/no-figure.ts';
import { parameterUndocumented } from './rules/parameter-undocumented.ts';
import { poisonOrUnpoison } from './rules/poison-or-unpoison.ts';
import { reuseStillTags } from './rules/reuse-still-tags.ts';
import { tagNotRestored } from './rules/tag-not-restored.ts';
import { tagResultUnused } from './rules/tag-result-unused.ts';
import { twinLeftOut } from './rules/twin-left-out.ts';
import { unannouncedChange } from './rules/unannounced-change.ts';
import { worksOnlyLater } from './rules/works-only-later.ts';
import { zeroingLost } from './rules/zeroing-lost.ts';
import { zerotagsAlone } from './rules/zerotags-alone.ts';
import type { Rule } from './rule.ts';

/** Every rule of review, in the order of docs/review/. */
export const RULES: readonly Rule[] = [
  maskUsers,
  twinLeftOut,
  flagHasNoEffect,
  flagReachesMetadata,
  allowList,
  unannouncedChange,
  modeCondition,
  reuseStillTags,
  hookRemoved,
  hookOrder,
  tagNotRestored,
  tagResultUnused,
  genericToo,
  zeroingLost,
  zerotagsAlone,
  gfpBits,
  flagNames,
  commentStale,
  poisonOrUnpoison,
  parameterUndocumented,
  flagUnread,
  worksOnlyLater,
  noFigure,
  detectionLost,
  kunitOutcome,
];
