import { prepareAudit } from '../commands/audit.ts';
import { isClean } from '../jobs/audit.ts';
import { AUDIT_WRITERS, auditDiffWriters } from '../report/audit-writers.ts';
import { AUDIT, type AuditOptions } from '../options/commands/audit.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { preparedWith, running } from './node-commands.ts';
import { printWarnings } from './print-warnings.ts';
import { openOutput, writeResult } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { outputOptions } from './text-options.ts';

/** `tagscope audit`: what is detected under a policy, or what another one changes. */
export async function runAudit(raw: AuditOptions, surroundings: Surroundings): Promise<ExitCode> {
  const prepared = await prepareAudit(raw, preparedWith(surroundings));
  const output = await openOutput(AUDIT, raw, surroundings);
  printWarnings(prepared, surroundings);
  const options = outputOptions(output, { top: 0, by: 'class' }, raw, surroundings);
  const result = await running(raw, surroundings, (context) => prepared.run(context));
  if (result.schema === 'tagscope.audit') await writeResult(result, output, AUDIT_WRITERS, options);
  else await writeResult(result, output, auditDiffWriters(raw.all === true), options);
  return isClean(result) ? EXIT.ok : EXIT.failed;
}
