import { describe, expect, it } from 'vitest';
import { splitTrailers } from './trailers.ts';

const lines = (text: string): string[] => text.split('\n');

describe('trailers', () => {
  it('are the paragraphs at the end, with notes between them', () => {
    expect(
      splitTrailers(
        lines(
          'Text.\n\nNote: this is text\n\nFixes: 123456789abc ("a: b")\n\nSigned-off-by: A <a@b>\n[c@d: typo]\nSigned-off-by: C <c@d>\n',
        ),
      ),
    ).toEqual({
      text: ['Text.', '', 'Note: this is text'],
      trailers: [
        { name: 'Fixes', value: '123456789abc ("a: b")' },
        { name: 'Signed-off-by', value: 'A <a@b>' },
        { name: 'Signed-off-by', value: 'C <c@d>' },
      ],
    });
  });
});
