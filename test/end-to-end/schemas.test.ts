import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type AnySchemaObject } from 'ajv';
import { describe, expect, test } from 'vitest';
import { ROOT, tagscope } from './command.testdata.ts';

const FOLDER = join(ROOT, 'schema');
const NAMES = readdirSync(FOLDER).map((file) => file.replace(/\.schema\.json$/, ''));

/** What has a schema of another kind, or is a part of another result or of a text. */
const NOT_RESULTS = new Set(['events', 'calibration', 'info', 'review-facts']);

const SMALL = 'cases/ftrace-text/arm64-stacks.trace';
const OTHER = 'cases/ftrace-text/x86-no-stacks.trace';

/** What prints each of the results. */
const COMMANDS: readonly (readonly [name: string, words: string])[] = [
  ['report', `report ${SMALL}`],
  ['report', `report ${OTHER} --by stack`],
  ['report', `report cases/trace-dat/arm64-stacks.v7-none.dat --by comm`],
  ['report', `report --merge cases/odd-traces/merge-part1.txt cases/odd-traces/merge-part2.txt`],
  ['reports', `report ${SMALL} ${OTHER}`],
  ['diff', `diff ${SMALL}`],
  ['diff', `diff ${SMALL} ${OTHER} --policy series`],
  ['infos', `info cases/perfetto/x86-kmem.pftrace`],
  ['infos', `info ${SMALL} ${OTHER}`],
  ['bench', 'bench thread --threads 5 --iterations 3 -q'],
  ['bench', 'bench shell --iterations 2 --policy series -q'],
  ['policies', 'policies'],
  ['policies', 'policies series'],
  ['compare', `compare ${SMALL} --policies series,tag-on-free --trials 5 -q`],
  ['check', `check ${SMALL} --budget granules<1M,class.page-table.share<5%`],
  ['advise', `advise ${SMALL} --trials 5 -q`],
  ['profiles', 'profiles'],
  ['profiles', 'profiles cases/calibration/qemu-user.json'],
  ['accuracy', 'accuracy cases/oracle -q'],
  ['audit', 'audit --policy series --trials 20 --class page-table -q'],
  ['audit-diff', 'audit --trials 20 --class page-table -q'],
  ['review', 'review cases/series/v1.mbox cases/series/v4.mbox --trials 2 -q'],
  ['explain', 'explain cases/kasan-reports/patched-async-max.log.zst --trials 1 -q'],
  ['conform', 'conform'],
  ['conform-policy', 'conform --policy leave-new-slab --seeds 3 -q'],
  ['conform-seeds', 'conform --seeds 3 -q'],
  ['conform-against', 'conform --against cases/kasan-reports/baseline-sync-max.log.zst --seeds 3 -q'],
];

/**
 * A schema that takes no key that it does not name. Published ones do, since new keys may appear; but what is printed
 * today must be described today.
 */
function closed(schema: AnySchemaObject): AnySchemaObject {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key !== 'properties' &&
    typeof value === 'object' &&
    value !== null &&
    'properties' in value &&
    !('additionalProperties' in value)
      ? { ...value, additionalProperties: false }
      : value,
  );
}

const schemaOf = (name: string): AnySchemaObject =>
  JSON.parse(readFileSync(join(FOLDER, `${name}.schema.json`), 'utf8'));

test('the schemas are what the types say: npm run schema', () => {
  const { status, stdout } = spawnSync(process.execPath, ['scripts/schema.mjs', '--check'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([0, '']);
});

test('every result that the code names has a schema', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const named = files
    .filter((file) => /(?<!\.test|\.testdata)\.ts$/.test(file))
    .flatMap((file) => [...readFileSync(join(ROOT, 'src', file), 'utf8').matchAll(/'tagscope\.([a-z-]+)'/g)])
    .map(([, name]) => name);
  const results = [...new Set(named)].filter((name) => !NOT_RESULTS.has(name));
  expect(results.toSorted()).toEqual(NAMES.toSorted());
});

test('every schema is tried on a real result', () => {
  expect([...new Set(COMMANDS.map(([name]) => name))].toSorted()).toEqual(NAMES.toSorted());
});

describe('what is printed is what the schema says, and nothing more', () => {
  test.each(COMMANDS)(
    '%s: %s',
    async (name, words) => {
      const { stdout } = await tagscope([...words.split(' '), '--json']);
      const result: { schema: string } = JSON.parse(stdout);
      expect(result.schema).toBe(`tagscope.${name}`);
      const validate = new Ajv({ allErrors: true }).compile(closed(schemaOf(name)));
      validate(result);
      expect(validate.errors).toBeNull();
      // accuracy runs the model for each file of counts.
    },
    240_000,
  );
});

test.each(NAMES)('%s takes a key that is new', (name) => {
  const schema = schemaOf(name);
  expect(schema.$id).toMatch(new RegExp(`^urn:tagscope:${name}:\\d+$`));
  expect(new Ajv({ strict: true, allowUnionTypes: true }).validateSchema(schema)).toBe(true);
  expect(JSON.stringify(schema)).not.toContain('"additionalProperties":false');
});
