import { describe, expect, test } from 'vitest';
import { HARDWARE } from './logs.testdata.ts';
import { parseReports } from './parse.ts';

const stamp = (index: number): string => String(100_000 + index).padStart(6, '0');

/** What loggers, shells and pages of the web make of the lines of a log. */
const FORMS: Readonly<Record<string, (lines: readonly string[]) => readonly string[]>> = {
  'journalctl -o json': (lines) =>
    lines.map((text, index) =>
      JSON.stringify({ __CURSOR: `s=${index}`, PRIORITY: '3', _TRANSPORT: 'kernel', MESSAGE: text, _HOSTNAME: 'h' }),
    ),
  'journalctl -o json, text as bytes': (lines) =>
    lines
      .map((text) => JSON.stringify({ MESSAGE: [...new TextEncoder().encode(text)] }))
      .map((record, index) => (lines[index].startsWith('BUG') ? JSON.stringify({ MESSAGE: lines[index] }) : record)),
  'dmesg --json': (lines) => [
    '{',
    '   "dmesg": [',
    '      {',
    ...lines.flatMap((text, index) => [
      ...(index === 0 ? [] : ['      },{']),
      '         "pri": 3,',
      `         "time":   100.${stamp(index)},`,
      `         "msg": ${JSON.stringify(text)}`,
    ]),
    '      }',
    '   ]',
    '}',
  ],
  'logcat -b kernel, where part of the text is taken for a tag': (lines) =>
    lines.map(
      (text, index) => `11-29 10:11:12.345     0     0 E ${index % 2 === 0 ? '        ' : 'KASAN   '}: ${text}`,
    ),
  'logcat -v brief': (lines) => lines.map((text, index) => `${index % 2 === 0 ? 'E' : 'W'}/kernel  (    0): ${text}`),
  'source of a page of the web': (lines) =>
    lines.map((text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')),
  'text of a page of the web': (lines) => lines.map((text) => text.replace(/^ /, '\u00A0')),
};

describe('a report is the same in whatever form its log was kept', () => {
  const [plain] = parseReports(HARDWARE).reports;

  test.each(Object.entries(FORMS))('%s', (_what, form) => {
    const { reports, broken } = parseReports(form(HARDWARE));
    expect(broken).toEqual([]);
    expect(reports.map(({ report }) => report)).toEqual([plain.report]);
    expect(reports[0].unread).toEqual([]);
    expect(reports[0].missing).toEqual([]);
  });

  test('a record of several lines is read as all of them', () => {
    const [first, second, ...rest] = HARDWARE.slice(HARDWARE.findIndex((line) => line.startsWith('BUG')));
    const records = [`${first}\n${second}`, ...rest].map((text) => JSON.stringify({ MESSAGE: text }));
    expect(parseReports(records).reports.map(({ report }) => report)).toEqual([plain.report]);
  });
});
