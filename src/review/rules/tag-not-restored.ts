import { textOf } from '../../c-source/statements.ts';
import { atAdded } from '../places.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';

/** Where a page tag stays reset on purpose. */
const MEANT = (path: string, name: string | undefined): boolean =>
  path.startsWith('arch/arm64/') ||
  path === 'mm/cma.c' ||
  path.startsWith('mm/slub') ||
  path === 'mm/slab_common.c' ||
  name === 'post_alloc_hook';

export const tagNotRestored: Rule = {
  id: 'tag-not-restored',
  about: 'A page tag is reset and not set again before the page is used.',
  follows: 'detection',
  ask(series) {
    const findings: Finding[] = [];
    for (const piece of series.files.flatMap(({ after }) => after)) {
      const { calls } = piece.statements;
      calls.forEach((reset, index) => {
        if (reset.callee !== 'page_kasan_tag_reset' || MEANT(piece.path, reset.function)) return;
        const where = atAdded(piece, reset.line);
        const page = textOf(reset.arguments[0] ?? []);
        if (where === undefined || page === '') return;
        const later = calls.slice(index + 1).filter((call) => call.function === reset.function);
        if (later.some(({ callee }) => callee === 'page_kasan_tag_set')) return;
        const use = later.find((call) => call.arguments.some((argument) => textOf(argument) === page));
        if (use === undefined) return;
        findings.push({
          ...where,
          text: `The page tag is reset here and not set again before ${use.callee}(${page}). Is that meant?`,
          evidence: [
            inSource(
              `${piece.path}:${use.line}: ${use.callee}() uses the page; no page_kasan_tag_set() follows in ${reset.function ?? 'this function'}`,
            ),
          ],
          modes: [],
          about: page,
        });
      });
    }
    return findings;
  },
};
