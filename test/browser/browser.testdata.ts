import { existsSync, readFileSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PATHS: readonly string[] = JSON.parse(readFileSync(new URL('chromium-paths.json', import.meta.url), 'utf8'));

/** Starts the browser of the machine. Without one, tests of pages fail: they are never left out quietly. */
export function launch(...args: readonly string[]): Promise<Browser> {
  const path = [process.env['CHROMIUM'], ...PATHS].find((each) => each !== undefined && existsSync(each));
  if (path === undefined) {
    throw new Error(
      'There is no Chromium. `npm test` installs it on Debian and Ubuntu as root; else: sudo apt-get install chromium, or CHROMIUM=/path/to/chromium',
    );
  }
  return chromium.launch({
    executablePath: path,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  });
}
