// Lint rules, and the layers of src/ made from the table in layers.json.
//
// A row of the table says what a folder may import: other layers (`core` stands for all that need no platform), and npm
// packages. A folder without `platform` is core: it runs unchanged in Node and in a browser, so it may use neither's
// modules nor globals (tsconfig.core.json holds the globals too).
// A test, and the data that it is given, stand in their folder's layer, but may use any package and Node.
import { readFileSync } from 'node:fs';

const table = Object.entries(JSON.parse(readFileSync(new URL('layers.json', import.meta.url), 'utf8')));
const core = table.filter(([, layer]) => layer.platform === undefined).map(([name]) => name);

const PLATFORM_GLOBALS = `
  process Buffer console global globalThis self window document navigator location require module fetch performance
  localStorage sessionStorage indexedDB crypto Worker setTimeout setInterval setImmediate queueMicrotask
  requestAnimationFrame postMessage
`
  .trim()
  .split(/\s+/);

/** Matches imports of any file of one of the layers; an import within the same layer never climbs out of it. */
const filesOf = (layers) => `^(?:\\.\\./)+(?:src/)?(?:${layers.join('|')})(?:/|$)`;

/** The patterns that folder `name` must not import. */
function layerPatterns([name, layer]) {
  const may = new Set([name, ...layer.imports.flatMap((other) => (other === 'core' ? core : [other]))]);
  const forbidden = table.map(([other]) => other).filter((other) => !may.has(other));
  const message = `layers.json: ${name} may import ${[...may].join(', ')} only.`;
  return forbidden.length > 0 ? [{ regex: filesOf(forbidden), message }] : [];
}

/** Node modules and packages that a core folder must not import. */
function packagePatterns([name, layer]) {
  if (layer.platform !== undefined) return [];
  const packages = layer.packages ?? [];
  const message = `layers.json: ${name} may import ${packages.length > 0 ? `the package ${packages.join(', ')}` : 'no package'} and no Node module.`;
  return [{ group: ['*', '!.', '!..', '!./**', '!../**', ...packages.map((allowed) => `!${allowed}`)], message }];
}

const layerOverrides = table.flatMap(([name, layer]) => {
  const folder = layer.folder ?? `src/${name}`;
  const layers = layerPatterns([name, layer]);
  return [
    {
      files: [`${folder}/**`],
      rules: {
        'no-restricted-imports': ['error', { patterns: [...layers, ...packagePatterns([name, layer])] }],
        ...(layer.platform === undefined ? { 'no-restricted-globals': ['error', ...PLATFORM_GLOBALS] } : {}),
      },
    },
    {
      files: [`${folder}/**/*.test.ts`, `${folder}/**/*.testdata.ts`],
      rules: { 'no-restricted-imports': ['error', { patterns: layers }], 'no-restricted-globals': 'off' },
    },
  ];
});

export default {
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  ignorePatterns: ['dist', 'cases', 'node_modules'],
  rules: {
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/consistent-type-imports': 'error',
    'import/no-default-export': 'error',
    'import/no-cycle': 'error',
    eqeqeq: 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    'no-fallthrough': 'error',
    'default-case-last': 'error',
    // Hooks are named after the kernel functions that they model.
    'no-underscore-dangle': 'off',
    // `fc.array` reads better than twenty imported names.
    'import/no-named-as-default-member': 'off',
    // Streams are read and traces replayed one after the other, on purpose.
    'no-await-in-loop': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'oxc/no-map-spread': 'off',
    // Takes a copy of a typed array as an array for a useless one.
    'unicorn/no-useless-spread': 'off',
    // Sees no exit from a loop whose condition joins a constant and a variable.
    'no-unmodified-loop-condition': 'off',
    'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
  },
  overrides: [
    ...layerOverrides,
    // Lists of rules are data.
    { files: ['src/classify/*-rules.ts'], rules: { 'max-lines': 'off' } },
    // Tools are configured through default exports.
    { files: ['*.config.{ts,mjs}'], rules: { 'import/no-default-export': 'off' } },
  ],
};
