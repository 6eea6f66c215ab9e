import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AdviseResult } from '../../src/decide/advise.ts';
import { longestLine, tagscope, unwrapped } from './command.testdata.ts';

const TRACE = 'cases/pgtable/trace.zst';
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagscope-test-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('advise', () => {
  test('on a trace of a kernel without the series: the series, found by rules, and written as a policy', async () => {
    const policy = join(folder, 'next.json');
    const advised = await tagscope([
      'advise',
      TRACE,
      '--policy',
      'before-series',
      '--trials',
      '20',
      '--write-policy',
      policy,
    ]);
    expect(advised.code).toBe(0);
    expect(unwrapped(advised.stdout)).toContain(
      '1. Leave untagged what is only reached through match-all pointers: nothing is detected less',
    );
    expect(longestLine(advised.stdout)).toBeLessThanOrEqual(80);
    expect(unwrapped(advised.stderr)).toContain(`--to ${policy}`);
    // The kernel that has the series executed 58,011 in the same workload without stacks recorded (cases/oracle).
    const compared = await tagscope(['diff', TRACE, '--from', 'series', '--to', policy, '--json']);
    const { from, to } = JSON.parse(compared.stdout);
    expect(to.totals.tagInstructions).toEqual(from.totals.tagInstructions);
  });

  test('beyond the series: what is left of it loses detection, and that is the first thing said', async () => {
    const { code, stdout } = await tagscope(['advise', TRACE, '--trials', '20']);
    expect(code).toBe(0);
    expect(unwrapped(stdout)).toMatch(
      /^Beyond series, which leaves 58,011 tag-setting instructions: 1 saving would lose detection/,
    );
    expect(unwrapped(stdout)).toContain('Leave untagged the batch pages of TLB teardown: LOSES DETECTION');
  });

  test('as JSON: each with its policy, which can be used as it stands', async () => {
    const { stdout } = await tagscope(['advise', TRACE, '--trials', '10', '--json', '-q']);
    const result: AdviseResult = JSON.parse(stdout);
    expect(result).toMatchObject({ schema: 'tagscope.advise', version: 1 });
    for (const { saved, sites, tried } of result.advice) {
      expect(saved.tagInstructions).toBe(sites.reduce((sum, { tagInstructions }) => sum + tagInstructions, 0));
      expect(tried?.detection.kinds).toBeGreaterThan(0);
    }
  });

  test('a policy is not written over another file', async () => {
    const { code, stderr } = await tagscope([
      'advise',
      TRACE,
      '--policy',
      'before-series',
      '--trials',
      '5',
      '--write-policy',
      'package.json',
    ]);
    expect([code, unwrapped(stderr)]).toEqual([2, expect.stringContaining('the file exists')]);
  });
});
