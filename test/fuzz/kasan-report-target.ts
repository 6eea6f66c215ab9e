import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { decompress } from 'fzstd';
import { formatReport } from '../../src/kasan/report/format.ts';
import { parseReports } from '../../src/kasan/report/parse.ts';
import type { FuzzTarget } from './target.ts';

/** Pieces of real logs: of an object, of pages, of a vmalloc area, of an asynchronous fault. */
const PIECES = [
  { log: 'patched-sync-max', titles: ['kmalloc_oob_right', 'kmalloc_large_invalid_free', 'vmalloc_oob_helper'] },
  { log: 'patched-async-max', titles: ['kmalloc_oob_right'] },
] as const;

function corpus(): Uint8Array[] {
  const encoder = new TextEncoder();
  return PIECES.flatMap(({ log, titles }) => {
    const file = new URL(`../../cases/kasan-reports/${log}.log.zst`, import.meta.url);
    const lines = new TextDecoder().decode(decompress(new Uint8Array(readFileSync(file)))).split('\n');
    return titles.map((title) => {
      const at = lines.findIndex((line) => line.includes(title));
      return encoder.encode(lines.slice(at - 20, at + 140).join('\n'));
    });
  });
}

/** What is read, written and read again is the same; and a report never holds more lines than its log. */
export const kasanReportTarget = (): FuzzTarget => ({
  name: 'kasan-report',
  corpus: corpus(),
  run(_chunks, whole) {
    const lines = new TextDecoder().decode(whole).split('\n');
    const { reports, broken } = parseReports(lines);
    if (reports.length + broken.length > lines.length) throw new Error('more reports than lines');
    for (const { report } of reports) {
      const text = formatReport(report);
      const again = parseReports(text);
      if (again.reports.length !== 1 || !isDeepStrictEqual(formatReport(again.reports[0].report), text)) {
        throw new Error(`not the same when read again: ${JSON.stringify(text)}`);
      }
    }
  },
});
