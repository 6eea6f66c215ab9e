import type { DiffResult } from '../../result/result.ts';
import { byChange, diffHeadline, hasWork } from '../diff-text.ts';
import { savedInstructions } from '../diff-table.ts';
import { count, percent } from '../number-format.ts';
import { diffTitle, isOneTrace, sideNames } from '../side-names.ts';
import { measureOf } from '../stacks/measures.ts';
import { weightedStacks } from '../stacks/weighted-stacks.ts';
import type { OutputOptions } from '../writers.ts';
import { bars, graphs, legend, line, prose, space, svgDocument, type Bar } from './document.ts';
import { differenceGraphs } from './graphs.ts';
import { CHANGE_STEPS, classStyle } from './palette.ts';
import { notes } from './report-svg.ts';

/** A difference as a drawing: bars by class, before and after, and a flame graph of either side on one scale. */
export function diffSvg(result: DiffResult, { text, weight }: OutputOptions): string {
  const names = sideNames(result);
  const title = diffTitle(result);
  const answer = diffHeadline(result, names);
  const classes = result.byClass.filter(hasWork).toSorted(byChange);
  const most = Math.max(...classes.flatMap(({ from, to }) => [from.tagInstructions, to.tagInstructions]), 1);
  const drawn = differenceGraphs(
    weightedStacks(names.from, result.from, text.by),
    weightedStacks(names.to, result.to, text.by),
    measureOf(weight),
  );
  return svgDocument(title, answer, [
    line(title, 'title', 34),
    prose(answer),
    space(12),
    ...(classes.length === 0
      ? []
      : [line(`Tag-setting instructions by allocation class: ${names.from}, and below it ${names.to}`, 'head', 28)]),
    bars(
      classes.flatMap((row): Bar[] => [
        {
          name: row.class,
          style: classStyle(row.class),
          share: row.from.tagInstructions / most,
          figure: count(row.from.tagInstructions),
          note: '',
        },
        {
          name: '',
          style: `${classStyle(row.class)}-solid`,
          share: row.to.tagInstructions / most,
          figure: count(row.to.tagInstructions),
          note: `${percent(savedInstructions(row), row.from.tagInstructions)} saved`,
          last: true,
        },
      ]),
    ),
    ...(drawn.length === 0 ? [] : [space(18), legend(CHANGE_STEPS)]),
    ...graphs(drawn),
    ...(isOneTrace(result) ? [result.to] : [result.from, result.to]).flatMap(notes),
  ]);
}
