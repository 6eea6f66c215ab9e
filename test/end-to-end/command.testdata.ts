import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository: commands run here, so paths in arguments are relative to it. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Around {
  readonly stdin?: Uint8Array | string;
  /** Variables of the environment; nothing but PATH is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  /** Close the reading end of the standard output at once, as `| true` does. */
  readonly closeStdout?: boolean;
  /** Press Ctrl-C after so many milliseconds. */
  readonly interruptAfter?: number;
}

/** Runs the built command as a user does, and waits until it has ended. */
export function tagscope(
  args: readonly string[],
  { stdin = '', env = {}, closeStdout = false, interruptAfter }: Around = {},
) {
  if (!existsSync(MAIN)) throw new Error('dist/cli/main.js is not there: run `npm run build` first (npm test does)');
  return new Promise<Ended>((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: ROOT, env: { PATH: process.env['PATH'], ...env } });
    const printed = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
    if (closeStdout) child.stdout.destroy();
    // A command that stops reading early is judged by how it ends.
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
    if (interruptAfter !== undefined) setTimeout(() => child.kill('SIGINT'), interruptAfter);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...printed }));
  });
}

/** What a paragraph says, however it is wrapped. */
export const unwrapped = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Characters of the longest line. */
export const longestLine = (text: string): number =>
  Math.max(...text.split('\n').map((line) => Array.from(line).length));
