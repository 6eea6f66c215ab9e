import { remarks } from '../remarks.ts';
import type { ComparedPolicy, CompareResult } from '../../decide/compare.ts';
import {
  auditText,
  compareHeadline,
  disagreement,
  FRONT,
  lossSentence,
  detectedShares,
  wholeOf,
} from '../compare-text.ts';
import { countsSentence, kernelSentence, traceSentence } from '../kernel-text.ts';
import { lossSentences } from '../losses-text.ts';
import { count, percent } from '../number-format.ts';
import { profileSentence, TIME_FIGURES, timeTitle } from '../time-text.ts';
import { heading, howAgain, joinBlocks, list, paragraph } from './markdown.ts';
import { pipeTable, type PipeColumn } from './pipe-table.ts';

/** Policies side by side as Markdown for a mail: 72 columns of ASCII. Ends with a newline. */
export function compareMarkdown(result: CompareResult): string {
  const { baseline, policies, losses, provenance } = result;
  const lost = lossSentences(losses);
  const losing = policies.map(lossSentence).filter((text) => text !== '');
  return joinBlocks([
    heading(1, `Policies compared with ${baseline}`),
    paragraph(compareHeadline(result)),
    ...remarks(result).map((warning) => paragraph(`Warning: ${warning}`)),
    heading(2, `What each saves of ${baseline}, and what it still detects`),
    pipeTable(policies, [tradeOffColumns(result)]),
    paragraph(
      `A star: ${FRONT}. Granules of 16 bytes: how many tags less are written, of those of ${baseline}, on this trace. ${detectedShares(result)}`,
    ),
    ...timeBlocks(result),
    ...(losing.length === 0 ? [] : [heading(2, 'What is lost'), list(losing)]),
    paragraph(disagreement(result)),
    heading(2, 'Losses'),
    lost.length === 0 ? ['None.'] : list(lost),
    ...howAgain(
      [
        `Trace: ${traceSentence(result)}`,
        `Kernel: ${kernelSentence(result)}`,
        `Profile: ${profileSentence(result.cost)}`,
        `Audit: ${auditText(result)}`,
        countsSentence(result),
      ],
      provenance.command,
    ),
  ]);
}

type Column = PipeColumn<ComparedPolicy>;

const NAME: Column = { title: 'policy', kind: 'name', cell: ({ policy }) => policy.name, shrinkTo: 24 };
const figure = (title: string, cell: Column['cell']): Column => ({ title, kind: 'figure', cell });

/** Shares are of the baseline's work, which the title above the table names. */
function tradeOffColumns(result: CompareResult): readonly Column[] {
  const { granules } = wholeOf(result);
  return [
    NAME,
    figure('granules', ({ saved }) => percent(saved.granules, granules)),
    figure('detected', ({ detection, onFront }) => `${percent(detection.byRules, 1)}${onFront ? ' *' : '  '}`),
    figure('lost', ({ detection }) => count(detection.kindsLost)),
    figure('gained', ({ detection }) => count(detection.kindsGained)),
  ];
}

function timeBlocks({ policies, cost }: CompareResult): (readonly string[])[] {
  const timed = policies.flatMap((policy) => (policy.saved.time === null ? [] : [{ policy, time: policy.saved.time }]));
  if (timed.length === 0) return [];
  return [
    heading(2, timeTitle('Time saved', cost)),
    pipeTable(timed, [
      [
        { title: 'policy', kind: 'name', cell: ({ policy }) => policy.policy.name },
        ...TIME_FIGURES.map(({ title, cell }): PipeColumn<(typeof timed)[number]> => ({
          title,
          kind: 'figure',
          cell: ({ time }) => cell(time),
        })),
      ],
    ]),
  ];
}
