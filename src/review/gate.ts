import type { Hunk } from '../series/file-diff.ts';
import type { Patch } from '../series/series.ts';

/**
 * What only code about memory tagging names. Measured on 639 patches of an unrelated list: none has one of these on a line
 * that it changes.
 */
const GATE = [
  /kasan|\b_{0,3}asan_/i,
  /\b_{0,3}GFP_(?:SKIP_(?:KASAN|ZERO|TAG)\w*|ZEROTAGS|UNTAGGED|TAGGED)\b/,
  /\b(?:mte|MTE)_|\bARM64_MTE\b|\bVM_MTE\w*\b|\bPROT_MTE\b|\bPROT_NORMAL_TAGGED\b|_mte\b/,
  /\b(?:arch_)?(?:set|get|reset)_(?:mem_)?tag(?:_range)?\b|\bpage_kasan_tag\w*|\btag_clear_highpages?\b/,
  /\bsystem_supports_mte\b|\bpage_mte_tagged\b|\bpgprot_tagged\b/,
];

/** Whether one line of code or text is about memory tagging. */
const speaksOfTags = (line: string): boolean => GATE.some((pattern) => pattern.test(line.slice(0, 4000)));

/** What decides whether the lines around it are built. */
const CONDITIONAL = /^\s*#\s*(?:if|ifdef|ifndef|elif|else|endif)\b/;

const isHunkAboutTagging = ({ lines }: Hunk): boolean => {
  const changed = lines.filter(({ type }) => type !== 'context');
  return (
    changed.some(({ text }) => speaksOfTags(text)) ||
    (changed.some(({ text }) => CONDITIONAL.test(text)) && lines.some(({ text }) => speaksOfTags(text)))
  );
};

/**
 * Whether a patch is about memory tagging: a line that it adds or removes names something of it, or is an `#if` around a line
 * that does.
 */
export const isAboutTagging = ({ files }: Pick<Patch, 'files'>): boolean =>
  files.some(({ hunks }) => hunks.some(isHunkAboutTagging));
