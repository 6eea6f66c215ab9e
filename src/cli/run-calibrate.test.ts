import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError, UsageError } from '../base/errors.ts';
import { measure } from './run-calibrate.ts';

const CALIBRATION = new URL('../../cases/calibration/qemu-user.json', import.meta.url).pathname;

/**
 * Compilers that are scripts: what they "compile" is a script too. The real compiler and the real program need an arm64
 * machine with MTE.
 */
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagscope-test-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function compiler(name: string, program: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(
    path,
    `#!/bin/sh\n# cc -O2 -o BINARY SOURCE\ntest -s "$4" || exit 9\ncat > "$3" <<'END'\n${program}\nEND\nchmod +x "$3"\n`,
  );
  await chmod(path, 0o755);
  return path;
}

describe('measuring', () => {
  test('the program is compiled and run with the options, and its result is what is written', async () => {
    const cc = await compiler('good', `#!/bin/sh\ntest "$*" = "--core 3" || exit 5\necho stg >&2\ncat ${CALIBRATION}`);
    const said: string[] = [];
    expect(await measure(cc, ['--core', '3'], (what) => said.push(what))).toBe(await readFile(CALIBRATION, 'utf8'));
    expect(said[0]).toContain('compiling');
  });

  test('a program that says why it cannot: its words, and what to do', async () => {
    const cc = await compiler('no-mte', '#!/bin/sh\necho "mte-calibrate: no memory tagging" >&2\nexit 1');
    await expect(measure(cc, [], () => {})).rejects.toThrow(UsageError);
    await expect(measure(cc, [], () => {})).rejects.toThrow(/ended with 1: mte-calibrate: no memory tagging/);
  });

  test('a compiler that is not there', async () => {
    await expect(measure(join(folder, 'none'), [], () => {})).rejects.toThrow(/no such program/);
  });

  test('a result that is none is refused', async () => {
    const cc = await compiler('half', '#!/bin/sh\necho "{"');
    await expect(measure(cc, [], () => {})).rejects.toThrow(InputError);
  });
});
