import { describe, expect, test } from 'vitest';
import { sampleReport, NO_LOSSES } from './report-result.testdata.ts';
import { parseBudget } from '../decide/budget.ts';
import { check } from '../decide/check.ts';

/** The sample has 99,294 tag-setting instructions. */
const verdict = (limit: string, losses = NO_LOSSES) => {
  const [{ holds, certain }] = check(sampleReport({ losses }), parseBudget(limit), '').limits;
  return { holds, certain };
};

const LOSSY = { ...NO_LOSSES, droppedEvents: 348, lost: { events: 348, share: 348 / 20_257 } };

describe('where events were lost, figures are lower bounds', () => {
  test.each([
    ['instructions<100k', { holds: true, certain: false }, 'what was lost may be more than what is left of the limit'],
    ['instructions<90k', { holds: false, certain: true }, 'what is too much already does not become less'],
    ['instructions>90k', { holds: true, certain: true }, 'what is enough does not become less'],
    ['instructions>100k', { holds: false, certain: false }, 'what was lost may be enough'],
    ['class.page-table.share>1%', { holds: true, certain: false }, 'a share may be anything'],
    ['losses<=348', { holds: true, certain: true }, 'losses are counted'],
    ['losses<348', { holds: false, certain: true }, 'losses are counted'],
  ] as const)('%s: %o, %s', (limit, expected, _why) => {
    expect(verdict(limit, LOSSY)).toEqual(expected);
  });
});

test.each(['instructions<100k', 'instructions>90k', 'class.page-table.share>1%', 'losses<1'])(
  'where none were lost, %s is certain',
  (limit) => {
    expect(verdict(limit)).toEqual({ holds: true, certain: true });
  },
);
