import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, test } from 'vitest';
import { auditTasks } from '../../src/audit/audit.ts';
import { MadeTrials } from '../../src/audit/made-trials.ts';
import type { auditInThreads as InThreads } from '../../src/cli/audit-threads.ts';
import { bytes } from '../../src/base/units.ts';
import { UNWATCHED } from '../../src/jobs/monitor.ts';
import { defaultKernelConfig } from '../../src/kasan/kernel-config.ts';
import { cpuProfile } from '../../src/mte/cpu.ts';
import { BUILT_IN_POLICIES } from '../../src/policy/built-in.ts';
import { tagscope } from './command.testdata.ts';

const built = new URL('../../dist/cli/audit-threads.js', import.meta.url).href;

const folder = mkdtempSync(join(tmpdir(), 'tagscope-audit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('audit --jobs', () => {
  test('one thread and three print the same bytes', async () => {
    // Two policies, and enough trials that threads pay: 50 kinds of bug each.
    const args = ['audit', '--class', 'page-table', '--trials', '700', '--json'];
    const one = await tagscope([...args, '--jobs', '1']);
    expect(one.stderr).toBe('');
    expect(await tagscope([...args, '--jobs', '3'])).toEqual(one);
  });

  test('a thread that fails ends the audit with its error, and leaves no thread behind', async () => {
    const { auditInThreads }: { readonly auditInThreads: typeof InThreads } = await import(/* @vite-ignore */ built);
    const scope = { config: defaultKernelConfig(), cpu: cpuProfile('cortex-a710'), seed: 1, trials: 5000 };
    // No kernel boots with such pages, and no option asks for them.
    const broken = auditTasks(scope, [BUILT_IN_POLICIES[0]]).map((task) => ({
      ...task,
      scope: { ...scope, config: { ...scope.config, pageSize: bytes(-1) } },
    }));
    const threads: Worker[] = [];
    const started = (thread: Worker): void => void threads.push(thread);
    process.on('worker', started);
    await expect(auditInThreads(2)(broken, { monitor: UNWATCHED, made: new MadeTrials() })).rejects.toThrow(RangeError);
    process.off('worker', started);
    // Of a thread that has ended.
    expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1]);
  });

  test('a policy that the kernel refuses is refused in words, as in one thread', async () => {
    const file = join(folder, 'unknown-flag.json');
    writeFileSync(
      file,
      '{ "name": "mine", "rules": [{ "match": { "gfp": ["__GFP_UNTAGGED"] }, "action": "skip" }], "otherwise": "kernel" }',
    );
    const args = ['audit', '--policy', file, '--trials', '5000'];
    const one = await tagscope([...args, '--jobs', '1']);
    expect(one.code).toBe(2);
    expect(await tagscope([...args, '--jobs', '3'])).toEqual(one);
  });
});
