import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { decompress } from 'fzstd';
import { formatReport } from '../../src/kasan/report/format.ts';
import {
  GENERIC_4_4,
  GENERIC_4_9,
  GENERIC_PAGE,
  GENERIC_STACK,
  HARDWARE,
} from '../../src/kasan/report/logs.testdata.ts';
import { cleanLine, MAX_LINE, ReportPrefix } from '../../src/kasan/report/log-line.ts';
import { parseReports } from '../../src/kasan/report/parse.ts';
import { TITLE_START, type FoundReport } from '../../src/kasan/report/scan.ts';
import type { FuzzTarget } from './target.ts';

/** Reports of other kernels, and with what loggers put before them. */
const OTHERS = [GENERIC_PAGE, GENERIC_4_9, GENERIC_4_4, GENERIC_STACK].flatMap((lines) => [
  lines,
  lines.map((line, index) => `[   12.${100_000 + index}][  T417] ${line}`),
  lines.map((line) => `> ${line}`),
]);

/** Pieces of real logs: of an object, of pages, of a vmalloc area, of an asynchronous fault. */
const PIECES = [
  { log: 'patched-sync-max', titles: ['kmalloc_oob_right', 'kmalloc_large_invalid_free', 'vmalloc_oob_helper'] },
  { log: 'patched-async-max', titles: ['kmalloc_oob_right'] },
] as const;

function corpus(): Uint8Array[] {
  const encoder = new TextEncoder();
  const others = [HARDWARE, [...HARDWARE.slice(0, 20), ...GENERIC_PAGE], ...OTHERS];
  const pieces = PIECES.flatMap(({ log, titles }) => {
    const file = new URL(`../../cases/kasan-reports/${log}.log.zst`, import.meta.url);
    const lines = new TextDecoder().decode(decompress(new Uint8Array(readFileSync(file)))).split('\n');
    return titles.map((title) => {
      const at = lines.findIndex((line) => line.includes(title));
      return encoder.encode(lines.slice(at - 20, at + 140).join('\n'));
    });
  });
  return [...pieces, ...others.map((lines) => encoder.encode(lines.join('\n')))];
}

/** Each line of a report is part of it, unread, of another task, or empty. */
function checkLines({ line, end, parts, unread, foreign }: FoundReport, lines: readonly string[]): void {
  const told = new Set([...unread, ...foreign].map(({ number }) => number));
  const title = cleanLine(lines[line - 1]);
  const prefix = new ReportPrefix(title.slice(0, title.indexOf(TITLE_START)));
  for (let number = line; number <= end; number++) {
    if (parts.has(number) || told.has(number) || prefix.strip(cleanLine(lines[number - 1])).text.trim() === '')
      continue;
    throw new Error(`line ${number} is lost: ${JSON.stringify(lines[number - 1])}`);
  }
}

/** What is read, written and read again is the same; no line of a report is lost; and reports are no more than lines. */
export const kasanReportTarget = (): FuzzTarget => ({
  name: 'kasan-report',
  corpus: corpus(),
  run(_chunks, whole) {
    const lines = new TextDecoder().decode(whole).split('\n');
    const { reports, broken } = parseReports(lines);
    if (reports.length + broken.length > lines.length) throw new Error('more reports than lines');
    for (const found of reports) {
      checkLines(found, lines);
      const { report, unread, foreign, missing, interrupted } = found;
      // Old forms are written as new ones, and what is damaged may look like another form when it is written again.
      if (found.kernels.before !== undefined) continue;
      if (unread.length + foreign.length + missing.length + interrupted.length > 0) continue;
      if ('memory' in report && report.memory?.marked !== 2) continue;
      const text = formatReport(report);
      if (text.some((line) => line.length > MAX_LINE)) continue;
      const again = parseReports(text);
      if (again.reports.length !== 1 || !isDeepStrictEqual(formatReport(again.reports[0].report), text)) {
        throw new Error(`not the same when read again: ${JSON.stringify(text)}`);
      }
    }
  },
});
