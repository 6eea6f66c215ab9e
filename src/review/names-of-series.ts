import type { NamedValue } from '../c-source/definitions.ts';
import { namesFlags, type MaskNamesOf } from './flag-changes.ts';
import { ALLOW_LISTS, KNOWN_MASKS, maskNames, type Base } from './kernel-facts.ts';
import { maskOf, maskOfFlags, type MaskNames, type MaskValue } from './mask.ts';
import type { FilePieces, Piece } from './pieces.ts';
import { hwTagsReaches } from './truth.ts';

const isSingleFlag = (name: string): boolean => /^__GFP_[A-Z0-9_]+$/.test(name);

/** The object-like macros of pieces, the first of each name that a HW_TAGS kernel can have. */
function definitionsIn(pieces: readonly Piece[]): ReadonlyMap<string, NamedValue> {
  const found = new Map<string, NamedValue>();
  for (const piece of pieces)
    for (const macro of piece.macros)
      if (macro.parameters === undefined && !found.has(macro.name) && hwTagsReaches(piece.configurationsAt(macro.line)))
        found.set(macro.name, macro);
  return found;
}

/** What names mean where some are defined by what is shown, and the rest is known of the kernel. */
function namesBy(definitions: ReadonlyMap<string, NamedValue>, known: MaskNames): MaskNames {
  const values = new Map<string, MaskValue | undefined>();
  const names: MaskNames = {
    valueOf(name) {
      if (values.has(name)) return values.get(name);
      // A name that is defined by itself, in a circle, means nothing.
      values.set(name, undefined);
      const value = meaning(name);
      values.set(name, value);
      return value;
    },
  };
  const meaning = (name: string): MaskValue | undefined => {
    const macro = definitions.get(name);
    const shown = macro === undefined || !namesFlags(macro.body) ? undefined : maskOf(macro.body, names);
    // `((__force gfp_t)___GFP_X)` says which bit a flag is, not what it is made of.
    if (shown !== undefined && shown.flags.size > 0 && shown.rest.size === 0) return shown;
    return known.valueOf(name) ?? (isSingleFlag(name) ? maskOfFlags([name]) : undefined);
  };
  return names;
}

/** What the names of masks mean before and after a series. */
export const namesOfSeries = (files: readonly FilePieces[], base: Base): MaskNamesOf => {
  const known = maskNames(base);
  const before = definitionsIn(files.flatMap((file) => file.before));
  const after = definitionsIn(files.flatMap((file) => file.after));
  return { before: namesBy(before, known), after: namesBy(new Map([...before, ...after]), known) };
};

/** Whether code in a function of vmalloc asks its caller's mask for the flag that keeps memory untagged. */
const vmallocAsks = (pieces: readonly Piece[]): boolean =>
  pieces.some(({ scanned: { tokens }, functionOf }) =>
    tokens.some(
      ({ text, line }, index) =>
        text === '__GFP_SKIP_KASAN' &&
        tokens[index - 1]?.text === '&' &&
        functionOf(line)?.startsWith('__vmalloc_node_range') === true,
    ),
  );

/**
 * Whether the files before the series show a kernel that has the series of 2026; undefined where they do not tell, because
 * they have none of what that series changed.
 */
export function shownBase(files: readonly FilePieces[]): Base | undefined {
  const before = files.flatMap((file) => file.before);
  const definitions = definitionsIn(before);
  const names = namesBy(definitions, maskNames('before-series'));
  const flags = [
    ...KNOWN_MASKS.map(({ name, addedBySeries }) => ({ name, added: addedBySeries })),
    ...ALLOW_LISTS.map(({ name, lacks }) => ({ name, added: lacks })),
  ];
  for (const { name, added } of flags) {
    const definition = definitions.get(name);
    if (definition === undefined || added.length === 0) continue;
    const has = maskOf(definition.body, names).flags;
    return added.every((flag) => has.has(flag)) ? 'with-series' : 'before-series';
  }
  if (vmallocAsks(before)) return 'with-series';
  // That it is asked for now, and was not, is what the series did.
  return vmallocAsks(files.flatMap((file) => file.after)) ? 'before-series' : undefined;
}
