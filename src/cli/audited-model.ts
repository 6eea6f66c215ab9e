import type { AuditedModel } from '../jobs/audits.ts';
import { parseModelOptions } from '../options/model-options.ts';
import { printWarnings } from './print-warnings.ts';
import type { MODEL_OPTIONS } from '../options/groups/model.ts';
import type { Given } from '../options/option.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * The kernel that a command on a trace audits: with the boot parameters and the CPU of the replay. What the kernel would say of
 * the parameters is printed.
 * @param trials of each kind of bug
 * @throws UsageError for options that make no sense
 */
export function auditedModel(
  { cmdline, cpu }: Pick<Given<typeof MODEL_OPTIONS>, 'cmdline' | 'cpu'>,
  trials: number,
  surroundings: Pick<Surroundings, 'stderr'>,
): AuditedModel {
  const model = parseModelOptions({
    ...(cmdline === undefined ? {} : { cmdline }),
    ...(cpu === undefined ? {} : { cpu }),
  });
  printWarnings(model, surroundings);
  return { ...model, trials };
}
