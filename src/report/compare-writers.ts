import type { CompareResult } from '../decide/compare.ts';
import { compareMarkdown } from './markdown/compare-markdown.ts';
import { compareHtml } from './html/compare-html.ts';
import { renderCompare } from './compare-text.ts';
import { tradeOffSvg } from './trade-off-svg.ts';
import { textAndJson, type Writers } from './writers.ts';

/** The forms that policies side by side can be written in. */
export const COMPARE_WRITERS: Writers<CompareResult> = {
  ...textAndJson(renderCompare),
  markdown: { takes: 'each', write: (result) => compareMarkdown(result) },
  html: { takes: 'one', write: compareHtml },
  svg: { takes: 'one', write: tradeOffSvg },
};
