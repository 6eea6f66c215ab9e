// Everything that must hold: lint, format, types, build, a browser, tests. The last line printed is `N passed, N failed`; each
// check that is not a vitest file counts as one test.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => join(root, 'node_modules', name);
const OXLINT = bin('oxlint/bin/oxlint');
const OXFMT = bin('oxfmt/bin/oxfmt');
const TSC = bin('typescript/bin/tsc');
const VITEST = bin('vitest/vitest.mjs');

let passed = 0;
let failed = 0;

/** Runs a tool with the Node that runs this script, whichever is first in PATH. */
function run(args, extra = {}) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', ...extra }).status === 0;
}

function check(name, ...commands) {
  console.log(`\n── ${name}`);
  const good = commands.every((args) => run(args));
  if (good) passed++;
  else failed++;
  console.log(good ? 'ok' : `FAILED: ${name}`);
}

/** Counts come from the report; without one (a crash, or no test found) the run counts as one failure. */
function vitest() {
  console.log('\n── tests');
  const folder = mkdtempSync(join(tmpdir(), 'tagscope-test-'));
  const report = join(folder, 'report.json');
  try {
    const args = [VITEST, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const good = run([...args, ...process.argv.slice(2)]);
    let counts = { numPassedTests: 0, numFailedTests: 0, numFailedTestSuites: 0 };
    try {
      counts = JSON.parse(readFileSync(report, 'utf8'));
    } catch {
      console.log('FAILED: vitest left no report');
    }
    passed += counts.numPassedTests;
    // A file that cannot be loaded, or an error outside any test, fails the run without a failed test.
    failed += good ? counts.numFailedTests : Math.max(counts.numFailedTests, 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

check('lint', [OXLINT, '-c', 'oxlint.config.mjs', '--deny-warnings']);
check('format', [OXFMT, '--check', '.']);
check('types', [TSC, '-p', 'tsconfig.json']);
check('types of the core', [TSC, '-p', 'tsconfig.core.json']);
check('types of the page', [TSC, '-p', 'tsconfig.web.json']);
check('build', [join(root, 'scripts/build.mjs')]);
check('browser', [join(root, 'scripts/chromium.mjs')]);
vitest();

console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
