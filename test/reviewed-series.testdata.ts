import { UNWATCHED } from '../src/jobs/monitor.ts';
import { review } from '../src/jobs/review.ts';
import type { ReviewResult } from '../src/review/result.ts';
import { mailbox, mailsOf } from '../src/series/mail-series.testdata.ts';
import { readSeries } from '../src/series/read-series.ts';
import { SEED_MERGED, SEED_V1 } from '../src/series/seed-series.testdata.ts';

/** Reviews mails as the command does, with few trials in the audits. */
export const reviewOf = async (bytes: Uint8Array): Promise<ReviewResult> =>
  review(
    { series: await readSeries([{ name: 'series.mbox', bytes }]), traces: [] },
    {
      base: undefined,
      trials: 1,
      seed: 1,
      seriesWords: 'series.mbox',
      quote: (files) => files.join(' '),
      policyFile: 'policy.json',
      command: 'tagscope review series.mbox',
      claimCommand: (text) => `tagscope review series.mbox --claim ${JSON.stringify(text)}`,
      version: '1',
    },
    UNWATCHED,
  );

const reply = (id: string, to: string, text: string): string =>
  `From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: Rob Reviewer <rob@example.org>\nSubject: Re: [PATCH v4 1/3] vmalloc\nMessage-ID: <${id}@example.org>\nIn-Reply-To: <${to}@example.org>\nDate: Wed, 29 Apr 2026 12:00:00 +0000\n\n${text}\n\n`;

/** The first version of the series. */
export const FIRST_VERSION: Uint8Array = mailbox(...mailsOf(SEED_V1));

/** Two versions of the series, and a thread of replies. */
export const TWO_VERSIONS: Uint8Array = mailbox(
  ...mailsOf(SEED_V1),
  ...mailsOf(SEED_MERGED),
  reply('r1', 'series-v4-1', '> need no tags\nWhat of the metadata?'),
  reply(
    'r2',
    'r1',
    '>> need no tags\n> What of the metadata?\nIt keeps them.\n\nReviewed-by: Rob Reviewer <rob@example.org>',
  ),
);
