import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { POLICY_GROUPS } from '../src/policy/built-in.ts';

const ROOT = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
const PAGE = read('docs/series.md');

describe('docs/series.md names what there is', () => {
  test.each([...new Set([...PAGE.matchAll(/\]\(([^)#]+)\)/g)].map(([, path]) => path))])('link %s', (path) => {
    expect(existsSync(new URL(path, new URL('docs/', ROOT)))).toBe(true);
  });

  test.each([...PAGE.matchAll(/`(src\/[\w/.-]+\.ts)(?::(\w+))?`/g)].map(([, path, name]) => [path, name]))(
    '%s: %s',
    (path, name) => {
      const source = read(path);
      if (name !== undefined)
        expect(source).toMatch(new RegExp(`^export (?:const|function\\*?|class|interface) ${name}\\b`, 'm'));
    },
  );

  test.each([...PAGE.matchAll(/`(src\/[\w/.-]+\.test\.ts)`,\s+"([^"]+)"/g)].map(([, path, title]) => [path, title]))(
    '%s: %s',
    (path, title) => {
      expect(read(path)).toContain(`test('${title.replace(/\s+/g, ' ')}'`);
    },
  );

  test('policies', () => {
    const names = POLICY_GROUPS.flatMap(({ policies }) => policies.map(({ name }) => name));
    for (const name of ['series', 'series-v1', 'before-series', 'default-untagged', 'skip-new-slab']) {
      expect(PAGE).toContain(`\`${name}\``);
      expect(names).toContain(name);
    }
  });
});

describe('executed figures of docs/series.md are those of the counts', () => {
  interface Run {
    readonly workload: string;
    readonly categories: Readonly<Record<string, { readonly calls: number; readonly tag_instructions: number }>>;
  }
  const runsOf = (variant: string): readonly Run[] => JSON.parse(read(`cases/oracle/counts/${variant}-max.json`));
  const figure = (text: string): number => Number(text.replaceAll(',', ''));
  const tables = [...PAGE.matchAll(/^\| executed, `(\w+)` .*\n\|.*\n((?:\|.*\n)+)/gm)];
  const rows = tables.flatMap(([, workload, body]) =>
    [...body.matchAll(/^\| `(\w+)` \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|$/gm)].map(
      ([, name, calls, before, after]) => [workload, name, figure(calls), figure(before), figure(after)] as const,
    ),
  );

  test('there are some', () => expect(rows.length).toBe(6));
  test.each(rows)('%s, %s: %i calls, %i before, %i after', (workload, name, calls, before, after) => {
    const of = (variant: string): Run['categories'][string] | undefined =>
      runsOf(variant).find((run) => run.workload === workload)?.categories[name];
    expect(of('baseline')).toMatchObject({ calls, tag_instructions: before });
    expect(of('patched')?.tag_instructions ?? 0).toBe(after);
  });
});
