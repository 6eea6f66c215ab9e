import { describe, expect, it } from 'vitest';
import { treeAfter } from './applied-tree.testdata.ts';
import { applySeries } from './apply-series.ts';
import { GitRepository, hasGit } from './git-repository.testdata.ts';
import { HARD_FILES, HARD_FILES_AFTER, HARD_MAILS, HARDER_MAILS } from './hard-mail.testdata.ts';
import { mailbox } from './mail-series.testdata.ts';
import { readSeries } from './read-series.ts';
import { newestOf, type Series } from './series.ts';

const read = (text: string): Promise<Series> => readSeries([{ name: 'hard.mbox', bytes: mailbox(text) }]);
const applied = (series: Series): ReturnType<typeof applySeries> =>
  applySeries(newestOf(series).patches, { read: (path) => HARD_FILES[path === 'mm/a.c' ? path : 'mm/a.c'] });

describe('a patch that is sent in a hard way', () => {
  it.each(Object.entries(HARD_MAILS))('is read whole: %s', async (_name, mail) => {
    const series = await read(mail);
    expect(series.problems).toEqual([]);
    const after = applied(series);
    expect(after.problems).toEqual([]);
    expect(treeAfter(HARD_FILES, after)).toEqual(HARD_FILES_AFTER);
    const [patch] = newestOf(series).patches;
    expect(patch.subject).toMatch(/^mm: change/);
    expect(patch.message).toBe('The message.');
    expect(patch.trailers).toEqual([{ name: 'Signed-off-by', value: 'Ann Author <ann@example.org>' }]);
  });

  it.skipIf(!hasGit).each(Object.entries(HARD_MAILS))('is taken by git am for the same: %s', (_name, mail) => {
    using repository = new GitRepository(HARD_FILES);
    expect(repository.am(mailbox(mail), '--scissors')).toEqual(HARD_FILES_AFTER);
  });

  it.each(Object.entries(HARDER_MAILS))('is read as its sender meant it: %s', async (_name, mail) => {
    const after = applied(await read(mail));
    expect(after.problems).toEqual([]);
    expect(treeAfter(HARD_FILES, after)).toEqual(HARD_FILES_AFTER);
  });

  it('names a line that a mail program broke', async () => {
    const { problems } = await read(HARDER_MAILS['a broken line']);
    expect(problems).toMatchObject([
      { kind: 'wrapped-line', patch: 1, found: expect.stringMatching(/^"program that breaks/) },
    ]);
  });

  it('joins the two halves of a letter that is split over encoded words', async () => {
    const { title } = await read(HARD_MAILS['folded encoded words']);
    expect(title).toBe('mm: change José');
  });
});
