import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../src/options/commands.ts';
import { flagOf } from '../src/options/option.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const FILES = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);

/** The flags of each command, with the short ones and those that all have. */
const FLAGS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  COMMANDS.map(({ name, options }) => [
    name,
    new Set(['--help', '-h', ...options.map(flagOf), ...options.flatMap((o) => ('short' in o ? `-${o.short}` : []))]),
  ]),
);
const ALL = new Set([...[...FLAGS.values()].flatMap((flags) => [...flags]), '--version', '-V']);

/** Options of this repository's scripts, which are told of in the docs. */
const OF_SCRIPTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['docs/benchmarks.md', ['--mb', '--perf-data', '--dat', '--perfetto', '--long']],
]);

const flagsIn = (text: string): readonly string[] =>
  text.match(/(?<![\w-])-(?:-[a-z][a-z0-9-]*|[a-zA-Z])(?![\w-])/g) ?? [];

/** The command lines of tagscope in a text, up to where a shell ends one. Lines that a backslash joins are one. */
function commandLines(text: string): readonly { readonly name: string; readonly line: string }[] {
  const joined = text.replace(/\\\n\s*/g, '');
  return [...joined.matchAll(/\btagscope ([a-z]+)\b([^\n`|&;#]*)/g)]
    .filter(([, name]) => FLAGS.has(name))
    .map(([line, name, rest]) => ({ name, line: rest.includes('  ') ? line.slice(0, line.indexOf('  ')) : line }));
}

describe.each(FILES)('%s', (file) => {
  const text = readFileSync(join(root, file), 'utf8');

  test('shows commands with options that they have', () => {
    for (const { name, line } of commandLines(text))
      for (const flag of flagsIn(line)) expect(FLAGS.get(name), `${flag} of ${line}`).toContain(flag);
  });

  test('tells of options that some command has', () => {
    const told = [...text.matchAll(/`(--[a-z][^`]*)`/g)].flatMap(([, code]) => flagsIn(code));
    const known = [...ALL, ...(OF_SCRIPTS.get(file) ?? [])];
    for (const flag of told) expect(known, flag).toContain(flag);
  });
});

test('the search finds options where they are', () => {
  const text = 'Try `--by-name` or:\n\ntagscope diff a --from x \\\n  --no-such | less -S  # --not\n';
  expect(commandLines(text)).toEqual([{ name: 'diff', line: 'tagscope diff a --from x --no-such ' }]);
  expect(flagsIn('a --from x --no-such -o y-z')).toEqual(['--from', '--no-such', '-o']);
  const found = FILES.flatMap((file) => commandLines(readFileSync(join(root, file), 'utf8')));
  expect(found.length).toBeGreaterThan(50);
});
