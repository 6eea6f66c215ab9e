// Property tests and the fuzzer with fresh seeds, round after round until one fails: npm run test:random -- --rounds 20
// With --seed it is one round from that seed. The seed of each round is printed, and how to run it again.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '1' }, seed: { type: 'string' } } });
const rounds = values.seed === undefined ? Number(values.rounds) : 1;
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: expected a number from 1`);

/** The test files in which something is random. */
const files = ['src', 'test']
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)))
  .filter((name) => name.endsWith('.test.ts'))
  .filter((name) => /'fast-check'|TEST_SEED/.test(readFileSync(join(root, name), 'utf8')));

for (let round = 1; round <= rounds; round++) {
  const seed = values.seed ?? String(randomInt(0x7fff_ffff));
  console.log(`\n── round ${round} of ${rounds}, seed ${seed}: ${files.length} files`);
  const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...files], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TEST_SEED: seed },
  });
  if (status !== 0) {
    console.log(`FAILED; again: npm run test:random -- --seed ${seed}`);
    process.exitCode = 1;
    break;
  }
}
