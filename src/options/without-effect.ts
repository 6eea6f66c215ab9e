import { UsageError } from '../base/errors.ts';
import { FORMATS, type FormatName } from '../report/formats.ts';
import { flagOf, isGiven, valuesOf, type GivenValues, type Option } from './option.ts';

/**
 * Refuses options that would change nothing: whoever gives one expects something of it.
 *
 * @throws UsageError
 */
export function refuseWithoutEffect(options: readonly Option[], given: GivenValues, form: FormatName): void {
  for (const option of options) {
    const { onlyIn, onlyInValues } = option;
    if (onlyIn === undefined || onlyIn.includes(form) || !isGiven(option, given)) continue;
    if (onlyInValues !== undefined && !valuesOf(option, given).some((value) => onlyInValues.includes(value))) continue;
    const flag = flagOf(option);
    const what = onlyInValues === undefined ? flag : onlyInValues.map((value) => `${flag} ${value}`).join(' and ');
    const where = onlyIn.length > FORMATS.length / 2 ? 'other forms' : onlyIn.join(', ');
    throw new UsageError(
      `${what}: nothing in ${form} depends on it`,
      `Leave it out, or choose a form that heeds it with --format or -o: ${where}.`,
    );
  }
}
