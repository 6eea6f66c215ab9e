// Sees to it that there is a browser for the tests of pages. On a bare Debian or Ubuntu it is installed, where that may be
// done; else it is said what is missing. Tests are never left out for want of one.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PATHS = JSON.parse(readFileSync(new URL('../test/browser/chromium-paths.json', import.meta.url), 'utf8'));

const installed = () => [process.env.CHROMIUM, ...PATHS].find((path) => path !== undefined && existsSync(path));

/** Runs a package manager; what it says goes to the standard error. */
const apt = (...args) =>
  spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0;

/** The path of a browser, or undefined if there is none and none can be had. */
export function ensureChromium() {
  if (installed() === undefined && process.platform === 'linux' && process.getuid?.() === 0) {
    if (!apt('install', '-y', '--no-install-recommends', 'chromium') && apt('update'))
      apt('install', '-y', '--no-install-recommends', 'chromium');
  }
  return installed();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = ensureChromium();
  console.log(
    path ??
      'There is no Chromium, and none could be installed (that takes root and apt-get). Install one, for example with\n' +
        '`sudo apt-get install chromium`, or give the path of one: CHROMIUM=/path/to/chromium npm test',
  );
  process.exitCode = path === undefined ? 1 : 0;
}
