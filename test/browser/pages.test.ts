import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { benchHtml } from '../../src/report/html/bench-html.ts';
import { diffHtml } from '../../src/report/html/diff-html.ts';
import { reportHtml } from '../../src/report/html/report-html.ts';
import { reviewHtml } from '../../src/report/html/review-html.ts';
import { sampleBench, sampleReport, textOptions } from '../../src/report/report-result.testdata.ts';
import { benchSvg } from '../../src/report/svg/bench-svg.ts';
import { diffSvg } from '../../src/report/svg/diff-svg.ts';
import { reportSvg } from '../../src/report/svg/report-svg.ts';
import type { OutputOptions } from '../../src/report/writers.ts';
import { diff } from '../../src/result/diff.ts';
import type { ReportResult } from '../../src/result/result.ts';
import type { ReviewResult } from '../../src/review/result.ts';
import { analyzed, caseBytes } from '../analyzed.testdata.ts';
import { FIRST_VERSION, reviewOf, TWO_VERSIONS } from '../reviewed-series.testdata.ts';
import { launch } from './browser.testdata.ts';

const AXE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));
const OPTIONS: OutputOptions = { text: textOptions({ by: 'stack', top: 0 }), weight: 'instructions' };

const TRACE = caseBytes('pgtable/trace.zst');
const [BEFORE, AFTER] = ['before-series', 'series'].map((policy) => analyzed(TRACE, { policy, groupBy: 'stack' }));

/** What strangers may call their functions, commands, files and policies. */
const HOSTILE = [
  '<script>document.title="owned"</script>',
  '"><img src=x onerror=document.title="owned">',
  "'; alert(1); //",
  '</style><style>*{display:none}</style>',
  ']]><!--',
  'line\nbreak\ttab\u0000nul',
  '\u202Eright to left',
  '😀 émoji',
  'x'.repeat(10_000),
  '=cmd()',
];

function hostile(): ReportResult {
  const sample = sampleReport();
  const all = HOSTILE.join(' ');
  const [first] = sample.bySite;
  return {
    ...sample,
    bySite: HOSTILE.map((site) => ({ ...first, site })),
    byGroup: HOSTILE.map((group) => ({ ...first, group, class: 'page-table' })),
    source: { ...sample.source, files: HOSTILE, format: all },
    policy: { name: HOSTILE[0], description: all, source: HOSTILE[1] },
    warnings: HOSTILE,
    losses: { ...sample.losses, unknownFlags: 1, unknownFlagNames: HOSTILE },
    provenance: { ...sample.provenance, command: all },
  };
}

const REVIEW = await reviewOf(FIRST_VERSION);

/** A series whose every text is a stranger's at his worst. */
function hostileReview(): ReviewResult {
  const all = HOSTILE.join(' ');
  const { series, questions, claims } = REVIEW;
  const head = {
    messageId: all,
    from: { name: all, address: all },
    date: '2026-03-19T11:49:43Z',
    subject: all,
    source: all,
    line: 1,
  };
  const replies = [{ head, text: HOSTILE.join('\n'), trailers: [], replies: [] }];
  return {
    ...REVIEW,
    series: {
      ...series,
      title: all,
      cover: { title: all, author: all, messageId: all, date: null, text: HOSTILE.join('\n'), replies },
      changes: HOSTILE.map((path) => ({ path, insertions: 1, deletions: 2 })),
      patches: series.patches.map((patch) => ({
        ...patch,
        subject: all,
        author: all,
        message: HOSTILE.join('\n'),
        notes: all,
        trailers: HOSTILE.map((value) => ({ name: value, value })),
        replies,
        diffs: patch.diffs.map((file) => ({
          ...file,
          newPath: `${HOSTILE[0]}.c`,
          hunks: file.hunks.map((hunk) => ({
            ...hunk,
            heading: HOSTILE[1],
            lines: hunk.lines.map((line, index) => ({ ...line, text: HOSTILE[index % HOSTILE.length] })),
          })),
        })),
      })),
    },
    questions: questions.map((question, index) => ({
      ...question,
      id: `${HOSTILE[index]} ${index}`,
      text: all,
      file: HOSTILE[1],
      function: HOSTILE[0],
      evidence: [{ text: all, reproduce: all }],
    })),
    claims: claims.map((claim) => ({ ...claim, text: all, is: all, reproduce: all })),
    remarks: HOSTILE.map((text) => ({ text })),
    problems: [{ kind: 'hunk-damaged', patch: 1, where: all, found: all, expected: all }],
    history: [
      {
        version: 1,
        title: all,
        patches: 1,
        settled: HOSTILE,
        open: HOSTILE,
        compared: [
          {
            fate: 'changed',
            old: 1,
            new: 2,
            subject: all,
            lines: [{ in: 'old', text: all }, null, { in: 'new', text: all }],
          },
        ],
      },
    ],
  };
}

