import { bySentence, type ClaimKind, type Judgement } from '../claim.ts';
import { placeText } from '../places.ts';
import { isTagFlag } from '../tag-flags.ts';

const MODES =
  /\b(?:HW_TAGS|HW tags|hardware tag\w*|MTE)\b.{0,30}\bonly\b|\bonly\b.{0,40}\b(?:HW_TAGS|HW tags|hardware tag)|\b(?:no (?:functional )?change|unchanged|unaffected|not affected|no effect|no[- ]op)\b.{0,60}\b(?:generic|SW_TAGS|software|other (?:KASAN )?modes?|!?CONFIG_KASAN)|\b(?:generic|SW_TAGS|software (?:KASAN|modes?)|other (?:KASAN )?modes?)\b.{0,60}\b(?:unchanged|unaffected|(?:not|n't) (?:affected|changed)|no change|as before)/i;

/** Software modes have none of the flags, so that masks say the same there; hooks and conditions are what may differ. */
export const otherModesUnchanged: ClaimKind = {
  kind: 'other-modes-unchanged',
  about: 'Generic and SW_TAGS behave as before.',
  claimsIn: bySentence(MODES, (_, context) => {
    const asked = [
      ...context.findings('mode-condition'),
      ...context.findings('generic-too'),
      ...context.findings('hook-removed'),
    ].find(({ modes }) => modes.length === 0 || modes.some((mode) => mode !== 'hw-tags'));
    if (asked !== undefined)
      return {
        verdict: 'refuted',
        is: `${placeText(asked)}, line ${asked.line}: ${asked.text.replace(/ Is that meant\?$/, '')}`,
      };
    const other = context.series.changes.find(
      ({ gained, lost, from }) => from !== undefined && [...gained, ...lost].some((flag) => !isTagFlag(flag)),
    );
    if (other !== undefined)
      return {
        verdict: 'refuted',
        is: `${placeText(other)}, line ${other.line}: ${[...other.gained, ...other.lost].filter((flag) => !isTagFlag(flag)).join(', ')} changes in every build.`,
      };
    return {
      verdict: 'confirmed',
      is: 'The flags that change are 0 without CONFIG_KASAN_HW_TAGS, and no hook gets a condition that is false in a software mode.',
    };
  }),
};

const ZEROED =
  /\b(?:still|always|remains?|continues? to be|are|is)\b.{0,20}\bzero(?:ed|ing)\b|\bzeroing\b.{0,40}\b(?:kept|preserved|unchanged|unaffected|as before)/i;

export const zeroedAsBefore: ClaimKind = {
  kind: 'zeroed-as-before',
  about: 'Memory is zeroed as before.',
  claimsIn: bySentence(ZEROED, (_, context): Judgement => {
    const [lost] = [...context.findings('zeroing-lost'), ...context.findings('zerotags-alone')];
    if (lost !== undefined) return { verdict: 'refuted', is: `${placeText(lost)}, line ${lost.line}: ${lost.text}` };
    const gone = context.series.changes.find(({ lost: flags }) => flags.includes('__GFP_ZERO'));
    if (gone !== undefined)
      return { verdict: 'refuted', is: `${placeText(gone)}, line ${gone.line} loses __GFP_ZERO.` };
    return {
      verdict: 'confirmed',
      is: 'No mask loses __GFP_ZERO, and none gains __GFP_SKIP_ZERO where the hook that zeroes is skipped (mm/page_alloc.c:post_alloc_hook zeroes then).',
    };
  }),
};

const NOT_TAGGED =
  /\b(?:no longer|not|n't|never)\b.{0,20}\btagged(?: any ?more| at all)?\b|\bskip(?:s|ped|ping)? (?:the )?(?:KASAN |HW_TAGS |MTE )?tagging\b/i;

export const notTaggedAnyMore: ClaimKind = {
  kind: 'not-tagged-any-more',
  about: 'An allocation is not tagged any more.',
  claimsIn: bySentence(NOT_TAGGED, (_, context): Judgement | undefined => {
    const { skippedClasses, skippedSites } = context.series;
    if (skippedClasses.length + skippedSites.length === 0) return undefined;
    const [dropped] = context.findings('flag-has-no-effect');
    if (dropped !== undefined && skippedClasses.length === 0)
      return { verdict: 'refuted', is: `${placeText(dropped)}, line ${dropped.line}: ${dropped.text}` };
    const what = [...skippedClasses, ...skippedSites].join(', ');
    return {
      verdict: 'confirmed',
      is: `The masks of ${what} pass the flag${dropped === undefined ? '' : `, except where slab serves them (${dropped.evidence[0]?.text ?? ''})`}.`,
    };
  }),
};

const ALL_USERS =
  /(?<!match-|not )\b(?:all|every|each)\s+(?:of\s+)?(?:(?!(?:to|of|in|from|by|on|for|such|as|are|is)\s)[\w-]{1,30}\s+){0,2}(?:users?|callers?|stacks?|page[- ]tables?)\b/i;

export const allUsersCovered: ClaimKind = {
  kind: 'all-users-covered',
  about: 'Every user of a mask, or all memory of a kind, is covered.',
  claimsIn: bySentence(ALL_USERS, (_, context): Judgement | undefined => {
    if (context.series.skippedClasses.length === 0) return undefined;
    const left = [...context.findings('mask-users'), ...context.findings('twin-left-out')];
    const [one] = left;
    return one === undefined
      ? {
          verdict: 'confirmed',
          is: 'No user of the masks that change is left out, as far as the program knows the kernel.',
        }
      : { verdict: 'refuted', is: one.evidence.map(({ text }) => text).join('; ') };
  }),
};

const BOTH_ENDS = /\b(?:at|on|during|both)\b.{0,12}\balloc\w*\b.{0,12}\band\b.{0,12}\b(?:free\w*|dealloc\w*)\b/i;

export const atAllocAndFree: ClaimKind = {
  kind: 'at-alloc-and-free',
  about: 'Work goes away at allocation and at free.',
  claimsIn: bySentence(BOTH_ENDS, (_, { series }): Judgement | undefined => {
    if (series.skippedClasses.length === 0) return undefined;
    return {
      verdict: 'confirmed',
      is: `${series.skippedClasses.join(' and ')}: no tag is written at allocation, and a page whose page tag is match-all is not poisoned at free (mm/page_alloc.c:should_skip_kasan_poison).`,
    };
  }),
};

const NO_CHANGE = /\bno functional changes?\b/i;

/** "No functional change for …", "… on x86", "… unless …": not of all that the patch does. */
const RESTRICTED = /\bno functional changes?\b(?: \w+){0,2} (?:for|on|with|without|when|if|unless|except|in|to)\b/i;

export const noFunctionalChange: ClaimKind = {
  kind: 'no-functional-change',
  about: 'A patch changes nothing that the kernel does.',
  claimsIn: bySentence(NO_CHANGE, (sentence, context): Judgement | undefined => {
    // "… for generic KASAN" is another claim.
    if (MODES.test(sentence) || RESTRICTED.test(sentence)) return undefined;
    const patch = context.patch;
    const change = context.series.changes.find((one) => (patch === 0 || one.patch === patch) && one.from !== undefined);
    if (change !== undefined)
      return {
        verdict: 'refuted',
        is: `${placeText(change)}, line ${change.line}: ${change.name} ${change.gained.length > 0 ? `gains ${change.gained.join(', ')}` : `loses ${change.lost.join(', ')}`}.`,
      };
    const hook = [
      ...context.findings('hook-removed'),
      ...context.findings('hook-order'),
      ...context.findings('mode-condition'),
    ].find((one) => patch === 0 || one.patch === patch);
    if (hook !== undefined) return { verdict: 'refuted', is: `${placeText(hook)}, line ${hook.line}: ${hook.text}` };
    return {
      verdict: 'confirmed',
      is: 'As far as tags go: no mask changes its value, and the hooks are called in the same order under the same conditions.',
    };
  }),
};
