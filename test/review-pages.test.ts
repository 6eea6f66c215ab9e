import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RULES } from '../src/review/rules.ts';

const folder = new URL('../docs/review/', import.meta.url);
const page = (name: string): string => readFileSync(new URL(name, folder), 'utf8');

test('every rule of review has a page, and every page a rule', () => {
  const pages = readdirSync(folder).filter((name) => name !== 'README.md');
  expect(pages.toSorted()).toEqual(RULES.map(({ id }) => `${id}.md`).toSorted());
});

test.each(RULES)('the page of $id says what the program says', ({ id, about, follows }) => {
  const text = page(`${id}.md`);
  expect(text.startsWith(`# ${id}\n\n${about} `)).toBe(true);
  expect(text).toContain(`**${follows}**`);
  for (const part of ['Why it is asked', 'Evidence', 'Silent where', 'From']) expect(text).toContain(`**${part}.**`);
});

test('the index lists the rules in their order', () => {
  const rows = [...page('README.md').matchAll(/^\| \[([\w-]+)\]\(\1\.md\) \| (.+) \| ([\w-]+) \|$/gm)];
  expect(rows.map(([, id, about, follows]) => [id, `${about}.`, follows])).toEqual(
    RULES.map(({ id, about, follows }) => [id, about, follows]),
  );
});
