import { describe, expect, it } from 'vitest';
import { treeAfter } from './applied-tree.testdata.ts';
import { applySeries } from './apply-series.ts';
import { GitRepository, hasGit } from './git-repository.testdata.ts';
import {
  HARD_FILES,
  HARD_FILES_AFTER,
  HARD_MAILS,
  HARDER_MAILS,
  mailOf,
  multipart,
  PATCH_TEXT,
  quotedPrintable,
  TEXT,
} from './hard-mail.testdata.ts';
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

  it.skipIf(!hasGit)('in windows-1252 has the letters that git am writes as bytes', async () => {
    const body = quotedPrintable(PATCH_TEXT.replace('"four"', '\x93four\x94').replace('The message.', 'Caf\xe9.'));
    const mail = mailOf(
      ['Content-Type: text/plain; charset=windows-1252', 'Content-Transfer-Encoding: quoted-printable'],
      body,
    );
    using repository = new GitRepository(HARD_FILES);
    const bytes = repository.am(mailbox(mail))['mm/a.c'];
    const series = await read(mail);
    expect(newestOf(series).patches[0].message).toBe('Café.');
    expect(bytes).toContain('\x93four\x94');
    expect(treeAfter(HARD_FILES, applied(series))['mm/a.c']).toBe(bytes.replace('\x93', '“').replace('\x94', '”'));
  });

  it.skipIf(!hasGit)('in an mboxrd has the lines that begin with From', async () => {
    const mail = mailOf([TEXT], PATCH_TEXT.replace('The message.', '>From here\n>>From there')).replace(
      /^From .*/,
      'From mboxrd@z Thu Jan  1 00:00:00 1970',
    );
    using repository = new GitRepository(HARD_FILES);
    expect(repository.am(mailbox(mail), '--patch-format=mboxrd')).toEqual(HARD_FILES_AFTER);
    expect(repository.git(['log', '-1', '--format=%b'])).toMatch(/^From here\n>From there\n/);
    expect(newestOf(await read(mail)).patches[0].message).toBe('From here\n>From there');
  });

  it('opens no file by the name of an attachment, and has no text of HTML', async () => {
    const series = await read(
      mailOf(
        ['Content-Type: multipart/mixed; boundary=b'],
        multipart('b', [
          'Content-Type: text/html\n\n<script>alert(1)</script>',
          `Content-Type: text/x-patch; name="/etc/passwd"\n\n${PATCH_TEXT.replaceAll('mm/a.c', '../../etc/passwd')}`,
        ]),
      ),
    );
    expect(JSON.stringify(series)).not.toContain('script');
    // A path is text, and what it names is asked of the tree that is given alone.
    const asked: string[] = [];
    applySeries(newestOf(series).patches, { read: (path) => void asked.push(path) });
    expect(asked).toEqual(['../../etc/passwd']);
  });

  it('joins the two halves of a letter that is split over encoded words', async () => {
    const { title } = await read(HARD_MAILS['folded encoded words']);
    expect(title).toBe('mm: change José');
  });
});
