import type { AuditCell, AuditScope } from '../audit/audit.ts';
import { compareCells, isLoss, type AuditDiff, type AuditResult } from '../audit/result.ts';
import { bootMessage } from '../kasan/boot-message.ts';
import type { Policy } from '../policy/policy.ts';
import { auditTogether, type AuditHost } from './audit-tasks.ts';

/** What is audited, whatever the policy. */
export interface AuditSettings extends Omit<AuditScope, 'cells'> {
  /** The command line that gives this result again. */
  readonly command: string;
}

/** What is detected under a policy. @throws UsageError if it names flags that the kernel does not have */
export async function auditPolicy(policy: Policy, settings: AuditSettings, host: AuditHost): Promise<AuditResult> {
  const [cells] = await cellsOf([policy], settings, host);
  return { schema: 'tagscope.audit', version: 1, ...provenance(settings), policy: policy.name, cells };
}

/** What another policy changes in what is detected. @throws UsageError if one names flags that the kernel does not have */
export async function auditChange(
  from: Policy,
  to: Policy,
  settings: AuditSettings,
  host: AuditHost,
): Promise<AuditDiff> {
  const [before, after] = await cellsOf([from, to], settings, host);
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
  host: AuditHost,
): Promise<AuditCell[][]> {
  const scope = { config, cpu, seed, trials, only };
  return auditTogether({ scope, policies, what: policies.map(({ name }) => name).join(' to ') }, host);
}
