import type { ExplainResult } from '../explain/result.ts';
import { explainCsv } from './csv/explain-csv.ts';
import { renderExplain } from './explain-text.ts';
import { explainHtml } from './html/explain-html.ts';
import { explainMarkdown } from './markdown/explain-markdown.ts';
import { textAndJson, type Writers } from './writers.ts';

/** The forms that explained reports can be written in. */
export const EXPLAIN_WRITERS: Writers<ExplainResult> = {
  ...textAndJson(renderExplain),
  markdown: { takes: 'one', write: explainMarkdown },
  html: { takes: 'one', write: explainHtml },
  csv: { takes: 'one', write: explainCsv },
};
