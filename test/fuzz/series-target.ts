import { HARD_MAILS, HARDER_MAILS } from '../../src/series/hard-mail.testdata.ts';
import { mailsOf } from '../../src/series/mail-series.testdata.ts';
import { applySeries, type FileState } from '../../src/series/apply-series.ts';
import { compareVersions } from '../../src/series/compare-versions.ts';
import { readSeries } from '../../src/series/read-series.ts';
import { SEED_MERGED, SEED_V1 } from '../../src/series/seed-series.testdata.ts';
import type { Patch } from '../../src/series/series.ts';
import type { FuzzTarget } from './target.ts';

const encoder = new TextEncoder();

function corpus(): Uint8Array[] {
  const [cover, first, second] = mailsOf(SEED_V1);
  const [, , later] = mailsOf(SEED_MERGED);
  const reply =
    'From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: Rob <rob@example.org>\nSubject: Re: [PATCH 1/3] vmalloc\nMessage-ID: <r1@example.org>\nIn-Reply-To: <series-v1-1@example.org>\n\n> diff --git a/a b/a\n>> quoted\n>From here on\nReviewed-by: Rob <rob@example.org>\n';
  const hard = Object.values({ ...HARD_MAILS, ...HARDER_MAILS });
  return [cover + first + reply, first + second + later, later, ...hard].map((text) => encoder.encode(text));
}

function checkPatch({ files }: Patch): void {
  for (const { hunks } of files) {
    for (const { lines, oldStart, oldCount, newStart, newCount } of hunks) {
      const numbersOf = (key: 'oldLine' | 'newLine'): number[] => lines.flatMap((line) => line[key] ?? []);
      const [old, fresh] = [numbersOf('oldLine'), numbersOf('newLine')];
      if (old.length !== oldCount || fresh.length !== newCount)
        throw new Error('a hunk that is not as long as it says');
      if (old.some((line, index) => line !== oldStart + index)) throw new Error('old lines that do not count');
      if (fresh.some((line, index) => line !== newStart + index)) throw new Error('new lines that do not count');
    }
  }
}

function checkState({ fragments, whole }: FileState): void {
  let free = 0;
  for (const { start, lines } of fragments) {
    if (!(start > free) || lines.length === 0) throw new Error('fragments that are not in order');
    // A line that nothing is known of lies between two fragments.
    free = start + lines.length;
  }
  if (whole && fragments.length > 1) throw new Error('a file that is known whole, in pieces');
}

/** Whatever a mailbox holds, its hunks count right, and what is known of the files is in order. */
export const seriesTarget = (): FuzzTarget => ({
  name: 'series',
  corpus: corpus(),
  async run(_chunks, whole) {
    const series = await readSeries([{ name: 'fuzz.mbox', bytes: whole }]);
    if (series.versions.length === 0) throw new Error('a series without a version');
    for (const { patches } of series.versions) {
      if (patches.length === 0) throw new Error('a version without a patch');
      patches.forEach(checkPatch);
      for (const tree of [undefined, { read: (path: string) => SEED_V1.files[path] }]) {
        const applied = applySeries(patches, tree);
        for (const { before, after } of applied.files)
          for (const state of [before, after]) if (state !== undefined) checkState(state);
        for (const line of patches.flatMap(({ files }) =>
          files.flatMap(({ hunks }) => hunks.flatMap(({ lines }) => lines)),
        )) {
          const place = applied.placeOf(line);
          if (place !== undefined && !(place.line >= 1)) throw new Error('a place that is no line');
        }
      }
    }
    compareVersions(series.versions[0], series.versions[series.versions.length - 1]);
  },
});
