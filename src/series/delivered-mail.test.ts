import { describe, expect, it } from 'vitest';
import { treeAfter } from './applied-tree.testdata.ts';
import { applySeries } from './apply-series.ts';
import { DELIVERIES, delivered } from './delivered-mail.testdata.ts';
import { GitRepository, hasGit } from './git-repository.testdata.ts';
import { filesAfter, mailbox, mailsOf } from './mail-series.testdata.ts';
import { readSeries } from './read-series.ts';
import { FILES_BEFORE_SERIES, SEED_MERGED } from './seed-series.testdata.ts';
import { newestOf } from './series.ts';

/** Git keeps the line ends, the banner, the HTML or the signature of these: a person mends them by hand first. */
const NOT_FOR_GIT = /flowed|CR LF in base64|mailman|HTML|signed/;

describe('the series of 2026 as others deliver it', () => {
  const mails = mailsOf(SEED_MERGED);

  it.each(Object.entries(DELIVERIES))(
    '%s: the same patches, by their author, and the same tree',
    async (_name, deliver) => {
      const bytes = mailbox(delivered(mails, deliver));
      const series = await readSeries([{ name: 'delivered.mbox', bytes }]);
      expect(series.problems).toEqual([]);
      const { cover, patches, version } = newestOf(series);
      expect([version, cover?.title, patches.map(({ subject, author }) => [subject, author.name])]).toEqual([
        4,
        SEED_MERGED.cover?.title,
        SEED_MERGED.patches.map(({ subject }) => [subject, 'Ann Author']),
      ]);
      for (const { trailers } of patches)
        expect(trailers).toContainEqual({ name: 'Signed-off-by', value: 'Ann Author <ann@example.org>' });
      const applied = applySeries(patches, { read: (path) => FILES_BEFORE_SERIES[path] });
      expect(applied.problems).toEqual([]);
      expect(treeAfter(FILES_BEFORE_SERIES, applied)).toEqual(filesAfter(SEED_MERGED));
    },
  );

  it.skipIf(!hasGit).each(Object.entries(DELIVERIES).filter(([name]) => !NOT_FOR_GIT.test(name)))(
    '%s: git am makes the same tree',
    (_name, deliver) => {
      using repository = new GitRepository(FILES_BEFORE_SERIES);
      // Git has no use for the cover letter.
      const patches = mails.slice(1).map((mail, index) => ({ mail, index: index + 1 }));
      const text = patches.map(({ mail }) => mail);
      expect(repository.am(mailbox(delivered(text, (parts) => deliver({ ...parts, index: parts.index + 1 }))))).toEqual(
        filesAfter(SEED_MERGED),
      );
    },
  );

  it('a line that a mail program broke in the heading of a hunk, or below tabs, is mended', async () => {
    const broken = mailbox(
      ...mails.map((mail) =>
        mail.replace(/^(@@ .{20,60}) (.+)$/m, (whole, first: string, rest: string) =>
          first.length < 60 ? whole : `${first}\n${rest}`,
        ),
      ),
    );
    const { patches } = newestOf(await readSeries([{ name: 'broken.mbox', bytes: broken }]));
    const applied = applySeries(patches, { read: (path) => FILES_BEFORE_SERIES[path] });
    expect(treeAfter(FILES_BEFORE_SERIES, applied)).toEqual(filesAfter(SEED_MERGED));
  });
});
