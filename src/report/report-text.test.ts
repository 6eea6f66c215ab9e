import { describe, expect, test } from 'vitest';
import { renderReport } from './report-text.ts';
import { pageWork, reportOf, sampleReport, site, textOptions } from './report-result.testdata.ts';
import type { Style } from './style.ts';

const longest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

describe.each([60, 80, 120])('at a width of %i', (width) => {
  const text = renderReport(sampleReport(), textOptions({ width }));

  test('no line is longer', () => {
    expect(longest(text)).toBeLessThanOrEqual(width);
  });

  test('the figures are there', () => {
    // 742 pages tagged when they were allocated and 740 when they were freed.
    for (const figure of ['379,392', '99,294', '54.0 %', '45.9 %']) expect(text).toContain(figure);
  });

  test('the answer comes first', () => {
    expect(text).toMatch(/^before-series: 379,392 granules of 16 bytes tagged by\s99,294\stag-setting\sinstructions/);
  });
});

test('sections come in the order of what a reader wants to know', () => {
  const text = renderReport(sampleReport(), textOptions());
  const order = [
    'By allocation class',
    'By call site',
    'Instructions that set tags',
    'Certain and',
    'Losses',
    'Trace',
    'Kernel',
    'Policy',
    'Command',
  ];
  const places = order.map((title) => text.indexOf(title));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places).not.toContain(-1);
});

test('what is not tagged is said, and not in the table', () => {
  const text = renderReport(sampleReport(), textOptions());
  expect(text).toContain('Not tagged: user-anon 8,292 allocations of 32.4 MiB.');
});

test('without unicode the text is ASCII, and names are shortened with a tilde', () => {
  const text = renderReport(sampleReport(), textOptions());
  expect(text).toMatch(/^[\x20-\x7e\n]*$/);
  expect(text).toMatch(/a_driver\w*~\w+/);
  expect(renderReport(sampleReport(), textOptions({ unicode: true }))).toMatch(/a_driver\w*…\w+/);
});

test('a style changes nothing but escape sequences', () => {
  const wrapped = (text: string): string => `\x1b[1m${text}\x1b[22m`;
  const style: Style = { strong: wrapped, faint: wrapped, warning: wrapped };
  const colourful = renderReport(sampleReport(), textOptions({ style }));
  expect(colourful).toContain('\x1b[1m');
  // oxlint-disable-next-line no-control-regex -- the escape sequences are what is looked for
  expect(colourful.replace(/\x1b\[\d+m/g, '')).toBe(renderReport(sampleReport(), textOptions()));
});

test('rows that are left out are counted', () => {
  const text = renderReport(sampleReport(), textOptions({ top: 1, width: 120 }));
  expect(text).toContain('2 more call sites with 46.0 % of the tag-setting instructions; --top 0 shows all.');
  expect(renderReport(sampleReport(), textOptions({ top: 0 }))).not.toContain('more call sites');
});

test('by class there is no second table', () => {
  expect(renderReport(sampleReport(), textOptions({ by: 'class' }))).not.toContain('By call site');
});

test('stacks are written out below their figures', () => {
  const text = renderReport(
    sampleReport({
      byGroup: [{ group: '__pte_alloc;copy_page_range;copy_process', class: 'page-table', ...pageWork(400) }],
    }),
    textOptions({ by: 'stack', width: 120 }),
  );
  expect(text).toContain('page-table: 53,600 tag-setting instructions (54.0 %), 204,800 granules, 400 allocations');
  expect(text).toContain('__pte_alloc <- copy_page_range <- copy_process');
});

test('estimates have their interval and what they are', () => {
  const text = renderReport(
    sampleReport({
      estimates: [
        {
          name: 'unseenObjectFrees',
          description: 'Objects freed by RCU. Best: all of them.',
          calls: { low: 100, best: 200, high: 300 },
          granules: { low: 1600, best: 3200, high: 4800 },
          tagInstructions: { low: 700, best: 1400, high: 2100 },
        },
      ],
    }),
    textOptions({ width: 120 }),
  ).replace(/\s+/g, ' ');
  expect(text).toContain('97,894 of 99,294 tag-setting instructions (98.6 %) follow from events');
  expect(text).toContain(
    '200 (100 to 300), with 3,200 granules (1,600 to 4,800) and 1,400 tag-setting instructions (700 to 2,100). Objects freed by RCU.',
  );
  expect(text).toContain('379,392 granules of 16 bytes (377,792 to 380,992)');
});

test('names from a trace cannot send escape sequences', () => {
  const text = renderReport(
    reportOf([site('evil\x1b]0;title\x07', 'unknown', pageWork(1))], { warnings: ['bad\x1b[2J'] }),
    textOptions({ unicode: true }),
  );
  expect(text).not.toContain('\x1b');
  expect(text).not.toContain('\x07');
});

test('a trace without tag work says so', () => {
  const text = renderReport(reportOf([]), textOptions());
  expect(text).toMatch(/^before-series: nothing is tagged in 610 ms, for 0 allocations and 0 frees\./);
  expect(text).toContain('Losses: none');
});

test('the command is broken so that a shell still takes it', () => {
  const command =
    "tagscope report a-rather-long-name-of-a-trace.txt --policy before-series --cmdline 'kasan.page_alloc.sample=10 init_on_alloc=1' --top 20";
  const text = renderReport(
    sampleReport({ provenance: { ...sampleReport().provenance, command } }),
    textOptions({ width: 80 }),
  );
  const printed = text.slice(text.indexOf('Command') + 'Command'.length).replace(/ \\\n\s*/g, ' ');
  expect(printed.trim()).toBe(command);
});
