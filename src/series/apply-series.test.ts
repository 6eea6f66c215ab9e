import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentOf, expectFragmentsOf, treeAfter } from './applied-tree.testdata.ts';
import { applySeries } from './apply-series.ts';
import { GitRepository, hasGit, type Tree } from './git-repository.testdata.ts';
import { readSeries } from './read-series.ts';
import { newestOf, type Patch } from './series.ts';

const sourceOf = (tree: Tree): { read(path: string): string | undefined } => ({ read: (path) => tree[path] });

async function patchesOf(bytes: Uint8Array): Promise<readonly Patch[]> {
  const series = await readSeries([{ name: 'series.mbox', bytes }]);
  expect(series.problems).toEqual([]);
  return newestOf(series).patches;
}

/** Commits trees one after the other, and gives the series of patches between them. */
function seriesOf(repository: GitRepository, trees: readonly Tree[]): Uint8Array {
  trees.forEach((tree, index) => repository.commit(tree, `change ${index + 1}`));
  return repository.formatPatch(trees.length, '-M', '-C', '--find-copies-harder');
}

/** Applies a series to its base, with the tree and without, and holds both against git am. */
async function compareWithGit(base: Tree, trees: readonly Tree[]): Promise<void> {
  using repository = new GitRepository(base);
  const mailbox = seriesOf(repository, trees);
  repository.reset();
  const byGit = repository.am(mailbox, '--keep-cr');
  const patches = await patchesOf(mailbox);

  const whole = applySeries(patches, sourceOf(base));
  expect(whole.problems).toEqual([]);
  expect(treeAfter(base, whole)).toEqual(byGit);

  const partial = applySeries(patches);
  expect(partial.problems).toEqual([]);
  for (const { before, after } of partial.files) {
    if (before !== undefined) expectFragmentsOf(before, base[before.path]);
    if (after !== undefined) expectFragmentsOf(after, byGit[after.path]);
  }
}

const numbered = (count: number, change: (line: number) => string | undefined = (line) => `line ${line}`): string =>
  Array.from({ length: count }, (_, index) => change(index + 1))
    .filter((line) => line !== undefined)
    .map((line) => `${line}\n`)
    .join('');

