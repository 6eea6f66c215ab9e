import type { AuditDiff, AuditResult } from '../audit/result.ts';
import { UsageError } from '../base/errors.ts';
import { auditChange, auditPolicy } from '../jobs/audit.ts';
import { classOption } from '../options/class-option.ts';
import { AUDIT, AUDIT_TRIALS, type AuditOptions } from '../options/commands/audit.ts';
import { JOBS } from '../options/groups/shared.ts';
import { parseModelOptions } from '../options/model-options.ts';
import { numberOf } from '../options/read-option.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import { DEFAULT_FROM, DEFAULT_TO } from '../policy/built-in.ts';
import type { Auditing, Preparation } from './context.ts';
import { withoutTrace } from './named.ts';
import { auditHost } from './replaying.ts';

/** `audit`, as its words ask for it. */
export interface PreparedAudit {
  /** What the kernel would say of its boot parameters. */
  readonly warnings: readonly string[];
  run(auditing: Auditing): Promise<AuditResult | AuditDiff>;
}

/** @throws UsageError, InputError for words that make no sense */
export async function prepareAudit(raw: AuditOptions, { policy: named }: Preparation): Promise<PreparedAudit> {
  if (raw.policy !== undefined && (raw.from !== undefined || raw.to !== undefined)) {
    throw new UsageError(
      '--policy with --from or --to',
      'Give --policy to see one policy, or --from and --to for two.',
    );
  }
  if (raw.policy !== undefined && raw.all === true) {
    throw new UsageError(
      '--all with --policy',
      'All of one policy is shown anyway; --all is for what two do not differ in.',
    );
  }
  const model = parseModelOptions(raw);
  const trials = numberOf(AUDIT_TRIALS, raw);
  const only = classOption(raw.class);
  const settings = { ...model, trials, only, command: reproducingCommand(AUDIT, [], raw) };
  const { warnings } = model;
  const jobs = numberOf(JOBS, raw);
  if (raw.policy !== undefined) {
    const policy = withoutTrace(await named(raw.policy));
    return { warnings, run: (auditing) => auditPolicy(policy, settings, auditHost(auditing, { jobs })) };
  }
  const from = withoutTrace(await named(raw.from ?? DEFAULT_FROM));
  const to = withoutTrace(await named(raw.to ?? DEFAULT_TO));
  return { warnings, run: (auditing) => auditChange(from, to, settings, auditHost(auditing, { jobs })) };
}
