import { tagSetting } from '../../mte/instruction.ts';
import type { ReportResult } from '../../result/result.ts';
import { headline } from '../headline.ts';
import { kernelSentence, traceSentence } from '../kernel-text.ts';
import { lossSentences } from '../losses-text.ts';
import { remarks } from '../remarks.ts';
import { reportFinding } from '../findings.ts';
import { measureOf } from '../stacks/measures.ts';
import { weightedStacks } from '../stacks/weighted-stacks.ts';
import type { OutputOptions } from '../writers.ts';
import { classBars } from './class-bars.ts';
import { graphs, line, prose, space, svgDocument, type Block } from './document.ts';
import { stackGraph } from './graphs.ts';

/** A report as a drawing: bars by class and a flame graph. */
export function reportSvg(result: ReportResult, { text, weight }: OutputOptions): string {
  const title = reportFinding(result);
  const answer = headline(result);
  return svgDocument(title, answer, [
    line(title, 'title', 34),
    prose(answer),
    space(12),
    ...classBars(result.byClass, tagSetting(result.totals.instructions)),
    ...graphs(stackGraph(weightedStacks(result.policy.name, result, text.by), measureOf(weight))),
    ...notes(result),
  ]);
}

/** What the figures hold for, and what they do not cover. */
export const notes = (result: ReportResult): readonly Block[] => [
  space(16),
  ...remarks(result).map((warning) => prose(`Warning: ${warning}`)),
  prose(`Losses: ${lossSentences(result.losses).join('; ') || 'none'}.`, 'faint'),
  prose(`Trace: ${traceSentence(result)} Kernel: ${kernelSentence(result)}`, 'faint'),
  space(6),
  line(`tagscope ${result.provenance.tagscope}: ${result.provenance.command}`, 'mono faint'),
];
