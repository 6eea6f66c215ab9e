import { COVER_LETTER, PUBLISHED_PGTABLE, PUBLISHED_THREAD } from '../cost/published.ts';
import type { PublishedFigure } from './bench.ts';

const SOURCE = `${COVER_LETTER}; the CPU is not named`;

/** What the series says that it saves. */
export const PUBLISHED_FIGURES: readonly PublishedFigure[] = [
  {
    workload: 'thread',
    parameters: `${PUBLISHED_THREAD.threads} threads, ${PUBLISHED_THREAD.iterations} iterations`,
    before: PUBLISHED_THREAD.before,
    with: PUBLISHED_THREAD.with,
    source: SOURCE,
  },
  {
    workload: 'pgtable',
    parameters: `${PUBLISHED_PGTABLE.mib} MB, ${PUBLISHED_PGTABLE.forks} iterations`,
    before: PUBLISHED_PGTABLE.before,
    with: PUBLISHED_PGTABLE.with,
    source: SOURCE,
  },
];
