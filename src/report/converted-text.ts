import type { EventTable } from '../trace/event-table.ts';
import { byteSize, counted } from './number-format.ts';
import { readLossesText } from './losses-text.ts';
import { type TextOptions } from './text-options.ts';
import { prose } from './prose.ts';

/** What was written, and what of the trace is not in it. Ends with a newline. */
export function convertedText(
  {
    input,
    output,
    bytes,
    format,
    table,
  }: {
    readonly input: string;
    readonly output: string;
    /** Of the file that was written. */
    readonly bytes: number;
    readonly format: string;
    readonly table: EventTable;
  },
  options: TextOptions,
): string {
  const others = table.totalEvents - table.length;
  const sentence =
    `${output}: ${byteSize(bytes)}, with ${counted(table.length, 'event')} of ${input} (${format})` +
    (others === 0
      ? '.'
      : `; ${counted(others, 'other event')} that no result needs ${others === 1 ? 'is' : 'are'} counted by name only.`);
  const lines = [...prose(sentence, options), ...readLossesText(table.losses, options)];
  return `${lines.join('\n')}\n`;
}
