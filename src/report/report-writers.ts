import type { ReportResult, ReportsResult } from '../result/result.ts';
import { reportCsv } from './csv/report-csv.ts';
import { reportMarkdown } from './markdown/report-markdown.ts';
import { reportHtml } from './html/report-html.ts';
import { lostOfSides } from './losses-text.ts';
import { profileWriters } from './profile-writers.ts';
import { renderReport } from './report-text.ts';
import { reportTitle } from './side-names.ts';
import { weightedStacks } from './stacks/weighted-stacks.ts';
import { reportSvg } from './svg/report-svg.ts';
import { textAndJson, type Writers } from './writers.ts';

/** The forms that a report can be written in. */
export const REPORT_WRITERS: Writers<ReportResult> = {
  ...textAndJson(renderReport, (reports): ReportsResult => ({ schema: 'tagscope.reports', version: 1, reports })),
  markdown: { takes: 'each', write: (result, { text }) => reportMarkdown(result, text) },
  csv: { takes: 'all', write: (reports, { text }) => reportCsv(reports, text.by) },
  html: { takes: 'one', write: reportHtml },
  svg: { takes: 'one', write: reportSvg },
  ...profileWriters((report, by) => ({
    title: reportTitle(report),
    stacks: [weightedStacks(report.policy.name, report, by)],
    ...(report.source.timeUnit === 'ticks' ? {} : { seconds: report.source.seconds }),
    lost: lostOfSides([{ name: '', losses: report.losses }]),
    provenance: report.provenance,
  })),
};
