// Builds dist/ from src/, with the command executable: `npm link` makes a link to it, and not a copy with rights of its own.
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
const CONFIGURATION = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

/** A digest of all that the build depends on. */
function digest() {
  const sources = readdirSync(join(root, 'src'), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('src', name));
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
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
  if (status === 0) {
    chmodSync(MAIN, 0o755);
    writeFileSync(STAMP, wanted);
  }
}
