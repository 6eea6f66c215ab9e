import type { GfpContext } from './context.ts';
import { NO_GFP, gfpUnion } from './flags.ts';
import type { Gfp } from './flags.ts';
import type { GfpNumbering } from './numbering.ts';

/** What a recorded gfp mask says. */
export interface GfpParse {
  readonly flags: Gfp;
  /**
   * Distinct words that are neither a known name nor a 32-bit number, at most `MAX_UNKNOWN_NAMES`, each cut to
   * `MAX_UNKNOWN_NAME_LENGTH` UTF-16 units: the text may come from a damaged or hostile file.
   */
  readonly unknownNames: readonly string[];
  /** Recorded bits (unsigned 32-bit, in the recording kernel's numbering) that have no meaning there. */
  readonly unknownBits: number;
}

export const MAX_UNKNOWN_NAMES = 32;
export const MAX_UNKNOWN_NAME_LENGTH = 64;

const HEX = /^0x0*([0-9a-f]{1,8})$/i;
const DECIMAL = /^[0-9]{1,10}$/;
// What tracing tools print for a mask of 0: "none" the kernel, "(null)" a printer without a name for it.
const NOTHING = new Set(['', 'none', '(null)']);

const isMask = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;

/**
 * Decodes a recorded number. gfp_t has 32 bits: anything but an unsigned 32-bit integer is not a mask, decodes to no
 * flags and is kept as an unknown name. Never throws.
 */
export function decodeGfpNumber(value: number, numbering: GfpNumbering): GfpParse {
  if (!isMask(value)) return { flags: NO_GFP, unknownNames: [String(value)], unknownBits: 0 };
  let flags = NO_GFP;
  let unknownBits = 0;
  numbering.bits.forEach((flag, bit) => {
    const mask = 2 ** bit;
    // A plain `&` is exact here too (both sides wrap to int32 in the same way), and >>> 0 gives bit 31 back unsigned.
    if ((value & mask) === 0) return;
    if (flag === 0) unknownBits = (unknownBits | mask) >>> 0;
    else flags = gfpUnion(flags, flag);
  });
  return { flags, unknownNames: [], unknownBits };
}

const numberOf = (word: string): number | undefined => {
  const hex = HEX.exec(word);
  if (hex !== null) return Number.parseInt(hex[1], 16);
  if (!DECIMAL.test(word)) return undefined;
  const value = Number(word);
  return isMask(value) ? value : undefined;
};

/**
 * Reads the text of a gfp mask as kernels and tools print it: names and numbers joined by `|`, or one number, or a word
 * for nothing. Numbers are in the numbering of the context. Linear in the length of the text; never throws. Traces have
 * few distinct masks and many lines, so callers should keep the result by text.
 */
export function parseGfpNames(text: string, context: GfpContext): GfpParse {
  let flags = NO_GFP;
  let unknownBits = 0;
  const unknownNames = new Set<string>();
  // Not split(): the text may be one huge line of a damaged file.
  for (let start = 0; start <= text.length;) {
    const bar = text.indexOf('|', start);
    const end = bar < 0 ? text.length : bar;
    const word = text.slice(start, end).trim();
    start = end + 1;
    if (NOTHING.has(word)) continue;
    const named = context.meaning.get(word);
    if (named !== undefined) {
      flags = gfpUnion(flags, named);
      continue;
    }
    const value = numberOf(word);
    if (value !== undefined) {
      const decoded = decodeGfpNumber(value, context.numbering);
      flags = gfpUnion(flags, decoded.flags);
      unknownBits = (unknownBits | decoded.unknownBits) >>> 0;
    } else if (unknownNames.size < MAX_UNKNOWN_NAMES) {
      unknownNames.add(word.slice(0, MAX_UNKNOWN_NAME_LENGTH));
    }
  }
  return { flags, unknownNames: [...unknownNames], unknownBits };
}
