import { describe, expect, it } from 'vitest';
import { diffstatOf, findDiffstat } from './diffstat.ts';

const lines = (text: string): string[] => text.split('\n');

describe('a diffstat', () => {
  it('names renamed, binary and shortened files', () => {
    const found = findDiffstat(
      lines(
        ' mm/{old.c => new.c}         |  4 ++--\n a.png => b.png              | Bin 10 -> 12 bytes\n .../very/long/name.c        | 12 ++++++++++++\n 3 files changed, 14 insertions(+), 2 deletions(-)\n rename mm/{old.c => new.c} (90%)\n\nx',
      ),
    );
    expect(found).toMatchObject({ start: 0, end: 5 });
    expect(found?.diffstat).toEqual({
      files: [
        { path: 'mm/new.c', changedLines: 4 },
        { path: 'b.png', changedLines: undefined },
        { path: '.../very/long/name.c', changedLines: 12 },
      ],
      filesChanged: 3,
      insertions: 14,
      deletions: 2,
    });
    expect(
      found === undefined ? undefined : diffstatOf(found.diffstat, 'drivers/a/very/long/name.c')?.changedLines,
    ).toBe(12);
  });
});
