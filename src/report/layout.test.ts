import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clipped, detail, layOut, warnings, type Section, type Table } from './layout.ts';
import { textOptions } from './report-result.testdata.ts';
import type { Screen } from './text-options.ts';

const ANSWER = ['the answer,', 'in two lines'];
const table = (name: string, rows: number): Table => ({
  name,
  rows,
  render: (limit) => [
    `${name}:`,
    ...Array.from({ length: limit }, (_, index) => `  row ${index + 1}`),
    ...(limit < rows ? [`  ${rows - limit} more`] : []),
  ],
});
const LONG = Array.from({ length: 9 }, (_, index) => `line ${index + 1} of the provenance`);
const SECTIONS: readonly Section[] = [
  ANSWER,
  table('classes', 4),
  table('sites', 10),
  detail('provenance', LONG, 'By the rules.'),
];
const linesOf = (text: string): string[] => text.trimEnd().split('\n');
const onScreen = (height: number, screen: Partial<Screen> = {}) =>
  textOptions({ screen: { height, whole: false, ...screen } });

describe('a text', () => {
  test('has everything in a file and on a pipe, with blank lines between its parts', () => {
    const lines = linesOf(layOut(SECTIONS, textOptions()));
    expect(lines).toHaveLength(2 + 1 + 5 + 1 + 11 + 1 + 9);
    expect(lines.at(-1)).toBe('line 9 of the provenance');
  });

  test('has everything in a terminal that has room for it', () => {
    expect(layOut(SECTIONS, onScreen(32))).toBe(layOut(SECTIONS, textOptions()));
  });

  test('is cut to the screen: the command and the prompt stand there too', () => {
    const lines = linesOf(layOut(SECTIONS, onScreen(25)));
    expect(lines.length).toBeLessThanOrEqual(23);
    expect(lines.slice(0, 2)).toEqual(ANSWER);
    expect(lines).toContain('By the rules.');
    expect(lines).toContain('  row 10');
    expect(lines.at(-1)).toBe('-v shows provenance.');
  });

  test('earlier tables get their rows first, and what is left out is told', () => {
    const lines = linesOf(layOut(SECTIONS, onScreen(18)));
    expect(lines).toEqual([
      ...ANSWER,
      '',
      'classes:',
      '  row 1',
      '  row 2',
      '  row 3',
      '  row 4',
      '',
      'sites:',
      '  row 1',
      '  row 2',
      '  8 more',
      '',
      'By the rules.',
      '-v shows provenance.',
    ]);
  });

  test('a table without room for two rows is named, or said in a line', () => {
    const lines = linesOf(layOut(SECTIONS, onScreen(14)));
    expect(lines).not.toContain('sites:');
    expect(lines.at(-1)).toBe('-v shows sites and provenance.');
    const sections = SECTIONS.map((section) =>
      'rows' in section && section.name === 'sites' ? { ...section, brief: 'Sites: a, b' } : section,
    );
    const brief = linesOf(layOut(sections, onScreen(14)));
    expect(brief).toContain('Sites: a, b');
  });

  test('all of it was asked for: the answer stands on the screen in the end, again', () => {
    const lines = linesOf(layOut(SECTIONS, onScreen(24, { whole: true })));
    expect(lines.slice(0, 2)).toEqual(ANSWER);
    expect(lines.slice(-3)).toEqual(['', ...ANSWER]);
    expect(lines).toContain('line 9 of the provenance');
  });

  test('a warning is cut to a line, and said to be', () => {
    const text = 'of something that takes more than a line to say '.repeat(4);
    const lines = linesOf(layOut([ANSWER, table('sites', 40), warnings([text, 'short'], textOptions())], onScreen(24)));
    expect(lines.filter((line) => line.startsWith('Warning: '))).toHaveLength(2);
    expect(lines.find((line) => line.startsWith('Warning: of'))).toMatch(/\.\.\.$/);
    expect(lines.at(-1)).toContain('warnings in full');
  });

  test('the command is shown where a script has run it, and can be run as it stands', () => {
    const options = { ...onScreen(24), program: 'node dist/cli/main.js' };
    expect(layOut(SECTIONS, options, 'tagscope diff x')).toContain('To run it again: node dist/cli/main.js diff x');
    expect(layOut(SECTIONS, onScreen(24), 'tagscope diff x')).not.toContain('diff x');
  });
});

test('no screen of a usual height is too small for an answer of three lines, whatever comes with it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 16, max: 60 }),
      fc.array(
        fc.oneof(
          fc.nat(60).map((rows) => table('table', rows)),
          fc.nat(60).map((count) => detail('detail', LONG.slice(0, count), 'brief')),
          fc.nat(60).map((count) =>
            clipped(
              'lines',
              Array.from({ length: count }, () => 'x'),
              textOptions(),
            ),
          ),
        ),
        { maxLength: 8 },
      ),
      (height, sections) => {
        const lines = linesOf(layOut([ANSWER, ...sections], onScreen(height)));
        expect(lines.length).toBeLessThanOrEqual(height - 2);
        expect(lines.slice(0, 2)).toEqual(ANSWER);
      },
    ),
    { seed: 14 },
  );
});
