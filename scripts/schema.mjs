// Makes the JSON Schemas of all results from their TypeScript types and the comments on them: schema/NAME.schema.json.
// With --check it writes nothing, and fails if a file is not as it would be made.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGenerator } from 'ts-json-schema-generator';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'schema');

/** Each result by the name in its `schema` key, without `tagscope.`: its file in src/, and its type there. */
const RESULTS = [
  ['report', 'result/result.ts', 'ReportResult'],
  ['reports', 'result/result.ts', 'ReportsResult'],
  ['diff', 'result/result.ts', 'DiffResult'],
  ['infos', 'result/info.ts', 'InfosResult'],
  ['bench', 'result/bench.ts', 'BenchResult'],
  ['policies', 'result/policies.ts', 'PoliciesResult'],
  ['compare', 'decide/compare.ts', 'CompareResult'],
  ['profiles', 'result/profiles.ts', 'ProfilesResult'],
  ['check', 'decide/check.ts', 'CheckResult'],
  ['advise', 'decide/advise.ts', 'AdviseResult'],
  ['accuracy', 'accuracy/judge.ts', 'AccuracyResult'],
  ['audit', 'audit/result.ts', 'AuditResult'],
  ['audit-diff', 'audit/result.ts', 'AuditDiff'],
  ['explain', 'explain/result.ts', 'ExplainResult'],
  ['review', 'review/result.ts', 'ReviewResult'],
  ['conform', 'conform/conform.ts', 'ConformResult'],
  ['conform-seeds', 'conform/many-seeds.ts', 'SeedsResult'],
  ['conform-policy', 'conform/policy-cases.ts', 'PolicyCases'],
  ['conform-against', 'conform/against-log.ts', 'AgainstLog'],
];

const generator = createGenerator({
  path: join(root, `src/{${[...new Set(RESULTS.map(([, file]) => file))].join(',')}}`),
  tsconfig: join(root, 'tsconfig.json'),
  skipTypeCheck: true,
  jsDoc: 'extended',
  topRef: false,
  // New keys may appear at any time (docs/json.md): a reader that validates must take them.
  additionalProperties: true,
});

/** The text of each file by its name. */
const files = new Map(
  RESULTS.map(([name, , type]) => {
    const { $schema, ...schema } = generator.createSchema(type);
    const version = schema.properties.version.const;
    const head = { $schema, $id: `urn:tagscope:${name}:${version}`, title: `tagscope.${name}, version ${version}` };
    return [`${name}.schema.json`, `${JSON.stringify({ ...head, ...schema }, null, 2)}\n`];
  }),
);

if (process.argv.includes('--check')) {
  const stale = [...files].filter(([name, text]) => {
    const path = join(folder, name);
    return !existsSync(path) || readFileSync(path, 'utf8') !== text;
  });
  const unknown = readdirSync(folder).filter((name) => !files.has(name));
  for (const [name] of stale) console.log(`schema/${name} is not what its type says: npm run schema`);
  for (const name of unknown) console.log(`schema/${name} belongs to no result of scripts/schema.mjs`);
  process.exitCode = stale.length + unknown.length === 0 ? 0 : 1;
} else {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
}
