import type { ExecutedRun } from './executed.ts';

/** A run that executed nothing, but for what is given. */
export const executedRun = (changes: Partial<ExecutedRun>): ExecutedRun => ({
  variant: 'patched',
  cpu: 'cortex-a710',
  workload: 'thread',
  params: {},
  dc_block_bytes: 64,
  dczid_dzp: false,
  tag_setting_instructions: 0,
  per_class: {},
  per_function: {},
  categories: {},
  ...changes,
});
