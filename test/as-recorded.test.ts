import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tagSetting } from '../src/mte/instruction.ts';
import { analyzed, caseBytes } from './analyzed.testdata.ts';

/** What the kernel executed in the very run that was traced (cases/oracle/README.md). */
function executed(variant: string, workload: string): number {
  const file = new URL(`../cases/oracle/counts/${variant}-cortex-a710-traced-nohash.json`, import.meta.url);
  const runs: readonly { readonly workload: string; readonly tag_setting_instructions: number }[] = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  const run = runs.find((each) => each.workload === workload);
  if (run === undefined) throw new Error(`no counts of ${variant} ${workload}`);
  return run.tag_setting_instructions;
}

describe('nobody names a policy: the figures are what the recording kernel executed, to 1 %', () => {
  test.each([
    ['patched', 'pgtable', 'own flags, with the series'],
    ['patched', 'thread', 'own flags, with the series'],
    ['baseline', 'pgtable', 'own flags, without the series'],
    ['baseline', 'thread', 'own flags, without the series'],
  ])('%s %s', (variant, workload, basis) => {
    const { policy, totals } = analyzed(caseBytes(`oracle/traces/${variant}-${workload}-nohash.trace.zst`), {
      policy: 'as-recorded',
    });
    expect(policy).toMatchObject({ name: 'as-recorded', basis });
    const counted = executed(variant, workload);
    expect(Math.abs(tagSetting(totals.instructions) - counted) / counted).toBeLessThan(0.01);
  });
});
