import { describe, expect, test } from 'vitest';
import { audit, auditTasks, runAuditTask, type AuditCell, type AuditScope } from '../audit/audit.ts';
import { inOneGo } from '../base/steps.ts';
import { KASAN_BUILDS, defaultKernelConfig } from '../kasan/kernel-config.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { BUILT_IN_POLICIES } from '../policy/built-in.ts';
import { auditHere, auditTogether, type RunAuditTasks } from './audit-tasks.ts';
import { UNWATCHED } from './monitor.ts';

const POLICIES = BUILT_IN_POLICIES.filter(({ name }) => ['before-series', 'series', 'tag-on-free'].includes(name));

const scopeOf = (changes: Partial<AuditScope> = {}): AuditScope => ({
  config: defaultKernelConfig(),
  cpu: cpuProfile('cortex-a710'),
  seed: 7,
  trials: 5,
  ...changes,
});

/** As threads may do it: the last part first, and each part with nothing but a copy of its data. */
const lastFirst: RunAuditTasks = (tasks, { monitor }) => {
  const results: AuditCell[][][] = [];
  for (const [index, task] of [...tasks.entries()].toReversed()) {
    results[index] = inOneGo(runAuditTask(structuredClone(task)));
    monitor.advance(results[index].flat().length);
  }
  return Promise.resolve(results);
};

describe('parts of an audit', () => {
  test.each(KASAN_BUILDS)(
    '%s: whoever does them, and in whatever order, the cells are those of audits by themselves',
    async (build) => {
      const scope = scopeOf({ config: { ...defaultKernelConfig(), build } });
      const together = { scope, policies: POLICIES, what: 'audit' };
      const alone = POLICIES.map((policy) => inOneGo(audit({ ...scope, policy })));
      expect(await auditTogether(together, { monitor: UNWATCHED, runAuditTasks: lastFirst })).toEqual(alone);
      expect(await auditTogether(together, { monitor: UNWATCHED, runAuditTasks: auditHere })).toEqual(alone);
    },
  );

  test.each([
    ['here', auditHere],
    ['elsewhere', lastFirst],
  ])('%s: progress is of all policies together, and ends at its count', async (_where, runAuditTasks) => {
    let begun = 0;
    let done = 0;
    const monitor = {
      ...UNWATCHED,
      begin: (_what: string, steps: number) => void (begun += steps),
      advance: (steps: number) => void (done += steps),
    };
    const scope = scopeOf({ only: 'page-table' });
    const cells = await auditTogether({ scope, policies: POLICIES, what: 'audit' }, { monitor, runAuditTasks });
    expect([begun, done]).toEqual([cells.flat().length, cells.flat().length]);
  });

  test('a part is of one subject, and each subject has one part', () => {
    const subjects = auditTasks(scopeOf({ trials: 1 }), [POLICIES[0]]).map((task) => [
      ...new Set(inOneGo(runAuditTask(task)).flatMap((cells) => cells.map(({ subject }) => subject))),
    ]);
    expect(subjects.every(({ length }) => length === 1)).toBe(true);
    expect(new Set(subjects.flat()).size).toBe(subjects.length);
  });
});
