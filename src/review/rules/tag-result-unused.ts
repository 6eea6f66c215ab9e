import type { Call } from '../../c-source/statements.ts';
import type { Piece } from '../pieces.ts';
import { atAdded } from '../places.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';

/** Functions whose result is the pointer with its new tag, and which leave the one that they are given as it is. */
const RETURN_TAGGED = new Set([
  'arch_kasan_set_tag',
  '__tag_set',
  'set_tag',
  'kasan_reset_tag',
  'arch_kasan_reset_tag',
  'kasan_unpoison_vmalloc',
  '__kasan_unpoison_vmalloc',
  'kasan_slab_alloc',
  '__kasan_slab_alloc',
  'kasan_kmalloc',
  '__kasan_kmalloc',
  'kasan_kmalloc_large',
  '__kasan_kmalloc_large',
  'kasan_krealloc',
  '__kasan_krealloc',
  'kasan_init_slab_obj',
  '__kasan_init_slab_obj',
  'kasan_tag_ptr',
]);

/** Whether a call is the value of a `({ … })`: the last statement of its macro. */
const isMacroValue = (piece: Piece, name: string | undefined, line: number): boolean =>
  piece.macros.some(
    (macro) =>
      macro.name === name &&
      macro.body
        .slice(-2)
        .map(({ text }) => text)
        .join('') === '})' &&
      line >= (macro.body.at(-3)?.line ?? 0),
  );

/** A part of the area grows: the memory takes the tag that the pointer has (mm/kasan/hw_tags.c:__kasan_unpoison_vmalloc, 6.12). */
const keepsTag = ({ arguments: given }: Call): boolean =>
  given.some((tokens) => tokens.some(({ text }) => text === 'KASAN_VMALLOC_KEEP_TAG'));

export const tagResultUnused: Rule = {
  id: 'tag-result-unused',
  about: 'A function returns the pointer with its new tag, and the result is not used.',
  follows: 'crash',
  ask(series) {
    const findings: Finding[] = [];
    for (const piece of series.files.flatMap(({ after }) => after)) {
      for (const call of piece.statements.calls) {
        if (!call.alone || !RETURN_TAGGED.has(call.callee) || keepsTag(call)) continue;
        if (isMacroValue(piece, call.function, call.line)) continue;
        const where = atAdded(piece, call.line);
        if (where === undefined) continue;
        findings.push({
          ...where,
          text: `${call.callee}() returns the pointer with its new tag; the result is not used. Is the old pointer meant?`,
          evidence: [inSource(`${piece.path}:${call.line}: the call is a statement of its own`)],
          modes: [],
          about: call.callee,
        });
      }
    }
    return findings;
  },
};
