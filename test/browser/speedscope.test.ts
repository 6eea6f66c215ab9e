import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { speedscopeFile } from '../../src/report/profiles/speedscope.ts';
import { weightedStacks } from '../../src/report/stacks/weighted-stacks.ts';
import { analyzed, caseBytes } from '../analyzed.testdata.ts';
import { launch } from './browser.testdata.ts';

/** The program itself, as its package ships it. */
const SPEEDSCOPE = fileURLToPath(import.meta.resolve('speedscope/dist/release/index.html'));

let browser: Browser;
let folder = '';
beforeAll(async () => {
  // It draws with WebGL, which takes a renderer in software where there is no graphics card.
  browser = await launch('--enable-unsafe-swiftshader');
  folder = mkdtempSync(join(tmpdir(), 'tagscope-speedscope-'));
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('speedscope opens the file and shows its first profile', async () => {
  const result = analyzed(caseBytes('pgtable/trace.zst'), { groupBy: 'stack' });
  const file = speedscopeFile(
    [weightedStacks('before-series', result, 'stack')],
    'granules',
    'before-series on trace.zst',
    '1',
  );
  // How bin/cli.mjs of the package hands a file over.
  const base64 = Buffer.from(JSON.stringify(file)).toString('base64');
  writeFileSync(join(folder, 'profile.js'), `speedscope.loadFileFromBase64("a.speedscope.json", "${base64}")`);
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(`${pathToFileURL(SPEEDSCOPE).href}#localProfilePath=${join(folder, 'profile.js')}`);
  await page.waitForFunction("document.title.startsWith('before-series on trace.zst')");
  expect(await page.innerText('body')).toContain('before-series: granules tagged');
  expect(errors).toEqual([]);
});
