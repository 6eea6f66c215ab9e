import { UsageError } from '../base/errors.ts';
import { auditChange, auditPolicy, isClean } from '../jobs/audit.ts';
import { AUDIT_WRITERS, auditDiffWriters } from '../report/audit-writers.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { classOption } from '../options/class-option.ts';
import { AUDIT, AUDIT_TRIALS, type AuditOptions } from '../options/commands/audit.ts';
import { parseModelOptions } from '../options/model-options.ts';
import { numberOf } from '../options/read-option.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import { printWarnings } from './print-warnings.ts';
import { monitored } from './monitor.ts';
import { modelPolicyOption } from './policy-option.ts';
import { DEFAULT_FROM, DEFAULT_TO } from '../policy/built-in.ts';
import { openOutput, writeResult } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { outputOptions } from './text-options.ts';

/** `tagscope audit`: what is detected under a policy, or what another one changes. */
export async function runAudit(raw: AuditOptions, surroundings: Surroundings): Promise<ExitCode> {
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
  const output = await openOutput(AUDIT, raw, surroundings);
  printWarnings(model, surroundings);
  const settings = { ...model, trials, only, command: reproducingCommand(AUDIT, [], raw) };
  const options = outputOptions(output, { top: 0, by: 'class' }, raw, surroundings);
  if (raw.policy !== undefined) {
    const policy = await modelPolicyOption(raw.policy);
    const result = await monitored(raw, surroundings, (monitor) => auditPolicy(policy, settings, monitor));
    await writeResult(result, output, AUDIT_WRITERS, options);
    return isClean(result) ? EXIT.ok : EXIT.failed;
  }
  const from = await modelPolicyOption(raw.from ?? DEFAULT_FROM);
  const to = await modelPolicyOption(raw.to ?? DEFAULT_TO);
  const result = await monitored(raw, surroundings, (monitor) => auditChange(from, to, settings, monitor));
  await writeResult(result, output, auditDiffWriters(raw.all === true), options);
  return isClean(result) ? EXIT.ok : EXIT.failed;
}
