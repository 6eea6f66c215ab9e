import type { FormatName } from '../report/formats.ts';

/**
 * An option of a command: one row, from which the parser, the help, the types of what was given, the command that
 * reproduces a result and a form on a page derive.
 */
export interface Option {
  /** Its name in what was given, in camelCase. Its flag is the same in words: `pageSize` is `--page-size`. */
  readonly name: string;
  /** One letter for it. */
  readonly short?: string;
  /** What stands for its value in the help, such as `n` or `name|file`. A switch has none. */
  readonly value?: string;
  /** It takes several values: the option is given once for each (`times`), or has them all behind it (`words`). */
  readonly several?: 'times' | 'words';
  /** A switch that takes something away: the flag of `color` is `--no-color`, and what is given is `color: false`. */
  readonly negated?: true;
  /** The values that it takes, in lower case. Others are refused. */
  readonly choices?: readonly string[];
  /** It is a whole number in this range, the ends included. */
  readonly whole?: readonly [min: number, max: number];
  /** The value that holds without it. */
  readonly default?: string;
  /** What the help says instead of `default`, where there is more to say or what holds is no value. */
  readonly otherwise?: string;
  readonly help: string;
  /** Results depend on it: the command that gives a result again has it, unless its value is the default. */
  readonly reproduces?: true;
  /** Its value names files to read: one, or policies separated by commas. What a command reads is never written over. */
  readonly reads?: 'file' | 'policies';
  /** The forms of output that depend on it, where not all do: in others it is refused. */
  readonly onlyIn?: readonly FormatName[];
  /** The values that `onlyIn` is said of; all, if there are none. */
  readonly onlyInValues?: readonly string[];
}

type ValueOf<Row extends Option> = Row extends { readonly several: string }
  ? readonly string[]
  : Row extends { readonly choices: readonly (infer Choice)[] }
    ? Choice
    : Row extends { readonly value: string }
      ? string
      : boolean;

/** What was given of these options; absent ones were not. */
export type Given<Rows extends readonly Option[]> = {
  readonly [Row in Rows[number] as Row['name']]?: ValueOf<Row>;
};

/** The same of any options. */
export type GivenValues = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/** How an option is written: `--page-size`. */
export const flagOf = ({ name, negated }: Pick<Option, 'name' | 'negated'>): string =>
  `--${negated === true ? 'no-' : ''}${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The same with the short form, and with what stands for the value: `-o, --output <file>`. */
export function formOf(option: Pick<Option, 'name' | 'negated' | 'short' | 'value' | 'several'>): string {
  const { short, value, several } = option;
  const shown = value === undefined ? '' : ` <${value}${several === 'words' ? '...' : ''}>`;
  return `${short === undefined ? '' : `-${short}, `}${flagOf(option)}${shown}`;
}

/** What the help says of an option: what it is for, and what holds without it. */
export function helpOf({ help, default: usual, otherwise = usual }: Option): string {
  return otherwise === undefined || otherwise === '' ? help : `${help} (default: ${otherwise})`;
}

/** The values that were given of an option, in order; none for a switch. */
export function valuesOf({ name }: Pick<Option, 'name'>, given: GivenValues): readonly string[] {
  const value = given[name];
  if (typeof value === 'string') return [value];
  return typeof value === 'object' ? value : [];
}

/** Whether an option was given. */
export const isGiven = (option: Option, given: GivenValues): boolean =>
  option.value === undefined ? given[option.name] === (option.negated !== true) : valuesOf(option, given).length > 0;
