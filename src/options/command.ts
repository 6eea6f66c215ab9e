import type { FormatName } from '../report/formats.ts';
import type { Option } from './option.ts';

/** An argument: `<name>` must be given, `[name]` may be; `...` behind the name: as often as one likes. */
export interface Argument {
  readonly form: string;
  readonly help: string;
}

/** A command: one row, from which its parser, its help and the types of what it is given derive. */
export interface Command {
  readonly name: string;
  /** What it does, in a line. */
  readonly about: string;
  readonly arguments: readonly Argument[];
  /** In the order of the help, which is that of the reproducing command too. */
  readonly options: readonly Option[];
  /** The forms that its results can be written in; none where there are no such results. */
  readonly formats: readonly FormatName[];
  /** What the help begins with. */
  readonly examples: string;
  /** What the help ends with. */
  readonly ending?: string;
}

/** One path or more. */
export type Paths = readonly [string, ...string[]];

type ArgumentValue<Form extends string> = Form extends `<${string}...>`
  ? Paths
  : Form extends `[${string}...]`
    ? readonly string[]
    : Form extends `<${string}>`
      ? string
      : string | undefined;

/** The arguments of a command, in order. */
export type ArgumentsOf<Rows extends readonly Argument[]> = {
  readonly [Index in keyof Rows]: ArgumentValue<Rows[Index]['form']>;
};
