import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReviewResult } from '../../src/review/result.ts';
import { FIRST_VERSION, reviewOf } from '../reviewed-series.testdata.ts';
import { launch } from './browser.testdata.ts';

const ORIGIN = 'http://tagscope.test/';
const ROOT = new URL('../../', import.meta.url);
/** What the modules of a review import by name. */
const PACKAGES = ['postal-mime', 'diff', 'valibot', '@humanwhocodes/momoa', 'fastest-levenshtein'];

/** The file that a browser gets of a package: where it says so, another one than Node. */
function moduleOf(name: string): string {
  const folder = new URL(`node_modules/${name}/`, ROOT);
  const { module: file }: { readonly module?: string } = JSON.parse(
    readFileSync(new URL('package.json', folder), 'utf8'),
  );
  return file === undefined ? import.meta.resolve(name) : new URL(file, folder).href;
}

const SETTINGS = {
  trials: 1,
  seed: 1,
  seriesWords: 'series.mbox',
  policyFile: 'policy.json',
  command: 'tagscope review series.mbox',
  version: '1',
};

/** Reads and reviews the mailbox, and writes the result as text. */
const SCRIPT = `
import { readSeries } from '/dist/series/read-series.js';
import { review } from '/dist/jobs/review.js';
import { UNWATCHED } from '/dist/jobs/monitor.js';
const bytes = new Uint8Array(await (await fetch('/series.mbox')).arrayBuffer());
const series = await readSeries([{ name: 'series.mbox', bytes }]);
const settings = { ...${JSON.stringify(SETTINGS)}, quote: (files) => files.join(' '),
  claimCommand: (text) => 'tagscope review series.mbox --claim ' + JSON.stringify(text) };
document.querySelector('pre').textContent = JSON.stringify(await review({ series, traces: [] }, settings, UNWATCHED));
document.title = 'done';
`;

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

// The modules as they are built, without a bundler that might put something in the place of Node.
test('a series is read and reviewed in a browser as it is by Node', async () => {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => errors.push(message.text()));
  const imports = Object.fromEntries(PACKAGES.map((name) => [name, moduleOf(name).replace(ROOT.href, ORIGIN)]));
  await page.route(`${ORIGIN}**`, async (route) => {
    const path = new URL(route.request().url()).pathname.slice(1);
    if (path === '')
      return route.fulfill({
        contentType: 'text/html',
        body: `<!doctype html><pre></pre><script type="importmap">${JSON.stringify({ imports })}</script><script type="module">${SCRIPT}</script>`,
      });
    if (path === 'series.mbox') return route.fulfill({ body: Buffer.from(FIRST_VERSION) });
    const file = fileURLToPath(new URL(path, ROOT));
    if (!existsSync(file)) {
      errors.push(`no ${path}`);
      return route.fulfill({ status: 404 });
    }
    return route.fulfill({ contentType: 'text/javascript', body: readFileSync(file) });
  });
  await page.goto(ORIGIN);
  await page.waitForFunction("document.title !== ''", undefined, { timeout: 500_000 }).catch(() => undefined);
  expect(errors).toEqual([]);
  const text = await page.innerText('pre');
  expect(errors).toEqual([]);
  const inBrowser: ReviewResult = JSON.parse(text);
  expect(inBrowser.questions).toHaveLength(5);
  expect(inBrowser).toEqual(JSON.parse(JSON.stringify(await reviewOf(FIRST_VERSION))));
});
