import type { NamedValue } from '../c-source/definitions.ts';
import { namesFlags, type MaskNamesOf } from './flag-changes.ts';
import { ALLOW_LISTS, KNOWN_MASKS, maskNames, type Base } from './kernel-facts.ts';
import { maskOf, maskOfFlags, type MaskNames, type MaskValue } from './mask.ts';
import { isCut, type FilePieces, type Piece } from './pieces.ts';
import { renamedFlags } from './renamed-flags.ts';
import { hwTagsReaches } from './truth.ts';

const isSingleFlag = (name: string): boolean => /^__GFP_[A-Z0-9_]+$/.test(name);

/** A macro; what a hunk cuts off of it is not in its body. */
interface Definition extends NamedValue {
  readonly isCut: boolean;
}

/** The object-like macros of pieces, the first of each name that a HW_TAGS kernel can have. */
function definitionsIn(pieces: readonly Piece[]): ReadonlyMap<string, Definition> {
  const found = new Map<string, Definition>();
  for (const piece of pieces)
    for (const macro of piece.macros)
      if (macro.parameters === undefined && !found.has(macro.name) && hwTagsReaches(piece.configurationsAt(macro.line)))
        found.set(macro.name, { ...macro, isCut: isCut(piece, macro) });
  return found;
}

/** What names mean where some are defined by what is shown, and the rest is known of the kernel. */
function namesBy(
  definitions: ReadonlyMap<string, Definition>,
  known: MaskNames,
  renamed: ReadonlyMap<string, string> = new Map(),
): MaskNames {
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
    // Masks are compared by value: a flag is what it was under its old name.
    const old = renamed.get(name);
    if (old !== undefined) return names.valueOf(old);
    const macro = definitions.get(name);
    const shown = macro === undefined || !namesFlags(macro.body) ? undefined : maskOf(macro.body, names);
    // `((__force gfp_t)___GFP_X)` says which bit a flag is, not what it is made of.
    if (shown !== undefined && shown.flags.size > 0 && shown.rest.size === 0) {
      const rest = macro?.isCut === true ? known.valueOf(name) : undefined;
      return rest === undefined ? shown : { ...shown, flags: new Set([...shown.flags, ...rest.flags]) };
    }
    return known.valueOf(name) ?? (isSingleFlag(name) ? maskOfFlags([name]) : undefined);
  };
  return names;
}

/** What the names of masks mean before and after a series. */
export const namesOfSeries = (files: readonly FilePieces[], base: Base): MaskNamesOf => {
  const known = maskNames(base);
  const before = definitionsIn(files.flatMap((file) => file.before));
  const after = definitionsIn(files.flatMap((file) => file.after));
  return { before: namesBy(before, known), after: namesBy(new Map([...before, ...after]), known, renamedFlags(files)) };
};

/** A hunk without a heading does not tell its function; in vmalloc's file nothing else asks for the flag. */
const isInVmallocRange = (name: string | undefined, path: string): boolean =>
  name === undefined ? path === 'mm/vmalloc.c' : name.startsWith('__vmalloc_node_range');

/** Whether code in a function of vmalloc asks its caller's mask for the flag that keeps memory untagged. */
const vmallocAsks = (pieces: readonly Piece[]): boolean =>
  pieces.some(({ path, scanned: { tokens }, functionOf }) =>
    tokens.some(
      ({ text, line }, index) =>
        text === '__GFP_SKIP_KASAN' && tokens[index - 1]?.text === '&' && isInVmallocRange(functionOf(line), path),
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
    if (definition === undefined || definition.isCut || added.length === 0) continue;
    const has = maskOf(definition.body, names).flags;
    return added.every((flag) => has.has(flag)) ? 'with-series' : 'before-series';
  }
  if (vmallocAsks(before)) return 'with-series';
  // That it is asked for now, and was not, is what the series did.
  return vmallocAsks(files.flatMap((file) => file.after)) ? 'before-series' : undefined;
}
