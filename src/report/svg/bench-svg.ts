import { tagSetting } from '../../mte/instruction.ts';
import { didTheSame, type BenchResult } from '../../result/bench.ts';
import { diffRows } from '../../result/diff.ts';
import { benchEndings, benchHeadline, machineSentence } from '../bench-text.ts';
import { benchFinding } from '../findings.ts';
import { measureOf } from '../stacks/measures.ts';
import { weightedStacks } from '../stacks/weighted-stacks.ts';
import type { OutputOptions } from '../writers.ts';
import { classBars, differenceBars } from './class-bars.ts';
import { graphs, legend, line, prose, space, svgDocument } from './document.ts';
import { differenceGraphs, stackGraph } from './graphs.ts';
import { CHANGE_STEPS } from './palette.ts';

/** A benchmark on the model as a drawing: bars by class, and call sites as a flame graph. */
export function benchSvg(result: BenchResult, { weight }: OutputOptions): string {
  const title = benchFinding(result);
  const answer = benchHeadline(result);
  const [from, to] = result.runs;
  const [before, after] = result.runs.map((run) => weightedStacks(run.policy.name, run, 'site'));
  const measure = measureOf(weight);
  return svgDocument(title, answer, [
    line(title, 'title', 34),
    prose(answer),
    space(12),
    ...(to === undefined
      ? [...classBars(from.byClass, tagSetting(from.totals.instructions)), ...graphs(stackGraph(before, measure))]
      : !didTheSame(from, to)
        ? []
        : [
            ...differenceBars(diffRows(from, to).byClass, { from: from.policy.name, to: to.policy.name }),
            space(18),
            legend(CHANGE_STEPS),
            ...graphs(differenceGraphs(before, after, measure)),
          ]),
    space(16),
    ...[...result.warnings, ...benchEndings(result)].map((warning) => prose(`Warning: ${warning}`)),
    prose(`Model: ${machineSentence(result)}`, 'faint'),
    space(6),
    line(`tagscope ${result.provenance.tagscope}: ${result.provenance.command}`, 'mono faint'),
  ]);
}
