import type { GfpContext } from './context.ts';
import { GFP_FLAGS, gfpHasAll, gfpHasAny, gfpWithout } from './flags.ts';
import type { Gfp } from './flags.ts';

/**
 * Text of a mask as the kernel of the context prints it: names in its order, each taking its bits away from the
 * following ones, then the remainder as a hex number in its numbering; `none` for nothing. `unknownBits` (as in
 * `GfpParse`) join that number. Flags that this kernel does not have, which it could not print, are given by name at
 * the end, so that nothing is lost.
 */
export function formatGfp(flags: Gfp, context: GfpContext, unknownBits = 0): string {
  const words: string[] = [];
  let left = flags;
  for (const name of context.printOrder) {
    if (name.flags === 0 || !gfpHasAll(left, name.flags)) continue;
    words.push(name.name);
    left = gfpWithout(left, name.flags);
  }
  let remainder = unknownBits >>> 0;
  context.numbering.bits.forEach((flag, bit) => {
    if (flag === 0 || !gfpHasAny(left, flag)) return;
    remainder = (remainder | (1 << bit)) >>> 0;
    left = gfpWithout(left, flag);
  });
  for (const { name, flag } of GFP_FLAGS) if (gfpHasAny(left, flag)) words.push(name);
  if (remainder !== 0) words.push(`0x${remainder.toString(16)}`);
  return words.length === 0 ? 'none' : words.join('|');
}
