import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './command.testdata.ts';

const RUNS = [
  'counts/baseline-cortex-a710-traced-nohash.json',
  'counts/patched-cortex-a710-traced-nohash.json',
  // Runs of the model alone.
  'counts/baseline-max.json',
  'traces/baseline-pgtable-nohash.trace.zst',
  'traces/patched-pgtable-nohash.trace.zst',
];

/** Copies some of cases/oracle, of each kind: for tests of how `accuracy` prints, since all of it takes long. */
export function someRuns(folder: string): string {
  for (const name of RUNS) cpSync(join(ROOT, 'cases/oracle', name), join(folder, name));
  return folder;
}
