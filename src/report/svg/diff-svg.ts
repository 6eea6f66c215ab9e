import type { DiffResult } from '../../result/result.ts';
import { diffHeadline } from '../diff-text.ts';
import { isOneTrace, sideNames } from '../side-names.ts';
import { diffFinding } from '../findings.ts';
import { measureOf } from '../stacks/measures.ts';
import { weightedStacks } from '../stacks/weighted-stacks.ts';
import type { OutputOptions } from '../writers.ts';
import { differenceBars } from './class-bars.ts';
import { graphs, legend, line, prose, space, svgDocument } from './document.ts';
import { differenceGraphs } from './graphs.ts';
import { CHANGE_STEPS } from './palette.ts';
import { notes } from './report-svg.ts';

/** A difference as a drawing: bars by class, before and after, and a flame graph of either side on one scale. */
export function diffSvg(result: DiffResult, { text, weight }: OutputOptions): string {
  const names = sideNames(result);
  const title = diffFinding(result);
  const answer = diffHeadline(result, names);
  const drawn = differenceGraphs(
    weightedStacks(names.from, result.from, text.by),
    weightedStacks(names.to, result.to, text.by),
    measureOf(weight),
  );
  return svgDocument(title, answer, [
    line(title, 'title', 34),
    prose(answer),
    space(12),
    ...differenceBars(result.byClass, names),
    ...(drawn.length === 0 ? [] : [space(18), legend(CHANGE_STEPS)]),
    ...graphs(drawn),
    ...(isOneTrace(result) ? [result.to] : [result.from, result.to]).flatMap(notes),
  ]);
}
