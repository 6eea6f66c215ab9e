import type { DiffResult } from '../result/result.ts';
import { diffCsv } from './csv/diff-csv.ts';
import { renderDiff } from './diff-text.ts';
import { diffMarkdown } from './markdown/diff-markdown.ts';
import { diffHtml } from './html/diff-html.ts';
import { lostOfSides, type LostOfSides } from './losses-text.ts';
import { profileWriters } from './profile-writers.ts';
import { diffTitle, isOneTrace, sideNames } from './side-names.ts';
import { weightedStacks } from './stacks/weighted-stacks.ts';
import { diffSvg } from './svg/diff-svg.ts';
import { textAndJson, type Writers } from './writers.ts';

/** The forms that a difference can be written in. */
export const DIFF_WRITERS: Writers<DiffResult> = {
  ...textAndJson(renderDiff),
  markdown: { takes: 'each', write: (result, { text }) => diffMarkdown(result, text) },
  csv: { takes: 'one', write: (result, { text }) => diffCsv(result, text.by === 'class' ? 'class' : 'site') },
  html: { takes: 'one', write: diffHtml },
  svg: { takes: 'one', write: diffSvg },
  ...profileWriters((result, by) => {
    const names = sideNames(result);
    return {
      title: diffTitle(result),
      stacks: [weightedStacks(names.from, result.from, by), weightedStacks(names.to, result.to, by)],
      ...(result.to.source.timeUnit === 'ticks' ? {} : { seconds: result.to.source.seconds }),
      lost: lostOfDiff(result),
      provenance: result.to.provenance,
    };
  }),
};

/** What either trace lost. */
export function lostOfDiff(result: DiffResult): LostOfSides {
  const { from, to } = result;
  if (isOneTrace(result)) return lostOfSides([{ name: '', losses: to.losses }]);
  const names = sideNames(result);
  return lostOfSides([
    { name: names.from, losses: from.losses },
    { name: names.to, losses: to.losses },
  ]);
}
