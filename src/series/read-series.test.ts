import { describe, expect, it } from 'vitest';
import { InputError } from '../base/errors.ts';
import { mailbox, mailsOf } from './mail-series.testdata.ts';
import type { ProblemKind } from './problem.ts';
import { readSeries } from './read-series.ts';
import { SEED_MERGED, SEED_V1 } from './seed-series.testdata.ts';
import { newestOf, type Reply, type Series } from './series.ts';

const read = (...mails: readonly string[]): Promise<Series> =>
  readSeries([{ name: 'a.mbox', bytes: mailbox(...mails) }]);
const kindsOf = ({ problems }: Series): ProblemKind[] => problems.map(({ kind }) => kind);
const numbersOf = (series: Series): number[] => newestOf(series).patches.map(({ number }) => number);

const FROM_LINE = 'From 1234567890123456789012345678901234567890 Mon Sep 17 00:00:00 2001\n';
let serial = 0;
/** A small mail; with ids unless there are none to have. */
const mail = (subject: string, body: string, headers = ''): string =>
  `${FROM_LINE}From: Ann <ann@example.org>\nSubject: ${subject}\nMessage-ID: <m${serial++}@example.org>\n${headers}\n${body}\n`;
const diff = (path = 'mm/a.c', lines = ' one\n-two\n+TWO\n', header = '@@ -1,2 +1,2 @@'): string =>
  `---\ndiff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n${header}\n${lines}-- \n2.39\n`;
const answering = (id: string): string => `In-Reply-To: <${id}>\nReferences: <${id}>\n`;

const [COVER, FIRST, SECOND, THIRD] = mailsOf(SEED_V1);

describe('the versions of a series', () => {
  it('are told apart by their numbers, and the newest one is judged', async () => {
    const series = await read(...mailsOf(SEED_V1), ...mailsOf(SEED_MERGED));
    expect(kindsOf(series)).toEqual([]);
    expect(newestOf(series)).toMatchObject({ version: 4, total: 3 });
    expect(series.versions[0].patches[1].subject).toBe('fork: skip MTE tagging for kernel stacks');
  });

  it('begin with the RFC, which is older than version 1 of the patches', async () => {
    const rfc = mailsOf(SEED_V1).map((text) =>
      text.replace('[PATCH ', '[RFC PATCH ').replaceAll('series-v1', 'rfc').replace('19 Mar', '10 Mar'),
    );
    const series = await read(...mailsOf(SEED_V1), ...rfc);
    expect(series.versions.map(({ version, prefixes }) => [version, ...prefixes])).toEqual([[1, 'RFC'], [1]]);
  });

  it('may have one patch sent again alone: the others of the version before stand beside it', async () => {
    const again = SECOND.replace('[PATCH 2/3]', '[PATCH v2 2/3]')
      .replace('Message-ID: <series-v1-2@', 'Message-ID: <again-2@')
      .replaceAll(/(In-Reply-To|References): <series-v1-0@/g, '$1: <series-v1-2@');
    const series = await read(COVER, FIRST, SECOND, THIRD, again);
    expect(newestOf(series).version).toBe(2);
    expect(numbersOf(series)).toEqual([1, 2, 3]);
    expect(series.problems).toMatchObject([
      { kind: 'patch-missing', patch: 1, found: 'no patch 1; that of version 1 is taken' },
      { kind: 'patch-missing', patch: 3, found: 'no patch 3; that of version 1 is taken' },
    ]);
  });

  it('of another series are named and left out', async () => {
    const other = mail('[PATCH] net: other', `Text.\n${diff('net/b.c')}`);
    const series = await read(other, ...mailsOf(SEED_V1));
    expect(series.title).toBe('KASAN: HW_TAGS: Disable tagging for stack and page-tables');
    expect(series.problems).toMatchObject([{ kind: 'other-series', where: 'a.mbox:2, "[PATCH] net: other"' }]);
  });
});

