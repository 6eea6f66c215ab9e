import type { PublishedFigure } from './bench.ts';

const SOURCE =
  'cover letter of "KASAN: HW_TAGS: Disable tagging for stack and page-tables", v1 of 19 March 2026; the CPU is not named';

/** What the series says that it saves. */
export const PUBLISHED_FIGURES: readonly PublishedFigure[] = [
  {
    workload: 'thread',
    parameters: '2000 threads, 2000 iterations',
    before: 2.575,
    with: 2.229,
    source: SOURCE,
  },
  {
    workload: 'pgtable',
    parameters: '2048 MB, 2000 iterations',
    before: 19.08,
    with: 17.62,
    source: SOURCE,
  },
];
