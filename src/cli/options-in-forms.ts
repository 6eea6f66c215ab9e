import { UsageError } from '../base/errors.ts';
import { FORMATS, type FormatName } from '../report/formats.ts';

/** The options that only some forms of output heed. */
export interface FormOptions {
  readonly top?: string | undefined;
  readonly by?: string | undefined;
  readonly weight?: string | undefined;
  readonly all?: boolean | undefined;
  readonly reports?: boolean | undefined;
  readonly verbose?: boolean | undefined;
}

interface FormOption {
  /** As it is written. */
  readonly option: string;
  readonly isGiven: (raw: FormOptions) => boolean;
  /** Where it changes anything. */
  readonly forms: readonly FormatName[];
}

/** A row for each of them. */
const FORM_OPTIONS: readonly FormOption[] = [
  { option: '--top', isGiven: ({ top }) => top !== undefined, forms: ['text', 'markdown'] },
  { option: '--weight', isGiven: ({ weight }) => weight !== undefined, forms: ['html', 'svg', 'collapsed'] },
  // JSON always has classes and call sites; other groups only where they are asked for.
  {
    option: '--by class and --by site',
    isGiven: ({ by }) => by === 'class' || by === 'site',
    forms: FORMATS.map(({ name }) => name).filter((name) => name !== 'json'),
  },
  { option: '--all', isGiven: ({ all }) => all === true, forms: ['text'] },
  { option: '--reports', isGiven: ({ reports }) => reports === true, forms: ['text'] },
  { option: '--verbose', isGiven: ({ verbose }) => verbose === true, forms: ['text'] },
];

/**
 * Refuses options that would change nothing: whoever gives one expects something of it.
 *
 * @throws UsageError
 */
export function refuseWithoutEffect(raw: FormOptions, form: FormatName): void {
  const useless = FORM_OPTIONS.find(({ isGiven, forms }) => isGiven(raw) && !forms.includes(form));
  if (useless === undefined) return;
  const { option, forms } = useless;
  const where = forms.length > FORMATS.length / 2 ? 'other forms' : forms.join(', ');
  throw new UsageError(
    `${option}: nothing in ${form} depends on it`,
    `Leave it out, or choose a form that heeds it with --format or -o: ${where}.`,
  );
}
