import type { Command } from './command.ts';
import { flagOf, isGiven, valuesOf, type GivenValues, type Option } from './option.ts';
import { shellCommand } from './shell-quote.ts';

/** A path that begins with a dash would be taken for an option. */
const argumentWord = (word: string): string => (word.startsWith('-') && word !== '-' ? `./${word}` : word);

/** How an option is given again; not at all where results do not depend on it, or it says what holds without it. */
function wordsOf(option: Option, given: GivenValues): readonly string[] {
  if (option.reproduces !== true || !isGiven(option, given)) return [];
  const flag = flagOf(option);
  if (option.value === undefined) return [flag];
  const values = valuesOf(option, given);
  if (option.several === 'words') return [flag, ...values.map(argumentWord)];
  return values.flatMap((value) => (value === option.default ? [] : [flag, value]));
}

/**
 * The command line that gives a result again, as a shell takes it: the arguments, and the options that results depend on in
 * the order of the help.
 */
export const reproducingCommand = (
  { name, options }: Pick<Command, 'name' | 'options'>,
  words: readonly string[],
  given: GivenValues,
): string =>
  shellCommand(['tagscope', name, ...words.map(argumentWord), ...options.flatMap((option) => wordsOf(option, given))]);
