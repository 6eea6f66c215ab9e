import type { AuditedModel } from '../jobs/audits.ts';
import { parseModelOptions } from '../options/model-options.ts';
import { printWarnings } from './print-warnings.ts';
import type { RawOptions } from '../options/replay-options.ts';
import type { Surroundings } from './surroundings.ts';
import { wholeNumber } from '../options/whole-number.ts';

const DEFAULT_TRIALS = '50';
const MAX_TRIALS = 1_000_000;

/**
 * The kernel that a command on a trace audits: with the boot parameters and the CPU of the replay. What the kernel would say of
 * the parameters is printed.
 *
 * @throws UsageError for options that make no sense
 */
export function auditedModel(
  { trials, cmdline, cpu, color }: Pick<RawOptions, 'cmdline' | 'cpu' | 'color'> & { readonly trials?: string },
  surroundings: Pick<Surroundings, 'stderr'>,
): AuditedModel {
  const count = wholeNumber('--trials', trials ?? DEFAULT_TRIALS, 1, MAX_TRIALS);
  const model = parseModelOptions({
    color,
    ...(cmdline === undefined ? {} : { cmdline }),
    ...(cpu === undefined ? {} : { cpu }),
  });
  printWarnings(model, surroundings);
  return { ...model, trials: count };
}