describe.skipIf(!hasGit)('the tree after a series is that of git am', () => {
  it('for lines that are changed, added and removed, by one patch and then by another', async () => {
    const first = numbered(60, (line) => (line === 10 ? 'ten\nten and a half' : `line ${line}`));
    const second = first.replace('line 40\n', '').replace('ten\n', 'TEN\n');
    await compareWithGit({ 'mm/a.c': numbered(60) }, [
      { 'mm/a.c': first },
      { 'mm/a.c': second },
      { 'mm/a.c': `top\n${second}end\n` },
    ]);
  });

  it('for files that are created, deleted, renamed, copied and emptied', async () => {
    const a = numbered(30);
    await compareWithGit({ 'mm/a.c': a, 'mm/old.c': numbered(20, (line) => `old ${line}`), 'mm/gone.c': 'gone\n' }, [
      {
        'mm/a.c': a,
        'mm/new.c': numbered(20, (line) => (line === 4 ? 'FOUR' : `old ${line}`)),
        'mm/fresh.c': 'one\ntwo\n',
      },
      {
        'mm/a.c': a,
        'mm/copy.c': a.replace('line 7\n', 'seven\n'),
        'mm/new.c': numbered(20, (line) => `old ${line}`),
        'mm/fresh.c': '',
      },
    ]);
  });

  it('where two files exchange their names', async () => {
    const [x, y] = [numbered(30, (line) => `x ${line}`), numbered(30, (line) => `y ${line}`)];
    await compareWithGit({ 'x.c': x, 'y.c': y }, [{ 'x.c': y, 'y.c': x.replace('x 3\n', 'x three\n') }]);
  });

  it('for files that end without a line feed', async () => {
    await compareWithGit({ 'a.c': 'a\nb' }, [{ 'a.c': 'a\nb\n' }, { 'a.c': 'a\nb\nc' }, { 'a.c': 'a\nB\nc' }]);
  });

  it('for files whose lines end in CR LF', async () => {
    await compareWithGit({ 'dos.txt': 'a\r\nb\r\nc\r\n' }, [{ 'dos.txt': 'a\r\nB\r\nc\r\nd\r\n' }]);
  });

  it('for modes', async () => {
    using repository = new GitRepository({ 'run.sh': 'a\n', 'new.sh': 'a\n' });
    repository.commit({ 'run.sh': 'a\n', 'new.sh': 'b\n' }, 'modes', { 'run.sh': 0o755 });
    const mailbox = repository.formatPatch(1);
    repository.reset();
    repository.am(mailbox);
    const { files } = applySeries(await patchesOf(mailbox));
    const modes = repository
      .git(['ls-files', '-s'])
      .split('\n')
      .filter((line) => line !== '');
    expect(files.map(({ after }) => `${after?.mode} ${after?.path}`).toSorted()).toEqual(
      modes.map((line) => line.replace(/^(\d+) .*\t/, '$1 ')).toSorted(),
    );
    expect(files.find(({ before }) => before?.path === 'run.sh')?.before?.mode).toBe('100644');
  });

  it('for paths with spaces, quotes, tabs and letters', async () => {
    const odd = ['mm/a b.c', 'mm/"q".c', 'mm/tab\there.c', 'mm/é.c'];
    const of = (text: string): Tree => Object.fromEntries(odd.map((path) => [path, text]));
    using repository = new GitRepository(of('a\n'));
    const mailbox = seriesOf(repository, [of('b\n')]);
    const { files } = applySeries(await patchesOf(mailbox));
    expect(files.map(({ after }) => after?.path)).toEqual(
      expect.arrayContaining(['mm/a b.c', 'mm/"q".c', 'mm/tab\there.c', 'mm/é.c']),
    );
  });

  it('where the tree has moved on, so that hunks fit some lines away', async () => {
    using repository = new GitRepository({ 'a.c': numbered(60) });
    const mailbox = seriesOf(repository, [
      { 'a.c': numbered(60, (line) => (line === 20 ? 'twenty' : line === 50 ? undefined : `line ${line}`)) },
    ]);
    const moved = { 'a.c': `new 1\nnew 2\n${numbered(60, (line) => (line === 35 ? undefined : `line ${line}`))}` };
    using other = new GitRepository(moved);
    const applied = applySeries(await patchesOf(mailbox), sourceOf(moved));
    expect(treeAfter(moved, applied)).toEqual(other.am(mailbox));
  });

  it('for random edits', async () => {
    const line = fc.constantFrom(
      'a',
      'b',
      '',
      '\tif (x)',
      '\t}',
      '-- ',
      'From me',
      'diff --git a/x b/x',
      '--- a/x',
      '+++ b/x',
      '@@ -1 +1 @@',
      '\\ No',
    );
    const content = fc
      .tuple(fc.array(line, { maxLength: 40 }), fc.boolean())
      .map(([lines, ends]) => lines.join('\n') + (ends && lines.length > 0 ? '\n' : ''));
    const tree = fc.dictionary(fc.constantFrom('a.c', 'b.c', 'c/d.h'), content, { minKeys: 1, maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(tree, fc.array(tree, { minLength: 1, maxLength: 3 }), async (base, trees) => {
        // git am refuses a commit that changes nothing.
        const all = [base, ...trees];
        fc.pre(
          trees.every(
            (next, index) =>
              JSON.stringify(Object.entries(next).toSorted()) !== JSON.stringify(Object.entries(all[index]).toSorted()),
          ),
        );
        await compareWithGit(base, trees);
      }),
      { numRuns: 15 },
    );
  });
});

describe('what is known without a tree', () => {
  const patch = (number: number, ...hunks: readonly string[]): string =>
    [
      `From: Ann <ann@example.org>\nSubject: [PATCH ${number}/2] change ${number}\n\n---\n`,
      'diff --git a/mm/a.c b/mm/a.c\n--- a/mm/a.c\n+++ b/mm/a.c\n',
      ...hunks,
      '-- \n2.39\n\n',
    ].join('');
  const mailbox = (...mails: readonly string[]): Uint8Array =>
    new TextEncoder().encode(mails.map((mail) => `From 0 Mon Sep 17 00:00:00 2001\n${mail}`).join(''));

  it('is what hunks show, where it is before and after', async () => {
    const patches = await patchesOf(
      mailbox(
        patch(1, '@@ -10,3 +10,4 @@ f\n ten\n-eleven\n+ELEVEN\n+half\n twelve\n'),
        // Two lines further down, after patch 1: old line 29 is line 30 now.
        patch(2, '@@ -30,2 +30,1 @@ g\n-thirty\n also\n'),
      ),
    );
    const { files } = applySeries(patches);
    const shown = (fragments: readonly { start: number; lines: readonly { text: string }[] }[] | undefined): unknown =>
      fragments?.map(({ start, lines }) => [start, ...lines.map(({ text }) => text)]);
    expect(shown(files[0].before?.fragments)).toEqual([
      [10, 'ten', 'eleven', 'twelve'],
      [29, 'thirty', 'also'],
    ]);
    expect(shown(files[0].after?.fragments)).toEqual([
      [10, 'ten', 'ELEVEN', 'half', 'twelve'],
      [30, 'also'],
    ]);
  });

  it('begins in the function that the hunk of its first line names', async () => {
    const patches = await patchesOf(
      mailbox(
        patch(1, '@@ -10,2 +10,3 @@ int f(void)\n ten\n+half\n eleven\n', '@@ -1,1 +1,2 @@ x\n one\n+two\n'),
        patch(2, '@@ -13,2 +14,2 @@ int g(void)\n-twelve\n+TWELVE\n thirteen\n'),
      ),
    );
    const [{ after }] = applySeries(patches).files;
    expect(after?.fragments.map(({ start, heading }) => [start, heading])).toEqual([
      [1, undefined],
      [11, 'int f(void)'],
    ]);
  });

  it('tells who added and who removed a line', async () => {
    const patches = await patchesOf(
      mailbox(patch(1, '@@ -1,1 +1,2 @@\n one\n+two\n'), patch(2, '@@ -1,2 +1,1 @@\n-one\n two\n')),
    );
    const [{ before, after }] = applySeries(patches).files;
    expect(before?.fragments[0].lines[0]).toMatchObject({ text: 'one', addedBy: undefined, removedBy: 2 });
    expect(after?.fragments[0].lines[0]).toMatchObject({ text: 'two', addedBy: 1, removedBy: undefined });
  });

  it('names a hunk that does not fit what an earlier patch made', async () => {
    const patches = await patchesOf(
      mailbox(patch(1, '@@ -1,1 +1,1 @@\n-one\n+two\n'), patch(2, '@@ -1,1 +1,1 @@\n-one\n+three\n')),
    );
    expect(applySeries(patches).problems).toEqual([
      {
        kind: 'does-not-apply',
        patch: 2,
        where: 'patch 2 "change 2", mm/a.c, @@ -1,1 +1,1 @@',
        found: '"two"',
        expected: '"one"',
      },
    ]);
  });

  it('gives a line of a patch its place after the whole series', async () => {
    const patches = await patchesOf(
      mailbox(
        patch(1, '@@ -10,2 +10,3 @@\n ten\n+half\n eleven\n'),
        patch(2, '@@ -1,2 +1,3 @@\n+zero\n one\n two\n', '@@ -10,3 +11,2 @@\n ten\n-half\n eleven\n'),
      ),
    );
    const applied = applySeries(patches);
    const [ten, half, eleven] = patches[0].files[0].hunks[0].lines.map((line) => applied.placeOf(line));
    expect(ten).toEqual({ path: 'mm/a.c', line: 11 });
    // Patch 2 removes it again; the next line that is left stands in its place.
    expect(half).toEqual({ path: 'mm/a.c', line: 12 });
    expect(eleven).toEqual({ path: 'mm/a.c', line: 12 });
  });

  it('judges a state between two patches if only the first are given', async () => {
    const patches = await patchesOf(
      mailbox(patch(1, '@@ -1,1 +1,1 @@\n-one\n+two\n'), patch(2, '@@ -1,1 +1,1 @@\n-two\n+three\n')),
    );
    const texts = (count: number): string[] =>
      applySeries(patches.slice(0, count)).files.flatMap(
        ({ after }) => after?.fragments.flatMap(({ lines }) => lines.map(({ text }) => text)) ?? [],
      );
    expect([texts(1), texts(2)]).toEqual([['two'], ['three']]);
  });

  it('is the whole of a file that the series creates', async () => {
    const created =
      'From: a\nSubject: [PATCH] new\n\n---\ndiff --git a/n.c b/n.c\nnew file mode 100755\n--- /dev/null\n+++ b/n.c\n@@ -0,0 +1,1 @@\n+one\n';
    const [{ before, after }] = applySeries(await patchesOf(mailbox(created))).files;
    expect(before).toBeUndefined();
    expect(after).toMatchObject({ path: 'n.c', mode: '100755', whole: true });
    expect(after === undefined ? '' : contentOf(after)).toBe('one\n');
  });
});
