import { printable } from './printable.ts';
import { wrap } from './prose.ts';
import { proseWidth, type TextOptions } from './text-options.ts';

/** What a reader should know before trusting the figures; no lines if there is nothing. */
export function warningsText(warnings: readonly string[], options: TextOptions): string[] {
  return warnings.flatMap((warning) =>
    wrap(`Warning: ${printable(warning, options.unicode)}`, proseWidth(options) - 2, '  ').map(options.style.warning),
  );
}
