import type { ReportResult } from '../result/result.ts';
import { readLossSentences } from './losses-text.ts';
import { byteSize, clockSpan, counted } from './number-format.ts';
import { printable } from './printable.ts';
import { wrap } from './prose.ts';
import { proseWidth, type TextOptions } from './text-options.ts';

/** The files that were merged, and what each lost. */
export function partsText({ source }: ReportResult, options: TextOptions): string[] {
  if (source.parts === undefined) return [];
  return [
    options.style.strong('Merged from'),
    ...source.parts.flatMap(({ file, format, bytes, events, firstTime, lastTime, losses }) => {
      const lost = readLossSentences(losses);
      const text = `${file}: ${format}, ${byteSize(bytes)}, ${counted(events, 'event')} from ${clockSpan(firstTime, lastTime, source.timeUnit)}; losses: ${lost.length === 0 ? 'none' : lost.join('; ')}`;
      return wrap(printable(text, options.unicode), proseWidth(options) - 4, '  ').map((line) => `  ${line}`);
    }),
  ];
}
