// Builds dist/ from src/, and what runs in a browser from web/, with the command executable: `npm link` makes a link to it, and not a copy with rights of its own.
// With --if-stale it does nothing where dist/ is of the sources as they are.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const STAMP = join(dist, '.built-from');
const MAIN = join(dist, 'cli/main.js');
const CONFIGURATION = ['tsconfig.json', 'tsconfig.build.json', 'web/vite.config.mjs', 'package-lock.json'];

/** A digest of all that the build depends on. */
function digest() {
  const sources = ['src', 'web'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  const hash = createHash('sha256');
  for (const name of [...sources.toSorted(), ...CONFIGURATION]) {
    hash.update(`${name}\0`);
    hash.update(readFileSync(join(root, name)));
  }
  return hash.digest('hex');
}

const wanted = digest();
const isFresh = existsSync(STAMP) && existsSync(MAIN) && readFileSync(STAMP, 'utf8') === wanted;
if (!process.argv.includes('--if-stale') || !isFresh) {
  rmSync(dist, { recursive: true, force: true });
  const run = (tool, ...args) =>
    spawnSync(process.execPath, [join(root, 'node_modules', tool), ...args], { cwd: root, stdio: 'inherit' }).status;
  const status =
    run('typescript/bin/tsc', '-p', 'tsconfig.build.json') ||
    run('vite/bin/vite.js', 'build', '--config', 'web/vite.config.mjs', '--logLevel', 'error');
  process.exitCode = status ?? 1;
  if (status === 0) {
    chmodSync(MAIN, 0o755);
    writeFileSync(STAMP, wanted);
  }
}
