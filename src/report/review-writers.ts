import type { ReviewResult } from '../review/result.ts';
import { reviewHtml } from './html/review-html.ts';
import { reviewMarkdown } from './markdown/review-markdown.ts';
import { renderReviewB4 } from './review-b4.ts';
import { renderReviewFacts } from './review-facts.ts';
import { renderReviewMail } from './review-mail.ts';
import { renderReview } from './review-text.ts';
import { textAndJson, type Writers } from './writers.ts';

/** The forms of a review. */
export const REVIEW_WRITERS: Writers<ReviewResult> = {
  ...textAndJson<ReviewResult>(renderReview),
  markdown: { takes: 'each', write: (result) => reviewMarkdown(result) },
  html: { takes: 'one', write: (result) => reviewHtml(result) },
  mail: { takes: 'one', write: (result) => renderReviewMail(result) },
  facts: { takes: 'one', write: (result) => renderReviewFacts(result) },
  b4: { takes: 'one', write: (result) => renderReviewB4(result) },
};
