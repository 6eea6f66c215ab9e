// Shows the tool at work: builds it if it is not built, then compares policies on a recorded trace.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

let status = 0;
if (!existsSync(new URL('../dist/cli/main.js', import.meta.url))) {
  status = run('scripts/clean.mjs', 'dist') || run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
}
process.exitCode = status || run('dist/cli/main.js', 'diff', 'cases/pgtable/trace.zst', ...process.argv.slice(2));
