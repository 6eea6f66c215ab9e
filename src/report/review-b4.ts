import type { Question } from '../review/question.ts';
import type { ReviewResult } from '../review/result.ts';
import { reviewHeadline } from './review-text.ts';

/** A check as b4 reads it (docs/maintainer/review.rst, ci_check_protocol). */
interface B4Check {
  readonly tool: string;
  readonly status: 'pass' | 'warn' | 'fail';
  readonly summary: string;
  readonly url: string;
  readonly details: string;
}

/** Questions that a maintainer should not merge over. */
const isGrave = ({ follows }: Question): boolean => follows === 'crash' || follows === 'not-zeroed';

/** A review as the result of a check for b4: an array of JSON. */
export function renderReviewB4(result: ReviewResult): string {
  const { questions } = result;
  const check: B4Check = {
    tool: 'tagscope',
    status: questions.some(isGrave) ? 'fail' : questions.length > 0 ? 'warn' : 'pass',
    summary: reviewHeadline(result),
    url: '',
    details: questions.map(({ patch, file, line, text }) => `patch ${patch}, ${file}:${line}: ${text}`).join('\n'),
  };
  return `${JSON.stringify([check], null, 2)}\n`;
}
