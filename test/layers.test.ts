import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');

/** The complaints of the project's own lint configuration about the layers of a source tree. */
function layerProblems(folder: string): string[] {
  const run = spawnSync(process.execPath, [oxlint, '-c', 'oxlint.config.mjs', '--format=unix', '.'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(run.stderr, 'oxlint must run').not.toMatch(/Failed|Invalid/);
  return run.stdout
    .split('\n')
    .filter((line) => /no-restricted-(?:imports|globals)/.test(line))
    .map((line) => line.slice(0, line.indexOf(':')));
}

/** Files of src/, and whether they may stand as they are. */
const CASES: readonly (readonly [file: string, text: string, problems: number])[] = [
  ['src/base/up.ts', "import { a } from '../gfp/flags.ts';\nexport const b = a;\n", 1],
  ['src/base/type.ts', "import type { A } from '../trace/losses.ts';\nexport type B = A;\n", 1],
  ['src/base/reexport.ts', "export { a } from '../cli/main.ts';\n", 1],
  ['src/base/star.ts', "export * from '../cli/main.ts';\n", 1],
  ['src/base/node.ts', "import { readFileSync } from 'node:fs';\nexport const b = readFileSync;\n", 1],
  ['src/base/bare-node.ts', "import { readFileSync } from 'fs';\nexport const b = readFileSync;\n", 1],
  ['src/base/package.ts', "import * as v from 'valibot';\nexport const b = v.string;\n", 1],
  ['src/base/process.ts', "export const b = (): void => process.stdout.write('x');\n", 1],
  ['src/base/console.ts', "export const b = (): void => console.log('x');\n", 1],
  ['src/base/buffer.ts', 'export const b = Buffer;\n', 1],
  ['src/base/dom.ts', 'export const b = [window, document];\n', 2],
  ['src/base/global.ts', 'export const b = globalThis;\n', 1],
  ['src/base/same.ts', "import { c } from './inner/c.ts';\nexport const b = c;\n", 0],
  ['src/formats/ftrace-text/inner.ts', "import { a } from '../../base/units.ts';\nexport const b = a;\n", 0],
  ['src/formats/ftrace-text/up.ts', "import { a } from '../../replay/replay.ts';\nexport const b = a;\n", 1],
  ['src/formats/ftrace-text/own.ts', "import { a } from '../ftrace-text/inner.ts';\nexport const b = a;\n", 0],
  ['src/mte/side.ts', "import { a } from '../gfp/flags.ts';\nexport const b = a;\n", 1],
  ['src/policy/schema.ts', "import * as v from 'valibot';\nexport const b = v.string;\n", 0],
  ['src/policy/other.ts', "import { table } from 'table';\nexport const b = table;\n", 1],
  ['src/report/table.ts', "import { table } from 'table';\nexport const b = table;\n", 0],
  ['src/report/replay.ts', "import { a } from '../replay/replay.ts';\nexport const b = a;\n", 1],
  ['src/cost/types.ts', "import type { A } from '../replay/options.ts';\nexport type B = A;\n", 1],
  ['src/cost/values.ts', "import { a } from '../replay/options.ts';\nexport const b = a;\n", 1],
  ['src/replay/formats.ts', "import { a } from '../formats/ftrace-text/reader.ts';\nexport const b = a;\n", 1],
  ['src/replay/a.test.ts', "import fc from 'fast-check';\nexport const b = [fc, process];\n", 0],
  ['src/replay/a.testdata.ts', "import { parse } from 'protobufjs';\nexport const b = parse;\n", 0],
  ['src/replay/b.test.ts', "import { a } from '../cli/main.ts';\nexport const b = a;\n", 1],
  ['src/cli/main.ts', "import { a } from '../replay/replay.ts';\nexport const b = [a, process, console];\n", 0],
  ['src/server/main.ts', "import { a } from '../cli/main.ts';\nexport const b = a;\n", 1],
  ['web/main.ts', "import { a } from '../src/result/result.ts';\nexport const b = [a, document];\n", 0],
  ['web/node.ts', "import { a } from '../src/cli/main.ts';\nexport const b = a;\n", 1],
];

describe('the layers of src/', () => {
  let tree = '';
  const found = new Map<string, number>();

  beforeAll(() => {
    tree = mkdtempSync(join(tmpdir(), 'tagscope-layers-'));
    for (const name of ['oxlint.config.mjs', 'layers.json']) cpSync(join(root, name), join(tree, name));
    for (const [file, text] of CASES) {
      mkdirSync(dirname(join(tree, file)), { recursive: true });
      writeFileSync(join(tree, file), text);
    }
    for (const file of layerProblems(tree)) found.set(file, (found.get(file) ?? 0) + 1);
  });

  afterAll(() => {
    rmSync(tree, { recursive: true, force: true });
  });

  it.each(CASES)('%s', (file, _text, problems) => {
    expect(found.get(file) ?? 0).toBe(problems);
  });

  it('holds in this repository', () => {
    expect(layerProblems(root)).toEqual([]);
  });

  it('names every folder of src/', () => {
    const table: Readonly<Record<string, unknown>> = JSON.parse(readFileSync(join(root, 'layers.json'), 'utf8'));
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true });
    expect(folders.filter((entry) => !entry.isDirectory()).map((entry) => entry.name)).toEqual([]);
    expect(Object.keys(table)).toEqual(expect.arrayContaining(folders.map((entry) => entry.name)));
  });

  it('holds for dynamic imports and import types too, which the lint rule does not see', () => {
    const written = mkdtempSync(join(tmpdir(), 'tagscope-layers-'));
    try {
      for (const name of ['oxlint.config.mjs', 'layers.json']) cpSync(join(root, name), join(written, name));
      for (const file of [...CASES_OF_DYNAMIC.map(([name]) => name), ...sourcesOf(join(root, 'src'))]) {
        const text = CASES_OF_DYNAMIC.find(([name]) => name === file)?.[1] ?? readFileSync(join(root, file), 'utf8');
        // The same imports in the form that the rule sees.
        const targets = [...text.matchAll(/\bimport\s*\(\s*(?:'([^']*)')?/g)].map(
          (match) => match[1] ?? 'not-a-literal',
        );
        if (targets.length === 0) continue;
        mkdirSync(dirname(join(written, file)), { recursive: true });
        const lines = targets.map((target, index) => `import * as a${index} from '${target}';\nvoid a${index};\n`);
        writeFileSync(join(written, file), lines.join(''));
      }
      expect(layerProblems(written).toSorted()).toEqual(
        CASES_OF_DYNAMIC.filter(([, , problems]) => problems > 0).map(([file]) => file),
      );
    } finally {
      rmSync(written, { recursive: true, force: true });
    }
  });
});

/** Files that are not there, to see that the rule sees through the rewriting. */
const CASES_OF_DYNAMIC: readonly (readonly [file: string, text: string, problems: number])[] = [
  ['src/base/dynamic-computed.ts', 'export const b = (name: string) => import(name);\n', 1],
  ['src/base/dynamic-node.ts', "export const b = () => import('node:fs');\n", 1],
  ['src/base/dynamic-up.ts', "export const b = () => import('../cli/main.ts');\n", 1],
  ['src/open/dynamic.ts', "export const b = () => import('../formats/reader.ts');\n", 0],
];

/** The files of src/ that are held by the table, from the root of the project. */
const sourcesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => `src/${file}`);
