import { describe, expect, it } from 'vitest';
import { splitChangelog } from './changelog.ts';

const lines = (text: string): string[] => text.split('\n');

describe('what changed between versions', () => {
  it.each([
    ['Changes since v1:', 2],
    ['Changes from v2:', 3],
    ['Changes in v3:', 3],
    ['v2 -> v3:', 3],
    ['v1..v2:', 2],
    ['RFC -> v1:', 1],
    ['V2:', 2],
    ['v2: fix the build', 2],
    ['* v4 changes:', 4],
    ['Since v5:', 6],
    ['Changelog:', undefined],
    ['Changes since the RFC:', undefined],
  ])('is headed by: %s', (heading, version) => {
    expect(splitChangelog(lines(`Text.\n\n${heading}\n- one\n  two\n\n- three\n\nMore text.`))).toMatchObject({
      entries: [{ version, text: expect.stringContaining('- one') }],
      rest: ['Text.', '', 'More text.'],
    });
  });

  it.each(['In v2 of the spec, tags are 4 bits.', 'It changes since nothing else can.', 'v2 is what the CPU has.'])(
    'is not headed by prose: %s',
    (line) => expect(splitChangelog([line]).entries).toEqual([]),
  );
});
