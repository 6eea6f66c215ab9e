import { printable } from './printable.ts';
import { proseWidth, type TextOptions } from './text-options.ts';

const LABEL_WIDTH = 9;

/** How to get the same figures again; broken as a shell takes it. */
export function commandText(command: string, options: TextOptions): string[] {
  const { program = 'tagscope' } = options;
  const words = argumentsOf(printable(command.replace(/^tagscope(?= )/, program), options.unicode));
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && LABEL_WIDTH + longer.length > proseWidth(options) - 2) {
      lines.push(`${line} \\`);
      line = `  ${word}`;
    } else {
      line = longer;
    }
  }
  lines.push(line);
  return lines.map((text, index) => (index === 0 ? 'Command' : '').padEnd(LABEL_WIDTH) + text);
}

/** The words of a shell command, as they are written. */
export const wordsOf = (command: string): readonly string[] => command.match(/(?:'[^']*'|\\.|[^\s'\\])+/g) ?? [];

/** The same, each option with its value: lines are broken only where a shell takes it. */
function argumentsOf(command: string): string[] {
  return wordsOf(command).reduce<string[]>((joined, word) => {
    const last = joined.at(-1);
    if (last !== undefined && /^--[a-z-]+$/.test(last) && !word.startsWith('-'))
      joined[joined.length - 1] = `${last} ${word}`;
    else joined.push(word);
    return joined;
  }, []);
}
