import { audit, cellCount, type AuditCell, type AuditOptions } from '../audit/audit.ts';
import { MadeTrials } from '../audit/made-trials.ts';
import { compareCells, isLoss, type AuditDiff, type AuditResult } from '../audit/result.ts';
import { bootMessage } from '../kasan/boot-message.ts';
import type { Policy } from '../policy/policy.ts';
import { watchedAll, type Monitor } from './monitor.ts';

/** What is audited, whatever the policy. */
export interface AuditSettings extends Omit<AuditOptions, 'policy' | 'cells'> {
  /** The command line that gives this result again. */
  readonly command: string;
}

/** What is detected under a policy. @throws UsageError if it names flags that the kernel does not have */
export async function auditPolicy(policy: Policy, settings: AuditSettings, monitor: Monitor): Promise<AuditResult> {
  const [cells] = await cellsOf([policy], settings, monitor);
  return { schema: 'tagscope.audit', version: 1, ...provenance(settings), policy: policy.name, cells };
}

/** What another policy changes in what is detected. @throws UsageError if one names flags that the kernel does not have */
export async function auditChange(
  from: Policy,
  to: Policy,
  settings: AuditSettings,
  monitor: Monitor,
): Promise<AuditDiff> {
  const [before, after] = await cellsOf([from, to], settings, monitor);
  const cells = compareCells(before, after);
  return {
    schema: 'tagscope.audit-diff',
    version: 1,
    ...provenance(settings),
    from: from.name,
    to: to.name,
    cells,
    lost: cells.filter(isLoss).length,
  };
}

/** Whether trials and rules agree in every cell, and nothing is lost. */
export const isClean = (result: AuditResult | AuditDiff): boolean =>
  result.schema === 'tagscope.audit'
    ? result.cells.every(({ agrees }) => agrees)
    : result.lost === 0 && result.cells.every(({ from, to }) => from.agrees && to.agrees);

const provenance = ({ config, cpu, seed, trials, command }: AuditSettings) => ({
  command,
  kasan: config.build,
  bootMessage: bootMessage(config),
  cpu: cpu.name,
  seed,
  trials,
});

function cellsOf(
  policies: readonly Policy[],
  { config, cpu, seed, trials, only }: AuditSettings,
  monitor: Monitor,
): Promise<AuditCell[][]> {
  const audited = policies.map((policy) => ({ config, cpu, policy, seed, trials, only }));
  const part = {
    what: policies.map(({ name }) => name).join(' to '),
    count: audited.reduce((sum, one) => sum + cellCount(one), 0),
    unit: 'kinds of bug',
  };
  const made = new MadeTrials();
  return watchedAll(
    audited.map((options) => audit(options, made)),
    part,
    monitor,
  );
}