const PAGES: ReadonlyMap<string, string> = new Map([
  ['report', reportHtml(BEFORE, OPTIONS)],
  ['diff', diffHtml(diff(BEFORE, AFTER), OPTIONS)],
  ['bench', benchHtml(sampleBench(), OPTIONS)],
  ['bench-of-one', benchHtml(sampleBench(1), OPTIONS)],
  ['hostile-report', reportHtml(hostile(), OPTIONS)],
  ['hostile-diff', diffHtml(diff(hostile(), AFTER), OPTIONS)],
  ['review', reviewHtml(REVIEW)],
  ['review-of-versions', reviewHtml(await reviewOf(TWO_VERSIONS))],
  ['hostile-review', reviewHtml(hostileReview())],
]);
const SCHEMES = ['light', 'dark'] as const;
const WIDTHS = [1280, 390] as const;

let browser: Browser;
let folder = '';

beforeAll(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), 'tagscope-pages-'));
  for (const [name, html] of PAGES) writeFileSync(join(folder, `${name}.html`), html);
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Opened {
  readonly page: Page;
  /** Errors of the console and of scripts; the browser tells there of what the policy forbids. */
  readonly problems: string[];
  /** What was fetched besides the page. */
  readonly requests: string[];
}

async function open(
  name: string,
  how: { readonly width?: number; readonly colorScheme?: 'light' | 'dark'; readonly bypassCSP?: boolean } = {},
): Promise<Opened> {
  const { width = 1280, ...rest } = how;
  const context = await browser.newContext({ viewport: { width, height: 900 }, offline: true, ...rest });
  const page = await context.newPage();
  const problems: string[] = [];
  const requests: string[] = [];
  const url = pathToFileURL(join(folder, `${name}.html`)).href;
  page.on('console', (message) => problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  return { page, problems, requests: requests.filter((each) => each !== url) };
}

describe.each([...PAGES.keys()])('%s', (name) => {
  test.each(SCHEMES.flatMap((scheme) => WIDTHS.map((width) => [scheme, width] as const)))(
    '%s, %i wide: nothing is fetched, nothing is wrong, nothing runs over the edge',
    async (colorScheme, width) => {
      const { page, problems, requests } = await open(name, { colorScheme, width });
      expect([problems, requests]).toEqual([[], []]);
      expect(await page.title()).not.toBe('owned');
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(await page.locator('img, iframe, object, embed, link, script[src]').count()).toBe(0);
      await page.context().close();
    },
  );

  test.each(SCHEMES)('%s: accessible, as axe sees it (WCAG 2.2 AA)', async (colorScheme) => {
    const { page } = await open(name, { colorScheme, bypassCSP: true });
    await page.addScriptTag({ path: AXE });
    const violations = await page.evaluate<string[]>(
      "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(({ violations }) => violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(' ')}`))",
    );
    expect(violations).toEqual([]);
    await page.context().close();
  });
});

test('light and dark differ', async () => {
  const grounds: unknown[] = [];
  for (const colorScheme of SCHEMES) {
    const { page } = await open('report', { colorScheme });
    grounds.push(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
    await page.context().close();
  }
  expect(new Set(grounds).size).toBe(2);
});

test('a report has a row for each call site with tag work, and the figures of the result', async () => {
  const { page } = await open('report');
  const sites = page.locator('table.sortable');
  const withWork = BEFORE.bySite.filter(({ granules }) => granules.alloc + granules.free > 0);
  expect(await sites.locator('tbody tr').count()).toBe(withWork.length);
  expect(await sites.locator('tfoot').innerText()).toContain('133,541');
  expect(await page.locator('dl.figures').first().innerText()).toContain('497,741');
  expect(await page.locator('.flame title').first().textContent()).toContain('tag-setting instructions');
  await page.context().close();
});

test('a heading sorts its table, by figures the greatest first, and back', async () => {
  const { page } = await open('report');
  const sites = page.locator('table.sortable');
  const names = (): Promise<string[]> => sites.locator('tbody th').allInnerTexts();
  const before = await names();
  const allocations = sites.getByRole('button', { name: 'allocations' });
  await allocations.click();
  const figures = (await sites.locator('tbody td:last-child').allInnerTexts()).map((text) =>
    Number(text.replaceAll(',', '')),
  );
  expect(figures).toEqual(figures.toSorted((a, b) => b - a));
  expect(await sites.locator('th[aria-sort=descending]').count()).toBe(1);
  await allocations.press('Enter');
  expect(await names()).not.toEqual(before);
  expect((await names()).toSorted()).toEqual(before.toSorted());
  await page.context().close();
});

test('without scripts a page has all that it says', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, offline: true });
  const page = await context.newPage();
  await page.goto(pathToFileURL(join(folder, 'diff.html')).href);
  const text = await page.locator('main').innerText();
  for (const said of ['133,541', '58,011', 'mmu-gather', '33 frees of memory', 'By call site', 'as before'])
    expect(text).toContain(said);
  await context.close();
});

