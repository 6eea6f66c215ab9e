import { atAdded } from '../places.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { isTagFlag } from '../tag-flags.ts';

/** "skips poisoning", "skip KASAN poison", and not "unpoisoning". */
const SKIPS_POISONING = /\bskip(?:s|ped|ping)?\s+(?:\w+\s+){0,3}?poison(?:ing|s|ed)?\b/i;
/** Freeing is where poisoning belongs. */
const AT_FREE = /\bfree(?:s|d|ing)?\b/i;

const flagsIn = (text: string): readonly string[] => text.match(/__GFP_[A-Z_]+/g) ?? [];

export const poisonOrUnpoison: Rule = {
  id: 'poison-or-unpoison',
  about: 'A comment says poisoning where allocation unpoisons.',
  follows: 'text',
  ask(series) {
    const findings: Finding[] = [];
    for (const piece of series.files.flatMap(({ after }) => after)) {
      for (const comment of piece.scanned.comments) {
        const flag = flagsIn(comment.text).find((name) => isTagFlag(name) && !name.includes('POISON'));
        if (flag === undefined) continue;
        for (let line = comment.firstLine; line <= comment.lastLine; line++) {
          const where = atAdded(piece, line);
          const at = line - piece.source.firstLine;
          // A sentence may be broken after any word.
          const text = piece.source.lines
            .slice(at, at + 2)
            .join(' ')
            .replace(/\s\*\s+/g, ' ');
          const found = SKIPS_POISONING.exec(text);
          const startsHere = found !== null && found.index < (piece.source.lines[at] ?? '').length;
          if (where === undefined || !startsHere || AT_FREE.test(text)) continue;
          findings.push({
            ...where,
            text: `Poison or unpoison? At allocation it is unpoisoning that ${flag} skips.`,
            evidence: [
              inSource(
                'mm/page_alloc.c:post_alloc_hook, 7.3: kasan_unpoison_pages() is what the flag skips; freeing decides by the page tag',
              ),
            ],
            modes: [],
            about: flag,
          });
          break;
        }
      }
    }
    return findings;
  },
};
