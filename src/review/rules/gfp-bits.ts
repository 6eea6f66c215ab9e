import type { NamedValue } from '../../c-source/definitions.ts';
import type { Piece } from '../pieces.ts';
import { atAdded } from '../places.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { knownAfter } from '../vmalloc.ts';

const SHIFT = '__GFP_BITS_SHIFT';

/** Files that define bits: since 6.0 the second. */
const FILES = ['include/linux/gfp.h', 'include/linux/gfp_types.h'] as const;

/** The bit of `#define ___GFP_X 0x1000000u`; undefined for what is no bit. */
function bitOf({ name, body }: NamedValue): number | undefined {
  const [value] = body;
  if (!/^___GFP_[A-Z0-9_]+$/.test(name) || body.length !== 1 || value?.kind !== 'number') return undefined;
  const bits = Number.parseInt(value.text.replace(/[uUlL]+$/, ''), value.text.startsWith('0x') ? 16 : 10);
  return bits > 0 && Number.isInteger(Math.log2(bits)) ? Math.log2(bits) : undefined;
}

/** How many bits `__GFP_BITS_SHIFT` makes room for at least: the number in it, without what options add. */
function roomIn(pieces: readonly Piece[]): { readonly bits: number; readonly changed: boolean } | undefined {
  for (const piece of pieces) {
    const macro = piece.macros.find(({ name }) => name === SHIFT);
    const number = macro?.body.find(({ kind }) => kind === 'number');
    if (macro === undefined || number === undefined) continue;
    return { bits: Number(number.text), changed: piece.patchOf(macro.line) !== undefined };
  }
  return undefined;
}

export const gfpBits: Rule = {
  id: 'gfp-bits',
  about: 'A new gfp bit has no room in __GFP_BITS_SHIFT.',
  follows: 'crash',
  ask(series) {
    const findings: Finding[] = [];
    for (const path of FILES) {
      const after = knownAfter(series, path);
      const room = roomIn(after);
      const before = series.files.find((file) => file.path === path)?.before ?? [];
      const old = before.flatMap(({ macros }) => macros.map(bitOf)).filter((bit) => bit !== undefined);
      for (const piece of after) {
        for (const macro of piece.macros) {
          const bit = bitOf(macro);
          const where = bit === undefined ? undefined : atAdded(piece, macro.line);
          if (bit === undefined || where === undefined) continue;
          // Where the shift is not shown, it is not changed, and had room for the bits that there were.
          const bits = room?.bits ?? (old.length === 0 ? undefined : Math.max(...old) + 1);
          if (bits === undefined || bit < bits) continue;
          findings.push({
            ...where,
            text: `Bit ${bit} is used, but ${SHIFT} is ${bits}${room === undefined ? ', as far as the bits before tell' : ''}. Should it grow?`,
            evidence: [
              inSource(
                `${path}: ${macro.name} is bit ${bit}; ${SHIFT} ${room === undefined ? 'is not changed by the series' : `is ${bits}`}`,
              ),
            ],
            modes: [],
            about: macro.name,
          });
        }
      }
    }
    return findings;
  },
};
