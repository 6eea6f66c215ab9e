import { UsageError } from '../base/errors.ts';
import { flagOf, valuesOf, type GivenValues, type Option } from './option.ts';
import { wholeNumber } from './whole-number.ts';

type WholeOption = Option & { readonly whole: readonly [min: number, max: number] };

/** What was given of one option. */
type GivenOf<Row extends Option, Value> = { readonly [Name in Row['name']]?: Value };

/** The number of an option, or its default; undefined without either. @throws UsageError for no number, or out of range */
export function numberOf<Row extends WholeOption & { readonly default: string }>(
  row: Row,
  given: GivenOf<Row, string>,
): number;
export function numberOf<Row extends WholeOption>(row: Row, given: GivenOf<Row, string>): number | undefined;
export function numberOf(row: WholeOption, given: GivenValues): number | undefined {
  const [text = row.default] = valuesOf(row, given);
  return text === undefined ? undefined : whole(row, text);
}

/** The numbers of an option that may be given several times. @throws as `numberOf` */
export const numbersOf = <Row extends WholeOption>(
  row: Row,
  given: GivenOf<Row, readonly string[]>,
): readonly number[] => valuesOf(row, given).map((text) => whole(row, text));

function whole(row: WholeOption, text: string): number {
  const [min, max] = row.whole;
  return wholeNumber(flagOf(row), text, min, max);
}

/** A value of an option that has choices, as they are written. @throws UsageError for one that it does not take */
export function choiceOf(row: Option & { readonly choices: readonly string[] }, value: string): string {
  const found = row.choices.find((choice) => choice === value.toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError(`${flagOf(row)} ${value}: unknown`, `It is one of ${row.choices.join(', ')}.`);
}
