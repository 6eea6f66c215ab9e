import { Command as Parser, Option as ParsedOption } from 'commander';
import { didYouMean } from '../base/did-you-mean.ts';
import { UsageError } from '../base/errors.ts';
import type { Command } from '../options/command.ts';
import { COMMANDS, PROGRAM } from '../options/commands.ts';
import { formOf, helpOf, type Option } from '../options/option.ts';
import { choiceOf } from '../options/read-option.ts';
import { runAction } from './actions.ts';
import type { ExitCode } from './exit-code.ts';
import type { Surroundings } from './surroundings.ts';

/** The command line of tagscope. `end` is told how the chosen command ended. */
export function createProgram(surroundings: Surroundings, version: string, end: (code: ExitCode) => void): Parser {
  // What is printed for an error is up to the caller of the program.
  const output = {
    writeOut: (text: string): void => void surroundings.stdout.write(text),
    writeErr: (text: string): void => void surroundings.stderr.write(text),
    outputError: (): void => {},
  };
  const program = new Parser('tagscope')
    .description(PROGRAM.about)
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .addHelpText('before', PROGRAM.examples)
    .addHelpText('after', `\n${PROGRAM.ending}`)
    .configureOutput(output)
    .exitOverride();
  for (const command of COMMANDS) {
    const parser = addCommand(program, command);
    parser.action(async () => end(await runAction(command.name, parser, surroundings)));
  }
  program
    .command('help')
    .description('show the help of a command')
    .argument('[command]')
    .helpOption(false)
    .action((name: string | undefined) => {
      const command = program.commands.find((known) => known.name() === name);
      if (name === undefined) program.outputHelp();
      else if (command !== undefined) command.outputHelp();
      else throw unknownCommand(name, program);
    });
  return program;
}

/** Adds the parser of a command, from its row. */
export function addCommand(program: Parser, { name, about, examples, ending, ...row }: Command): Parser {
  const parser = program.command(name).description(about).addHelpText('before', examples);
  for (const { form, help } of row.arguments) parser.argument(form, help);
  for (const option of row.options) parser.addOption(parsedOption(option));
  if (ending !== undefined) parser.addHelpText('after', `\n${ending}`);
  return parser;
}

/** An option as the parser has it. What is not a choice of it is refused there. */
function parsedOption(row: Option): ParsedOption {
  const option = new ParsedOption(formOf(row), helpOf(row));
  const { choices } = row;
  const valueOf = (value: string): string => (choices === undefined ? value : choiceOf({ ...row, choices }, value));
  if (row.several === 'times')
    return option.argParser<readonly string[]>((value, before = []) => [...before, valueOf(value)]);
  return choices === undefined ? option : option.argParser(valueOf);
}

function unknownCommand(name: string, { commands }: Parser): UsageError {
  const names = commands.map((command) => command.name());
  return new UsageError(`unknown command '${name}'`, `${didYouMean(name, names)}The commands are ${names.join(', ')}.`);
}
