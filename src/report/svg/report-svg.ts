import { tagSetting } from '../../mte/instruction.ts';
import type { ReportResult } from '../../result/result.ts';
import { headline } from '../headline.ts';
import { kernelSentence, traceSentence } from '../kernel-text.ts';
import { lossSentences } from '../losses-text.ts';
import { count, percent } from '../number-format.ts';
import { reportTitle } from '../side-names.ts';
import { measureOf } from '../stacks/measures.ts';
import { weightedStacks } from '../stacks/weighted-stacks.ts';
import { byTagWork, hasTagWork } from '../work-table.ts';
import type { OutputOptions } from '../writers.ts';
import { bars, graphs, line, prose, space, svgDocument, type Block } from './document.ts';
import { stackGraph } from './graphs.ts';
import { classStyle } from './palette.ts';

/** A report as a drawing: bars by class and a flame graph. */
export function reportSvg(result: ReportResult, { text, weight }: OutputOptions): string {
  const title = reportTitle(result);
  const answer = headline(result);
  const total = tagSetting(result.totals.instructions);
  const classes = result.byClass.filter(hasTagWork).toSorted(byTagWork);
  return svgDocument(title, answer, [
    line(title, 'title', 34),
    prose(answer),
    space(12),
    ...(classes.length === 0 ? [] : [line('Tag-setting instructions by allocation class', 'head', 28)]),
    bars(
      classes.map((work) => ({
        name: work.class,
        style: `${classStyle(work.class)}-solid`,
        share: tagSetting(work.instructions) / total,
        figure: count(tagSetting(work.instructions)),
        note: `${percent(tagSetting(work.instructions), total)} of all`,
      })),
    ),
    ...graphs(stackGraph(weightedStacks(result.policy.name, result, text.by), measureOf(weight))),
    ...notes(result),
  ]);
}

/** What the figures hold for, and what they do not cover. */
export const notes = (result: ReportResult): readonly Block[] => [
  space(16),
  ...result.warnings.map((warning) => prose(`Warning: ${warning}`)),
  prose(`Losses: ${lossSentences(result.losses).join('; ') || 'none'}.`, 'faint'),
  prose(`Trace: ${traceSentence(result)} Kernel: ${kernelSentence(result)}`, 'faint'),
  space(6),
  line(`tagscope ${result.provenance.tagscope}: ${result.provenance.command}`, 'mono faint'),
];
