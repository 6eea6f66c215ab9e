import { realReportsText, worseReportText, type RealReports } from '../../review/real-reports.ts';
import type { Prediction, ReviewResult } from '../../review/result.ts';
import type { DifferenceRow } from '../diff-table.ts';
import { placeOf, predictionText, reviewHeadline } from '../review-text.ts';
import { differenceBlocks } from './diff-markdown.ts';
import { commandBlock, heading, joinBlocks, list, paragraph } from './markdown.ts';

function predictionBlocks(prediction: Prediction): (readonly string[])[] {
  const rows = prediction.byClass.map((row): DifferenceRow => ({ ...row, name: row.class }));
  return [
    paragraph(predictionText(prediction)),
    ...differenceBlocks({ from: 'before', to: 'with the series' }, [
      ...rows,
      { ...prediction.total, name: 'total', class: '' },
    ]),
    commandBlock(prediction.command),
  ];
}

const realReportBlocks = (reports: RealReports): (readonly string[])[] => [
  paragraph(realReportsText(reports)),
  ...(reports.worse.length === 0 ? [] : [list(reports.worse.map(worseReportText))]),
  commandBlock(reports.command),
];

const section = (title: string, blocks: readonly (readonly string[])[]): readonly (readonly string[])[] =>
  blocks.length === 0 ? [] : [heading(2, title), ...blocks];

/** A review as Markdown, 72 columns of ASCII. Ends with a newline. */
export function reviewMarkdown(result: ReviewResult): string {
  const { series, predictions, claims, questions, remarks, problems, reports, provenance } = result;
  return joinBlocks([
    heading(1, `Review: ${series.title}`),
    paragraph(reviewHeadline(result)),
    ...section('Predicted effect', predictions.flatMap(predictionBlocks)),
    ...(reports === null ? [] : section('Real reports', realReportBlocks(reports))),
    ...section(
      'Claims',
      claims.map(({ text, verdict, is }) => list([`"${text}": ${verdict}. ${is}`])),
    ),
    ...section(
      'Questions',
      questions.flatMap((question) => [
        paragraph(`Patch ${question.patch}, ${placeOf(question)} (${question.rule}): ${question.text}`),
        list(question.evidence.map(({ text }) => text)),
      ]),
    ),
    ...section('Remarks', remarks.length === 0 ? [] : [list(remarks.map(({ text }) => text))]),
    ...section(
      'What could not be read as it stands',
      problems.length === 0 ? [] : [list(problems.map(({ kind, where, found }) => `${kind}: ${where}: ${found}`))],
    ),
    ...section('Again', [commandBlock(provenance.command)]),
  ]);
}
