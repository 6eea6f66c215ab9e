import type { AppliedSeries } from '../series/apply-series.ts';
import { pathOf } from '../series/file-diff.ts';
import type { Patch } from '../series/series.ts';
import type { Where } from './places.ts';

/** A line of a patch: the index of its diff, of the hunk in it, and of the line in that. */
export interface HunkPlace {
  readonly diff: number;
  readonly hunk: number;
  readonly line: number;
}

/**
 * The line of its patch that a question stands at: the one that ends up where the question is, an added one before others.
 * Null where no hunk of the patch shows it.
 */
export function hunkPlace({ file, line }: Where, patch: Patch | undefined, applied: AppliedSeries): HunkPlace | null {
  let shown: HunkPlace | null = null;
  for (const [diff, one] of (patch?.files ?? []).entries()) {
    if (pathOf(one) !== file) continue;
    for (const [hunk, { lines }] of one.hunks.entries()) {
      for (const [index, of] of lines.entries()) {
        const place = applied.placeOf(of);
        if (place?.path !== file || place.line !== line) continue;
        const found = { diff, hunk, line: index };
        if (of.type === 'add') return found;
        shown ??= found;
      }
    }
  }
  return shown;
}
