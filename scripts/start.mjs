// Shows the tool at work: builds it, unless that is done, then compares policies on a recorded trace.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
// The command that is printed can be run as it stands, from the directory that `npm start` runs in.
const env = { ...process.env, TAGSCOPE_PROGRAM: 'node dist/cli/main.js' };
const run = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env }).status ?? 1;

process.exitCode =
  run('scripts/build.mjs', '--if-stale') ||
  run('dist/cli/main.js', 'diff', 'cases/pgtable/trace.zst', ...process.argv.slice(2));
