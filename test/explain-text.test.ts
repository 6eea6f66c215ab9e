import { readFile } from 'node:fs/promises';
import { decompress } from 'fzstd';
import { describe, expect, test } from 'vitest';
import { inOneGo } from '../src/base/steps.ts';
import type { ExplainResult } from '../src/explain/result.ts';
import { explainResult, onModel, readLogs } from '../src/jobs/explain.ts';
import { GENERIC_PAGE, GENERIC_STACK, HARDWARE } from '../src/kasan/report/logs.testdata.ts';
import { BUILT_IN_POLICIES } from '../src/policy/built-in.ts';
import { builtInPolicy } from '../src/policy/named.ts';
import type { Policy } from '../src/policy/policy.ts';
import { renderExplain } from '../src/report/explain-text.ts';
import { alikeText, alikeVerdicts, explainRemarks, lossesText } from '../src/report/explain-words.ts';
import { explainHtml } from '../src/report/html/explain-html.ts';
import { explainMarkdown } from '../src/report/markdown/explain-markdown.ts';
import { plainStyle } from '../src/report/style.ts';
import type { Screen, TextOptions } from '../src/report/text-options.ts';

const named = (name: string): Policy => {
  const policy = builtInPolicy(name);
  if (policy === undefined) throw new Error(name);
  return policy;
};

async function resultOf(shows: ExplainResult['shows'], ...logs: readonly (readonly string[])[]) {
  const inputs = logs.map((lines, index) => ({
    name: `log${index}`,
    chunks: [new TextEncoder().encode(lines.join('\n'))],
  }));
  const options = {
    policies: BUILT_IN_POLICIES,
    from: undefined,
    beforeSeries: named('before-series'),
    series: named('series'),
  };
  const read = await readLogs(inputs, options);
  return explainResult(read, inOneGo(onModel(read, 0)), { command: 'tagscope explain log', shows });
}

const optionsFor = (screen?: Screen): TextOptions => ({
  width: 80,
  style: plainStyle,
  unicode: true,
  top: 0,
  by: 'class',
  screen,
});
const linesOf = (text: string): readonly string[] => text.trimEnd().split('\n');

describe('on a terminal of 24 lines', () => {
  const screen: Screen = { height: 24, whole: false };

  test('one report: memory, bug, hardware tags and every policy are on the first screen', async () => {
    const text = renderExplain(await resultOf('reports', HARDWARE), optionsFor(screen));
    expect(linesOf(text).length).toBeLessThan(24);
    for (const label of ['class  ', 'bug  ', 'HW_TAGS  ']) expect(text).toContain(label);
    for (const { name } of BUILT_IN_POLICIES) expect(text).toContain(name);
    expect(text).toContain('-v shows');
  });

  test.each(['reports', 'summary'] as const)(
    'many, by %s: the headline, and the policies that lose the most',
    async (shows) => {
      const lines = linesOf(
        renderExplain(await resultOf(shows, HARDWARE, GENERIC_PAGE, GENERIC_STACK), optionsFor(screen)),
      );
      expect(lines.length).toBeLessThan(24);
      expect(lines[0]).toContain('3 KASAN reports in 3 logs');
      const header = lines.findIndex((line) => line.startsWith('  policy'));
      // Freed memory keeps its tag, in slab and in the page allocator: both bugs that hardware tags catch are missed.
      expect(lines.slice(header + 1, header + 3).join()).toContain('tag-only-on-alloc ');
    },
  );
});

test('a pipe gets all of it', async () => {
  const text = renderExplain(await resultOf('reports', HARDWARE, GENERIC_PAGE), optionsFor());
  expect(text.match(/^where /gm)).toHaveLength(2);
  expect(text).toContain('Command  tagscope explain log');
});

test('policies that say the same are one, losses first, and none is left out', async () => {
  const [{ policies, caught }] = (await resultOf('reports', HARDWARE)).reports;
  const groups = alikeVerdicts(policies);
  expect(
    groups
      .flat()
      .map(({ policy }) => policy)
      .toSorted(),
  ).toEqual(policies.map(({ policy }) => policy).toSorted());
  expect(groups.map(([{ change }]) => change)).toEqual(['missed', 'missed', 'less', 'kept']);
  expect(alikeText(groups[0], caught)).toBe(
    'missed by 2 policies (tag-only-on-alloc, tag-only-on-alloc-poison-pages): freed memory keeps the tag that the pointer has',
  );
});

test('what policies lose, in a paragraph', async () => {
  const text = lossesText((await resultOf('summary', HARDWARE, GENERIC_STACK)).summary);
  expect(text).toContain('The policy tag-only-on-alloc misses 1.');
  expect(text).toContain('The policy tag-on-free catches 1 less surely.');
  expect(text).toMatch(/policies lose none: before-series, series-v1, series,/);
});

test('a page and a cover letter show the policies that change something, and how many do not', async () => {
  const result = await resultOf('reports', HARDWARE);
  const page = explainHtml(result);
  const [shown = '', folded = ''] = page
    .slice(page.lastIndexOf('<section>', page.indexOf('<details>')))
    .split('<details>');
  expect(shown).toContain('tag-only-on-alloc');
  expect(shown).not.toContain('skip-large-kmalloc');
  expect(folded).toContain('skip-large-kmalloc');
  expect(explainMarkdown(result)).toMatch(/^- \d+ policies change nothing\.$/m);
});

test('of logs without a report and titles in prose a few are named, and the others counted', async () => {
  const prose = ['I saw BUG: KASAN: use-after-free in f', '', 'and BUG: KASAN: use-after-free in g', '', 'Regards'];
  const remarks = explainRemarks(await resultOf('summary', HARDWARE, ...Array.from({ length: 5 }, () => prose)));
  expect(remarks).toHaveLength(5);
  expect(remarks[0]).toContain('The same log has 1 more such title.');
  expect(remarks[3]).toBe('4 more titles in 2 other logs cannot be read.');
  expect(remarks[4]).toMatch(/^5 logs without a report that can be read: .* and 2 more\.$/);
});

test('the README shows what is printed', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const block = /^\$ tagscope explain cases\S+ (.*)\(shortened\)\n([\s\S]*?)\n\.\.\.$/m.exec(readme);
  const policies = [...(block?.[1] ?? '').matchAll(/--policy (\S+)/g)].map(([, name]) => name);
  const log = new Uint8Array(
    decompress(await readFile(new URL('../cases/kasan-reports/patched-sync-max.log.zst', import.meta.url))),
  );
  const read = await readLogs([{ name: 'log', chunks: [log] }], {
    policies: BUILT_IN_POLICIES.filter(({ name }) => policies.includes(name)).toSorted(
      (a, b) => policies.indexOf(a.name) - policies.indexOf(b.name),
    ),
    from: undefined,
    beforeSeries: named('before-series'),
    series: named('series'),
  });
  const result = explainResult(read, new Map(), { command: '', shows: 'summary' });
  expect(renderExplain(result, optionsFor()).startsWith(block?.[2] ?? 'no block')).toBe(true);
});
