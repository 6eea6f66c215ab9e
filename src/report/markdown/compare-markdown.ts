import type { ComparedPolicy, CompareResult } from '../../decide/compare.ts';
import {
  auditText,
  compareHeadline,
  disagreement,
  FRONT,
  lossSentence,
  DETECTED_SHARES,
  wholeOf,
} from '../compare-text.ts';
import { kernelSentence, traceSentence } from '../kernel-text.ts';
import { lossSentences } from '../losses-text.ts';
import { count, nanoseconds, percent } from '../number-format.ts';
import { profileSentence, timeTitle } from '../time-text.ts';
import { commandBlock, heading, joinBlocks, list, paragraph } from './markdown.ts';
import { pipeTable, type PipeColumn } from './pipe-table.ts';

/** Policies side by side as Markdown for a mail: 72 columns of ASCII. Ends with a newline. */
export function compareMarkdown(result: CompareResult): string {
  const { baseline, policies, losses, warnings, provenance } = result;
  const lost = lossSentences(losses);
  const losing = policies.map(lossSentence).filter((text) => text !== '');
  return joinBlocks([
    heading(1, `Policies compared with ${baseline}`),
    paragraph(compareHeadline(result)),
    ...warnings.map((warning) => paragraph(`Warning: ${warning}`)),
    heading(2, `What each saves of ${baseline}, and what it still detects`),
    pipeTable(policies, [tradeOffColumns(result)]),
    paragraph(
      `A star: ${FRONT}. Granules of 16 bytes: how many tags less are written, of those of ${baseline}, on this trace. ${DETECTED_SHARES}`,
    ),
    ...timeBlocks(result),
    ...(losing.length === 0 ? [] : [heading(2, 'What is lost'), list(losing)]),
    paragraph(disagreement(result)),
    heading(2, 'Losses'),
    lost.length === 0 ? ['None.'] : list(lost),
    heading(2, 'How to get these figures again'),
    list([
      `Trace: ${traceSentence(result)}`,
      `Kernel: ${kernelSentence(result)}`,
      `Profile: ${profileSentence(result.cost)}`,
      `Audit: ${auditText(result)}`,
      `tagscope ${provenance.tagscope}. Granules and instructions are ${provenance.counts}: they follow from the rules, given the operations in the trace.`,
    ]),
    // A paragraph ends the list: what is indented below a list belongs to its last item.
    paragraph('Command:'),
    commandBlock(provenance.command),
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
  const time = (title: string, of: (row: (typeof timed)[number]) => number): PipeColumn<(typeof timed)[number]> => ({
    title,
    kind: 'figure',
    cell: (row) => nanoseconds(of(row)),
  });
  return [
    heading(2, timeTitle('Time saved', cost)),
    pipeTable(timed, [
      [
        { title: 'policy', kind: 'name', cell: ({ policy }) => policy.policy.name },
        time('time', (row) => row.time.best),
        time('at least', (row) => row.time.low),
        time('at most', (row) => row.time.high),
      ],
    ]),
  ];
}
