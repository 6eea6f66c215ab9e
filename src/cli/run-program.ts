import { spawn } from 'node:child_process';
import { UsageError } from '../base/errors.ts';

/**
 * Runs a program to its end.
 *
 * @param said told the last line that it has written to its standard error
 * @returns what it printed
 * @throws UsageError with what it complained of and what to do, if it failed or is not there
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  advice: string,
  said?: (line: string) => void,
): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let complained = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complained += text;
    said?.(text.trim().split('\n').at(-1) ?? '');
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).catch((error: unknown) => {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!missing) throw error;
    throw new UsageError(`${program}: no such program`, advice);
  });
  if (code !== 0) throw new UsageError(`${program} ended with ${code ?? 'a signal'}: ${lastLines(complained)}`, advice);
  return printed;
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join(' ');
