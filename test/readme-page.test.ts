import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tagscope } from './end-to-end/command.testdata.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

interface Shown {
  readonly command: string;
  /** Columns of the terminal, where it is not 80. */
  readonly columns: string;
  /** Lines that stand one below the other in what is printed; `...` is between two such pieces. */
  readonly pieces: readonly (readonly string[])[];
}

/** What scripts/start.mjs runs. */
const START = 'tagscope diff cases/pgtable/trace.zst';

/** A block as the README has them: `$ COMMAND   (remark)`, and what it prints, cut. */
function blockOf(text: string): Shown {
  // A second command in a block is there to be read.
  const [first, ...lines] = text.split(/\n\$ /)[0].trimEnd().split('\n');
  const [, command = '', remark = ''] = /^\$ (.*?)(?:\s+(\(.*\)))?$/.exec(first) ?? [];
  const pieces = lines
    .join('\n')
    .split(/^\.\.\.$/m)
    .map((piece) => piece.split('\n').filter((line) => line !== ''))
    .filter((piece) => piece.length > 0);
  const [, columns = '80'] = /of (\d+) columns/.exec(remark) ?? [];
  return { command: command.replace('npm ci && npm start', START), columns, pieces };
}

const BLOCKS = [...README.matchAll(/^```console\n([^]*?)^```$/gm)].map(([, text]) => blockOf(text));

test('start.mjs runs what the first block is taken for', () => {
  const script = readFileSync(new URL('../scripts/start.mjs', import.meta.url), 'utf8');
  expect(script).toContain("'diff', 'cases/pgtable/trace.zst'");
  expect(BLOCKS.length).toBeGreaterThan(3);
});

describe('what the README shows is what is printed', () => {
  test.each(BLOCKS)('$command', async ({ command, columns, pieces }) => {
    const words = command.split(' ').slice(1);
    const { stdout } = await tagscope([...words, '-q'], { env: { COLUMNS: columns, LANG: 'C.UTF-8' } });
    const lines = stdout.split('\n').filter((line) => line !== '');
    let from = 0;
    for (const piece of pieces) {
      const at = lines.findIndex((line, index) => index >= from && line.trimEnd() === piece[0].trimEnd());
      expect(at, `${piece[0]} is printed behind what stands above it`).toBeGreaterThanOrEqual(0);
      expect(lines.slice(at, at + piece.length).map((line) => line.trimEnd())).toEqual(
        piece.map((line) => line.trimEnd()),
      );
      from = at + piece.length;
    }
  });
});
