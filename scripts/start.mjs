// Shows the tool at work: builds it, unless that is done, then compares policies on a recorded trace.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

process.exitCode =
  run('scripts/build.mjs', '--if-stale') ||
  run('dist/cli/main.js', 'diff', 'cases/pgtable/trace.zst', ...process.argv.slice(2));
