import { PassThrough, Readable } from 'node:stream';
import type { Surroundings } from './surroundings.ts';

/** Surroundings that keep what is printed; not a terminal. */
export function fakeSurroundings(stdin = '', env: Surroundings['env'] = {}) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const printed = { stdout: '', stderr: '' };
  stdout.on('data', (data) => (printed.stdout += String(data)));
  stderr.on('data', (data) => (printed.stderr += String(data)));
  const surroundings: Surroundings = { stdin: Readable.from([Buffer.from(stdin)]), stdout, stderr, env };
  return { surroundings, printed };
}
