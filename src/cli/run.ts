import { CommanderError, type Command } from 'commander';
import { UsageError } from '../base/errors.ts';
import { wrap } from '../report/prose.ts';
import { describeError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { createProgram } from './program.ts';
import { writeAll } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { widthOf } from './terminal.ts';
import { version } from './version.ts';

/**
 * Runs a command line. Errors are told on the standard error, in one paragraph.
 *
 * @param args without the program's name
 */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { stderr, stdout, env } = surroundings;
  // A reader that goes away must not become an uncaught error; writing tells of it. What is written last, such as help,
  // may fail after this function has ended: the listeners stay.
  const ignore = (): void => {};
  stdout.on('error', ignore);
  stderr.on('error', ignore);
  let program: Command | undefined;
  try {
    let code: ExitCode = EXIT.ok;
    program = createProgram(surroundings, version(), (ended) => (code = ended));
    if (args.length === 0) {
      program.outputHelp({ error: true });
      return EXIT.usage;
    }
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    const meant = fromCommander(error, program?.commands.find((command) => command.name() === args[0])?.name());
    if (meant === undefined) return EXIT.ok;
    const { code, text } = describeError(meant, args, version());
    if (text !== '') {
      const lines = wrap(text, Math.min(100, widthOf(stderr, env)), '', 'keep');
      await writeAll(stderr, `${lines.join('\n')}\n`).catch(ignore);
    }
    if (env['TAGSCOPE_DEBUG'] === '1' && error instanceof Error) stderr.write(`${error.stack ?? ''}\n`);
    return code;
  }
}

/**
 * What the parser of command lines throws, as ours; undefined where it is no error (help and version were printed).
 *
 * @param command whose help says more, if it is known
 */
function fromCommander(error: unknown, command: string | undefined): unknown {
  if (!(error instanceof CommanderError)) return error;
  if (error.exitCode === 0) return undefined;
  const message = error.message.replace(/^error: /, '');
  const [what, ...hints] = message.split('\n');
  const hint = hints.join(' ').replace(/^\((.*)\)$/, '$1');
  return new UsageError(
    what,
    `${hint === '' ? '' : `${hint} `}See \`tagscope ${command === undefined ? '' : `${command} `}--help\`.`,
  );
}