describe('drawings are XML that a browser takes, light and dark', () => {
  const drawings: readonly (readonly [name: string, svg: string])[] = [
    ['report', reportSvg(BEFORE, OPTIONS)],
    ['diff', diffSvg(diff(BEFORE, AFTER), OPTIONS)],
    ['bench', benchSvg(sampleBench(), OPTIONS)],
    ['bench of one', benchSvg(sampleBench(1), OPTIONS)],
    ['hostile report', reportSvg(hostile(), OPTIONS)],
    ['hostile diff', diffSvg(diff(hostile(), AFTER), OPTIONS)],
  ];
  test.each(drawings)('%s', async (_, svg) => {
    const page = await browser.newPage();
    const parsed = await page.evaluate<{ root: string; errors: number; scripts: number; title: string }>(
      `(() => { const doc = new DOMParser().parseFromString(${JSON.stringify(svg)}, 'image/svg+xml'); return { root: doc.documentElement.tagName, errors: doc.querySelectorAll('parsererror').length, scripts: doc.querySelectorAll('script, [onload], foreignObject, image').length, title: doc.querySelector('title').textContent }; })()`,
    );
    expect(parsed).toMatchObject({ root: 'svg', errors: 0, scripts: 0 });
    // A title is a finding.
    expect(parsed.title).toMatch(/[\d.]+ % of the tag/);
    expect(svg).toContain('prefers-color-scheme:dark');
    await page.close();
  });

  test('an image of one has its size', async () => {
    const page = await browser.newPage();
    const size = await page.evaluate<number[]>(
      `new Promise((done, fail) => { const image = new Image(); image.onload = () => done([image.naturalWidth, image.naturalHeight]); image.onerror = fail; image.src = 'data:image/svg+xml,' + encodeURIComponent(${JSON.stringify(drawings[0][1])}); })`,
    );
    expect(size[0]).toBe(1200);
    expect(size[1]).toBeGreaterThan(400);
    await page.close();
  });
});
