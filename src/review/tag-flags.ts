import { OLD_SKIP_KASAN_NAME } from '../gfp/print-order.ts';
import { flagsDefined, renamedFlags } from './renamed-flags.ts';
import type { Understood } from './understood.ts';

/** Flags of the kernel that say something of memory tags (include/linux/gfp_types.h, by version: gfp/numbering.ts). */
export const TAG_FLAGS: readonly string[] = [
  '__GFP_SKIP_KASAN',
  OLD_SKIP_KASAN_NAME,
  '__GFP_SKIP_KASAN_POISON',
  '__GFP_SKIP_ZERO',
  '__GFP_ZEROTAGS',
];

/** Flags that keep an allocation from being tagged. */
const SKIP_FLAGS: readonly string[] = ['__GFP_SKIP_KASAN', OLD_SKIP_KASAN_NAME];

/** Names that a flag for the same may have that a series invents; what such a flag does is an assumption. */
const NAMED_SKIP = /^__GFP_(?:SKIP_(?:TAG|KASAN|MTE)\w*|NO_?TAGS?|NO_KASAN|UNTAGGED|UNTAG)$/;

/** Flags that a series defines: it adds a bit or a name for one. Those that it gives another name are none. */
export function newFlags({ files }: Pick<Understood, 'files'>): readonly string[] {
  const before = flagsDefined(files, 'before');
  const renamed = renamedFlags(files);
  return [...flagsDefined(files, 'after')].filter((name) => !before.has(name) && !renamed.has(name));
}

/** The flags that keep memory from being tagged, as far as names tell. */
export const skipFlags = (series: Pick<Understood, 'newFlags'>): readonly string[] => [
  ...SKIP_FLAGS,
  ...series.newFlags.filter((name) => NAMED_SKIP.test(name)),
];

/** Whether a flag is about tags. */
export const isTagFlag = (flag: string): boolean => TAG_FLAGS.includes(flag) || NAMED_SKIP.test(flag);
