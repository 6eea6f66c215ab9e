import type { AuditedModel } from '../jobs/audits.ts';
import type { MODEL_OPTIONS } from './groups/model.ts';
import { parseModelOptions } from './model-options.ts';
import type { Given } from './option.ts';

/**
 * The kernel that a command on a trace audits: with the boot parameters and the CPU of the replay, and what the kernel would say
 * of the parameters.
 *
 * @param trials of each kind of bug
 * @throws UsageError for options that make no sense
 */
export function auditedModel(
  { cmdline, cpu }: Pick<Given<typeof MODEL_OPTIONS>, 'cmdline' | 'cpu'>,
  trials: number,
): { readonly audited: AuditedModel; readonly warnings: readonly string[] } {
  const model = parseModelOptions({
    ...(cmdline === undefined ? {} : { cmdline }),
    ...(cpu === undefined ? {} : { cpu }),
  });
  return { audited: { ...model, trials }, warnings: model.warnings };
}
