import { didTheSame, type BenchResult, type BenchRunResult } from '../../result/bench.ts';
import { diffRows, totalSides } from '../../result/diff.ts';
import { tagSetting } from '../../mte/instruction.ts';
import {
  benchCountsSentence,
  benchEndings,
  benchHeadline,
  benchTimes,
  benchTitle,
  machineSentence,
  publishedSentences,
} from '../bench-text.ts';
import type { DifferenceRow } from '../diff-table.ts';
import { byChange, hasWork } from '../diff-text.ts';
import type { TextOptions } from '../text-options.ts';
import { profileSentence } from '../time-text.ts';
import { topRows } from '../top-rows.ts';
import { classRows, siteRows } from '../work-table.ts';
import { differenceBlocks, remainingBlocks, siteBlocks } from './diff-markdown.ts';
import { heading, howAgain, joinBlocks, paragraph } from './markdown.ts';
import { timesBlocks } from './times-table.ts';
import { classTable, nameTable } from './work-tables.ts';

const instructionsOf = ({ totals }: BenchRunResult): number => tagSetting(totals.instructions);

/** A benchmark on the model as Markdown for a cover letter: 72 columns of ASCII. Ends with a newline. */
export function benchMarkdown(result: BenchResult, { top }: TextOptions): string {
  const { runs, published, provenance } = result;
  const [from, to] = runs;
  return joinBlocks([
    heading(1, `Tag work: ${benchTitle(result)}`),
    paragraph(benchHeadline(result)),
    ...[...result.warnings, ...benchEndings(result)].map((warning) => paragraph(`Warning: ${warning}`)),
    ...(to === undefined ? single(from, top) : compared(from, to, top)),
    ...timesBlocks(benchTimes(result)),
    ...(published === null
      ? []
      : [heading(2, 'Beside the published figures'), ...publishedSentences(result).map((text) => paragraph(text))]),
    ...howAgain(
      [
        `Model: ${machineSentence(result)}`,
        ...(result.cost === null ? [] : [`Profile: ${profileSentence(result.cost)}`]),
        ...runs.map(({ policy }) => `Policy ${policy.name}. ${policy.description}`),
        benchCountsSentence(result),
      ],
      provenance.command,
    ),
  ]);
}

function compared(from: BenchRunResult, to: BenchRunResult, top: number): (readonly string[])[] {
  if (!didTheSame(from, to)) return [];
  const rows = diffRows(from, to);
  const classes = rows.byClass
    .filter(hasWork)
    .toSorted(byChange)
    .map((row): DifferenceRow => ({ ...row, name: row.class }));
  const total: DifferenceRow = { name: 'total', class: '', ...totalSides(from, to) };
  return [
    ...differenceBlocks({ from: from.policy.name, to: to.policy.name }, [...classes, total]),
    ...siteBlocks(rows.bySite, top),
    ...remainingBlocks(to, to.policy.name, top),
  ];
}

function single(run: BenchRunResult, top: number): (readonly string[])[] {
  const total = instructionsOf(run);
  const { shown, note } = topRows(siteRows(run.bySite), top, total, 'call sites');
  return [
    heading(2, 'By allocation class'),
    classTable([...classRows(run.byClass), { name: 'total', class: '', work: run.totals }], total),
    ...(shown.length === 0 ? [] : [heading(2, 'By call site'), nameTable('call site', shown, total), paragraph(note)]),
  ];
}
