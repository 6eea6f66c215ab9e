import { describe, expect, test } from 'vitest';
import { formatReport, SEPARATOR } from './format.ts';
import { textOfLogLine } from './log-line.ts';
import { parseReports } from './parse.ts';
import { REAL_LOGS, realLog } from '../../../test/real-logs.testdata.ts';

describe('reports of a real kernel (cases/kasan-reports)', () => {
  test.each(REAL_LOGS)('$name: every report is read whole', ({ name, reports: expected }) => {
    const { reports, broken } = parseReports(realLog(name));
    expect(broken).toEqual([]);
    expect(reports.length).toBe(expected);
    expect(reports.flatMap(({ unread }) => unread)).toEqual([]);
  });

  test.each(REAL_LOGS)('$name: formatted again, each is the text of the log', ({ name }) => {
    const lines = realLog(name);
    for (const { line, report } of parseReports(lines).reports) {
      const text = formatReport(report);
      const from = line - 2;
      expect(text).toEqual(lines.slice(from, from + text.length).map(textOfLogLine));
    }
  });

  test('what a reader of a report looks for is found: kmalloc_oob_right, the first report of the run', () => {
    const [{ report }] = parseReports(realLog('patched-sync-max')).reports;
    expect(report).toMatchObject({
      kind: 'access',
      bugType: 'slab-out-of-bounds',
      access: { kind: 'write', size: 0, comm: 'kunit_try_catch', pid: 34 },
      tags: { pointer: 0xf5, memory: 0xfe },
      object: { cache: 'kmalloc-128', position: 'to the right', distance: 0, regionSize: 112 },
      page: { kasantag: 0, pageType: { byte: 0xf5, name: 'slab' } },
      memory: { guilty: 7 },
    });
  });
});

/** A report without metadata: short, and whole. */
const SHORT = [
  SEPARATOR,
  'BUG: KASAN: invalid-access in f+0x1/0x2 [mod]',
  'Read of size 8 at addr f4ff000000000000 by task a b/7',
  '',
  'CPU: 1 UID: 0 PID: 7 Comm: a b Not tainted 7.3.0 #1',
  'Hardware name: x',
  'Call trace:',
  ' f+0x1/0x2 [mod] (P)',
  SEPARATOR,
];

describe('logs as they come', () => {
  test.each([
    ['no prefix', ''],
    ['a time stamp', '[   12.345678] '],
    ['a time stamp and the caller (CONFIG_PRINTK_CALLER)', '[   12.345678][  T123] '],
    ['a level and a time stamp (dmesg --raw)', '<3>[   12.345678] '],
  ])('%s before each line', (_what, prefix) => {
    const { reports } = parseReports(SHORT.map((line) => `${prefix}${line}`));
    expect(reports.map(({ report }) => formatReport(report))).toEqual([SHORT]);
  });

  test('lines that end with a carriage return, as from a serial console', () => {
    expect(parseReports(SHORT.map((line) => `${line}\r`)).reports.length).toBe(1);
  });

  test('what another CPU prints in the middle is kept apart', () => {
    const lines = SHORT.toSpliced(3, 0, 'random: crng init done');
    const { reports } = parseReports(lines);
    expect(reports.map(({ unread }) => unread)).toEqual([[{ number: 4, text: 'random: crng init done' }]]);
    expect(reports.map(({ report }) => formatReport(report))).toEqual([SHORT]);
  });

  test.each([
    ['the log ends', SHORT.slice(0, -1), /log ends/],
    ['another report begins', [...SHORT.slice(0, 5), SEPARATOR, ...SHORT.slice(1)], /who ran/],
    ['the line of the access is mangled', SHORT.toSpliced(2, 1, 'Read of si'), /the access/],
    ['the stack dump is missing', [...SHORT.slice(0, 4), SEPARATOR], /who ran/],
  ])('a report that is cut off is named with its line: %s', (_what, lines, reason) => {
    expect(parseReports(lines).broken).toEqual([{ line: 2, reason: expect.stringMatching(reason) }]);
  });

  test('other "=" lines, such as those of KCSAN, begin no report', () => {
    expect(parseReports([SEPARATOR, 'BUG: KCSAN: data-race in f', SEPARATOR])).toEqual({ reports: [], broken: [] });
  });
});