describe('the files of a folder', () => {
  it('are one series, numbered or not', async () => {
    const unnumbered = (text: string): string =>
      text.replace(/ \d\/3\]/, ']').replace(/^(Message-ID|In-Reply-To|References):.*\n/gm, '');
    const [, ...patches] = mailsOf(SEED_V1);
    const inputs = patches.map((text, at) => ({ name: `000${at + 1}.patch`, bytes: mailbox(unnumbered(text)) }));
    const series = await readSeries(inputs);
    expect(kindsOf(series)).toEqual([]);
    expect(newestOf(series).patches.map(({ subject }) => subject)).toEqual(
      SEED_V1.patches.map(({ subject }) => subject),
    );
  });

  it('may be bare diffs', async () => {
    const bare = { name: 'fix.diff', bytes: mailbox(diff().slice(4)) };
    const series = await readSeries([bare]);
    expect(newestOf(series).patches).toMatchObject([{ subject: 'fix.diff', files: [{ newPath: 'mm/a.c' }] }]);
  });
});

describe('replies', () => {
  const reply = (id: string, to: string, text: string): string =>
    `From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: Rob <rob@example.org>\nSubject: Re: [PATCH 2/3] fork\nMessage-ID: <${id}>\n${answering(to)}\n${text}\n`;

  it('hang below what they answer, with their trailers, but not those that they quote', async () => {
    const series = await read(
      ...mailsOf(SEED_V1),
      reply(
        'r1',
        'series-v1-2@example.org',
        '> Signed-off-by: Ann Author <ann@example.org>\n\nLooks right.\nReviewed-by: Rob <rob@example.org>',
      ),
      reply('r2', 'r1', '>> diff\nThanks.'),
      reply('r3', 'series-v1-0@example.org', 'To the cover.'),
    );
    const { cover, patches } = newestOf(series);
    const texts = (replies: readonly Reply[] | undefined): unknown =>
      replies?.map(({ text, replies: below }) => [text.split('\n').at(-1), texts(below)]);
    expect(texts(patches[1].replies)).toEqual([['Reviewed-by: Rob <rob@example.org>', [['Thanks.', []]]]]);
    expect(patches[1].replies[0].trailers).toEqual([{ name: 'Reviewed-by', value: 'Rob <rob@example.org>' }]);
    expect(texts(cover?.replies)).toEqual([['To the cover.', []]]);
  });

  it('are no patches, whether they quote a diff or hold one', async () => {
    const quoted = SECOND.slice(SECOND.indexOf('diff --git')).replace(/^/gm, '> ');
    const suggestion = diff('mm/c.c');
    const series = await read(
      ...mailsOf(SEED_V1),
      reply('r1', 'series-v1-2@example.org', quoted),
      reply('r2', 'series-v1-2@example.org', `How about:\n${suggestion}`),
    );
    expect(numbersOf(series)).toEqual([1, 2, 3]);
    expect(series.versions.length).toBe(1);
    expect(kindsOf(series)).toEqual([]);
  });

  it('hold the patch if there is no other', async () => {
    const series = await read(reply('r1', 'x', `How about:\n${diff('mm/c.c')}`));
    expect(newestOf(series).patches[0].files[0].newPath).toBe('mm/c.c');
  });

  it('that answer each other in a circle are left out', async () => {
    const series = await read(...mailsOf(SEED_V1), reply('r1', 'r2', 'a'), reply('r2', 'r1', 'b'));
    expect(newestOf(series).patches.flatMap(({ replies }) => replies)).toEqual([]);
  });
});

