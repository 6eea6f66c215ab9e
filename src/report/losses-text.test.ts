import { expect, test } from 'vitest';
import { lossesText } from './losses-text.ts';
import { NO_LOSSES, textOptions } from './report-result.testdata.ts';

test('no losses are one line', () => {
  expect(lossesText(NO_LOSSES, textOptions())).toEqual(['Losses: none']);
});

test('every loss has a line, and what was found is printable', () => {
  const lines = lossesText(
    {
      ...NO_LOSSES,
      droppedEvents: 1200,
      missingEntries: 2,
      truncatedLines: 1,
      unmatchedFrees: 3,
      missedPageFrees: 4,
      unprintedPointers: 5,
      unclassifiedPages: 6,
      unknownFlags: 7,
      orphanStacks: 8,
      unresolvedAddresses: 11,
      clockBackwards: 9,
      unknownFlagNames: ['__GFP_NEW'],
      samples: [
        { line: 12, offset: 345, expected: 'a number', found: 'pfn=\x1b[2J' },
        { line: 0, offset: 4096, expected: 'kmalloc of at least 52 bytes', found: '8 bytes' },
      ],
    },
    textOptions({ width: 120 }),
  );
  const text = lines.join('\n');
  for (const n of [
    '1,200 events dropped',
    '2 entries',
    '1 record ',
    '3 frees',
    '4 pages',
    '5 pointers',
    '6 pages',
    '7 events',
    '8 stack',
    '11 addresses',
    '9 events',
  ]) {
    expect(text).toContain(n);
  }
  expect(text).toContain('__GFP_NEW');
  expect(text).toContain('line 12, byte 345: expected a number; found "pfn=?[2J"');
  // A format without lines.
  expect(lines).toContain('    byte 4096: expected kmalloc of at least 52 bytes; found "8 bytes"');
});
