import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { run as Run } from '../../src/cli/run.ts';

/** The repository: commands run here, so paths in arguments are relative to it. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
/** The same without a process of its own: `run` of src/cli/run.ts, as it is built. */
export const RUN = new URL('../../dist/cli/run.js', import.meta.url).href;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Around {
  readonly stdin?: Uint8Array | string;
  /** Variables of the environment; nothing but PATH is inherited. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs the built command in this process: a new one would spend most of its time on its start. process.test.ts holds that
 * a process prints the same and ends with the same code; use `spawned` where the process is what is tested.
 */
export async function tagscope(args: readonly string[], { stdin = '', env = {} }: Around = {}): Promise<Ended> {
  requireBuild();
  const { run }: { readonly run: typeof Run } = await import(/* @vite-ignore */ RUN);
  const stdout = new Kept();
  const stderr = new Kept();
  const code = await run(args, {
    stdin: Readable.from(stdin.length === 0 ? [] : [Buffer.from(stdin)]),
    stdout,
    stderr,
    env: environment(env),
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/** Runs the built command as a user does, and waits until it has ended. */
export function spawned(
  args: readonly string[],
  {
    stdin = '',
    env = {},
    closeStdout = false,
  }: Around & {
    /** Close the reading end of the standard output at once, as `| true` does. */
    readonly closeStdout?: boolean;
  } = {},
): Promise<Ended> {
  requireBuild();
  return new Promise<Ended>((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: ROOT, env: environment(env) });
    const printed = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
    if (closeStdout) child.stdout.destroy();
    // A command that stops reading early is judged by how it ends.
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...printed }));
  });
}

/** A standard output or error that is not a terminal. */
class Kept extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

const environment = (env: Readonly<Record<string, string>>) => ({ PATH: process.env['PATH'], ...env });

function requireBuild(): void {
  if (!existsSync(MAIN)) throw new Error('dist/cli/main.js is not there: run `npm run build` first (npm test does)');
}

/** What a paragraph says, however it is wrapped. */
export const unwrapped = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Characters of the longest line. */
export const longestLine = (text: string): number =>
  Math.max(...text.split('\n').map((line) => Array.from(line).length));