describe('each problem is named and leaves the rest readable', () => {
  it('patch-missing: a number that is not there', async () => {
    const series = await read(COVER, FIRST, THIRD);
    expect(series.problems).toMatchObject([{ kind: 'patch-missing', patch: 2 }]);
    expect(numbersOf(series)).toEqual([1, 3]);
  });

  it('patch-missing: a cover letter that all patches answer', async () => {
    const series = await read(FIRST, SECOND, THIRD);
    expect(series.problems).toMatchObject([{ kind: 'patch-missing', patch: 0, expected: 'the cover letter' }]);
    expect(series.title).toBe('vmalloc: add __GFP_SKIP_KASAN support');
  });

  it('patch-missing: not thousands of times for a number that is made up', async () => {
    const series = await read(mail('[PATCH 1/9999] a', diff()));
    expect(series.problems).toMatchObject([{ kind: 'patch-missing', patch: undefined, found: 'no patches 2 to 9999' }]);
  });

  it('patch-missing: one patch of a long series alone is one problem', async () => {
    const series = await read(mail('[PATCH 2/13] a', diff()));
    expect(series.problems).toMatchObject([
      { kind: 'patch-missing', patch: undefined, found: 'no patches 1, 3 to 13' },
    ]);
  });

  it('no cover letter is no problem where none was written', async () => {
    const root = answering('m-first@example.org');
    const first = mail('[PATCH 1/2] a', diff()).replace(/<m\d+@/, '<m-first@');
    expect(kindsOf(await read(first, mail('[PATCH 2/2] b', diff('mm/b.c'), root)))).toEqual([]);
  });

  it('order-wrong', async () => {
    const series = await read(COVER, SECOND, FIRST, THIRD);
    expect(series.problems).toMatchObject([{ kind: 'order-wrong', patch: 1 }]);
    expect(numbersOf(series)).toEqual([1, 2, 3]);
  });

  it('duplicate-message', async () => {
    const series = await read(COVER, FIRST, SECOND, FIRST, THIRD);
    expect(series.problems).toMatchObject([{ kind: 'duplicate-message', patch: 1 }]);
    expect(numbersOf(series)).toEqual([1, 2, 3]);
  });

  it('no-diff: the message of the patch is there all the same', async () => {
    const series = await read(mail('[PATCH 1/2] a', 'Text.\n---\n'), mail('[PATCH 2/2] b', diff()));
    expect(series.problems).toMatchObject([{ kind: 'no-diff', patch: 1 }]);
    expect(newestOf(series).patches[0]).toMatchObject({ message: 'Text.', files: [] });
  });

  it('diffstat-mismatch: of a patch', async () => {
    const series = await read(COVER, FIRST, SECOND.replace('| 8 ', '| 9 '), THIRD);
    expect(series.problems).toMatchObject([
      {
        kind: 'diffstat-mismatch',
        patch: 2,
        found: 'a diffstat of 9 lines for kernel/fork.c',
        expected: '8, as the diffs have it',
      },
    ]);
  });

  it('diffstat-mismatch: of a cover letter, which counts the whole series, not each patch', async () => {
    expect(kindsOf(await read(COVER.replace('12 insertions', '13 insertions'), FIRST, SECOND, THIRD))).toEqual([
      'diffstat-mismatch',
    ]);
    // One line is added and taken away again: the patches have 4 changed lines, the series none but in b.c.
    const stat = ' mm/b.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n-- \n2\n';
    const net = await read(
      mail('[PATCH 0/2] c', `Text.\n\n${stat}`),
      mail('[PATCH 1/2] a', diff('mm/a.c', ' one\n+half\n two\n', '@@ -1,2 +1,3 @@')),
      mail(
        '[PATCH 2/2] b',
        `${diff('mm/a.c', ' one\n-half\n two\n', '@@ -1,3 +1,2 @@')}`.replace('-- \n2.39\n', '') +
          diff('mm/b.c').slice(4),
      ),
    );
    expect(kindsOf(net)).toEqual([]);
  });

  it('diffstat-mismatch: not where git took a longer way from one end of the series to the other', async () => {
    // The line that patch 1 adds and patch 2 takes away may be counted, once each.
    const stat = (sum: string): string => ` mm/a.c | 2 +-\n 1 file changed, ${sum}\n\n-- \n2\n`;
    const patches = [
      mail('[PATCH 1/2] a', diff('mm/a.c', ' one\n-two\n+half\n+TWO\n', '@@ -1,2 +1,3 @@')),
      mail('[PATCH 2/2] b', diff('mm/a.c', ' one\n-half\n TWO\n', '@@ -1,3 +1,2 @@')),
    ];
    const kinds = async (sum: string): Promise<ProblemKind[]> =>
      kindsOf(await read(mail('[PATCH 0/2] c', stat(sum)), ...patches));
    expect(await kinds('1 insertion(+), 1 deletion(-)')).toEqual([]);
    expect(await kinds('2 insertions(+), 2 deletions(-)')).toEqual([]);
    expect(await kinds('2 insertions(+), 1 deletion(-)')).toEqual(['diffstat-mismatch']);
    expect(await kinds('3 insertions(+), 3 deletions(-)')).toEqual(['diffstat-mismatch']);
  });

  it('hunk-damaged: lines fewer than the header says', async () => {
    const series = await read(
      mail(
        '[PATCH] a',
        diff('mm/a.c', ' one\n-two\n', '@@ -1,3 +1,3 @@').replace('-- \n', '\n\n-- \n') + diff('mm/b.c').slice(4),
      ),
    );
    expect(series.problems).toMatchObject([
      { kind: 'hunk-damaged', patch: 1, where: expect.stringContaining('mm/a.c') },
    ]);
    expect(newestOf(series).patches[0].files.map(({ newPath, hunks }) => [newPath, hunks.length])).toEqual([
      ['mm/b.c', 1],
    ]);
  });

  it('hunk-damaged: lines more than the header says', async () => {
    const series = await read(mail('[PATCH] a', diff('mm/a.c', ' one\n-two\n+TWO\n+more\n')));
    expect(kindsOf(series)).toEqual(['hunk-damaged']);
  });

  it('encoding-lost: a question mark for a letter of a name', async () => {
    const series = await read(mail('[PATCH] a', `Text.\n\nSigned-off-by: Jos? Garcia <jose@example.org>\n${diff()}`));
    expect(series.problems).toMatchObject([{ kind: 'encoding-lost', patch: 1 }]);
  });

  it('unknown-charset', async () => {
    const series = await read(mail('[PATCH] a', diff(), 'Content-Type: text/plain; charset=x-nobody\n'));
    expect(series.problems).toMatchObject([{ kind: 'unknown-charset', patch: 1, found: 'the charset "x-nobody"' }]);
  });

  it('over-limit: too many mails', async () => {
    const series = await read(
      ...Array.from({ length: 2001 }, (_, at) => mail(`[PATCH] a${at}`, at === 0 ? diff() : 'x')),
    );
    expect(kindsOf(series)).toContain('over-limit');
  });

  it('over-limit: a line that is too long is cut', async () => {
    const series = await read(mail('[PATCH] a', diff('mm/a.c', ` one\n-two\n+${'x'.repeat(10_000)}\n`)));
    expect(kindsOf(series)).toEqual(['over-limit']);
    expect(newestOf(series).patches[0].files[0].hunks[0].lines[2].text).toHaveLength(3999);
  });
});

describe('what is no series', () => {
  it('says what is wrong with the only patch', async () => {
    await expect(read(mail('[PATCH] a', diff('mm/a.c', ' one\n', '@@ -1,3 +1,3 @@')))).rejects.toThrow(
      /hunk-damaged, "2\.39"/,
    );
  });

  it.each([
    ['nothing', ''],
    ['a text', 'hello\nworld\n'],
    ['a mail without a diff', mail('hello', 'world')],
    ['binary data', '\x00\x01\x02\xff'.repeat(100)],
    ['quotes of a diff', mail('Re: [PATCH] a', diff().replace(/^/gm, '> '))],
  ])('%s is refused with what was expected', async (_name, text) => {
    await expect(read(text)).rejects.toThrow(InputError);
  });
});
