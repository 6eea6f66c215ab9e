import { PassThrough, Readable } from 'node:stream';
import type { McpOptions } from '../options/commands/mcp.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { answer, MOST_REQUEST_CHARACTERS, type CommandOutput } from './mcp-server.ts';
import { writeAll } from './result-output.ts';
import { run } from './run.ts';
import type { Surroundings } from './surroundings.ts';
import { version } from './version.ts';

/** Lines of a stream. What is longer than a request may be is cut, so that it is refused and not held. */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = text.split('\n');
    for (const line of lines.slice(0, -1)) {
      yield rest + line;
      rest = '';
    }
    if (rest.length <= MOST_REQUEST_CHARACTERS) rest += lines[lines.length - 1];
  }
  if (rest.trim() !== '') yield rest;
}

/** Runs a command with nothing but its words: no input, no terminal, and its output held. */
async function captured(words: readonly string[]): Promise<CommandOutput> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const textOf = async (stream: PassThrough): Promise<string> => {
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part);
    return Buffer.concat(parts).toString('utf8');
  };
  const [printed, told] = [textOf(stdout), textOf(stderr)];
  const code = await run([...words], { stdin: Readable.from([]), stdout, stderr, env: { NO_COLOR: '1' } });
  stdout.end();
  stderr.end();
  // A check that found something ends with 1: that is an answer.
  const failed = code !== EXIT.ok && code !== EXIT.failed;
  return { failed, text: failed ? await told : await printed };
}

/** `tagscope mcp`: the same facts for agents, over the standard input and output, until the input ends. */
export async function runMcp(_: McpOptions, { stdin, stdout }: Surroundings): Promise<ExitCode> {
  for await (const line of linesOf(stdin)) {
    if (line.trim() === '') continue;
    const answered = await answer(line, version(), captured);
    if (answered !== undefined) await writeAll(stdout, `${answered}\n`);
  }
  return EXIT.ok;
}
