import { readFileSync } from 'node:fs';

/** The version of this program, as its package has it. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const found = /"version":\s*"([^"]+)"/.exec(text);
  return found === null ? 'unknown' : found[1];
}
