/** Where the figures of the series are published. */
export const COVER_LETTER =
  'cover letter of "KASAN: HW_TAGS: Disable tagging for stack and page-tables", v1 of 19 March 2026';

/** What it says of its thread benchmark: seconds as they are printed, and what was run. */
export const PUBLISHED_THREAD = { before: 2.575, with: 2.229, threads: 2000, iterations: 2000 } as const;

/** What it says of its page-table benchmark: seconds as they are printed, and what was run. */
export const PUBLISHED_PGTABLE = { before: 19.08, with: 17.62, forks: 2000, mib: 2048 } as const;
