import type { AuditCell, AuditScope } from '../audit/audit.ts';
import { MadeTrials } from '../audit/made-trials.ts';
import type { AllocationClass } from '../base/allocation-class.ts';
import type { AuditedKernel } from '../decide/compare.ts';
import { bootMessage } from '../kasan/boot-message.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import { kasanChanges, type Policy } from '../policy/policy.ts';
import { auditTogether, type AuditHost } from './audit-tasks.ts';

/** The kernel on which a job audits policies: that of the replay, with its boot parameters and CPU, but on the model. */
export type AuditedModel = Pick<AuditScope, 'config' | 'cpu' | 'seed' | 'trials'>;

/** Audits of policies for a job on a trace. What decides the same is audited once. */
export interface Audits {
  readonly kernel: AuditedKernel;
  /** All memory, or that of one class. */
  of(policy: Policy, only?: AllocationClass): Promise<AuditCell[]>;
  /** All memory under each of some policies, as one part of the work. */
  ofEach(policies: readonly Policy[]): Promise<readonly AuditCell[][]>;
}

export function audits({ config, cpu, seed, trials }: AuditedModel, host: AuditHost): Audits {
  const model = { config, cpu, seed, trials };
  const known = new Map<string, Promise<AuditCell[]>>();
  const made = new MadeTrials();
  const keyOf = (policy: Policy, only?: AllocationClass): string =>
    JSON.stringify([policy.rules, policy.otherwise, kasanChanges(policy), only]);
  return {
    kernel: { kasan: 'hw-tags', pageSize: config.pageSize, bootMessage: bootMessage(config), trials, seed },
    of: (policy, only) => {
      const key = keyOf(policy, only);
      const cells =
        known.get(key) ??
        auditTogether({ scope: { ...model, only }, policies: [policy], what: policy.name }, host, made).then(
          ([all]) => all,
        );
      known.set(key, cells);
      return cells;
    },
    ofEach: async (policies) => {
      const keys = policies.map((policy) => keyOf(policy));
      const different = policies.filter((_, index) => keys.indexOf(keys[index]) === index);
      const what = `audit of ${different.length === 1 ? different[0].name : `${different.length} policies`}`;
      const cells = await auditTogether({ scope: model, policies: different, what }, host, made);
      const byKey = new Map(different.map((policy, index) => [keyOf(policy), cells[index]]));
      return keys.map((key) => byKey.get(key) ?? []);
    },
  };
}

/** What of the replayed kernel the audited one does not have, for the warnings of a result. */
export const auditDoubts = (audited: AuditedModel, replayed: KernelConfig): readonly string[] =>
  replayed.pageSize === audited.config.pageSize
    ? []
    : [
        `detection is audited on a kernel with pages of ${kibibytes(audited.config)}, and the trace is replayed with pages of ${kibibytes(replayed)}`,
      ];

const kibibytes = ({ pageSize }: KernelConfig): string => `${pageSize / 1024} KiB`;
