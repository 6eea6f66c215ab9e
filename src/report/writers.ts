import { FORMATS, type FormatName } from './formats.ts';
import type { MeasureId } from './stacks/measures.ts';
import type { TextOptions } from './text-options.ts';

/** How results are to be written, beside the form itself. */
export interface OutputOptions {
  readonly text: TextOptions;
  /** What the widths of stacks are, in forms that have one only. */
  readonly weight: MeasureId;
}

/**
 * Writes results of one kind in one form.
 *
 * - `each`: one after another as they come, with an empty line between them.
 * - `all`: one file of all of them.
 * - `one`: the form has no place for several.
 */
export type Writer<Result> =
  | { readonly takes: 'each'; readonly write: (result: Result, options: OutputOptions) => string }
  | { readonly takes: 'all'; readonly write: (results: readonly Result[], options: OutputOptions) => Written }
  | { readonly takes: 'one'; readonly write: (result: Result, options: OutputOptions) => Written };

/** Text, or the bytes of a binary form. */
export type Written = string | Uint8Array;

/** The forms that one kind of result can be written in. */
export type Writers<Result> = { readonly [Name in FormatName]?: Writer<Result> };

/** Their names, in the order of the table of forms. */
export const formatsOf = <Result>(writers: Writers<Result>): readonly FormatName[] =>
  FORMATS.map(({ name }) => name).filter((name) => writers[name] !== undefined);

/** A result as JSON, as a person reads it. */
export const jsonText = (result: unknown): string => `${JSON.stringify(result, null, 2)}\n`;

/** The writers of a result that is text or JSON: `several` makes one object of more than one result. */
export const textAndJson = <Result>(
  render: (result: Result, options: TextOptions) => string,
  several: (results: readonly Result[]) => unknown = ([only]) => only,
): Writers<Result> => ({
  text: { takes: 'each', write: (result, { text }) => render(result, text) },
  json: { takes: 'all', write: (results) => jsonText(results.length === 1 ? results[0] : several(results)) },
});
