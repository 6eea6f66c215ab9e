import { describe, expect, it } from 'vitest';
import { parseDiff } from './parse-diff.ts';

const lines = (text: string): string[] => text.split('\n');

// The forms of git-diff(1), "Generating patch text with -p", and of diff -u.
describe('the header of a file in a diff', () => {
  const only = (text: string): unknown => {
    const [{ hunks, ...file }] = parseDiff(lines(text), 100).files;
    return { ...file, hunks: hunks.length };
  };
  const plain = { oldMode: undefined, newMode: undefined, similarity: undefined, binary: false };

  it.each([
    [
      'a rename',
      'diff --git a/x y.c b/z.c\nsimilarity index 90%\nrename from x y.c\nrename to z.c',
      { change: 'rename', oldPath: 'x y.c', newPath: 'z.c', similarity: 90 },
    ],
    [
      'a mode',
      'diff --git a/x y.sh b/x y.sh\nold mode 100644\nnew mode 100755',
      { change: 'modify', oldPath: 'x y.sh', newPath: 'x y.sh', oldMode: '100644', newMode: '100755' },
    ],
    [
      'an empty file',
      'diff --git a/e b/e\nnew file mode 100644\nindex 000000..e69de29',
      { change: 'create', oldPath: undefined, newPath: 'e', newMode: '100644' },
    ],
    [
      'a binary file',
      'diff --git a/p.png b/p.png\nindex 1..2 100644\nBinary files a/p.png and b/p.png differ',
      { change: 'modify', oldPath: 'p.png', newPath: 'p.png', oldMode: '100644', newMode: '100644', binary: true },
    ],
    [
      'no prefix',
      'diff --git mm/a.c mm/a.c\n--- mm/a.c\n+++ mm/a.c\n@@ -1 +1 @@\n-a\n+b',
      { change: 'modify', oldPath: 'mm/a.c', newPath: 'mm/a.c', hunks: 1 },
    ],
    [
      'diff -u',
      '--- linux.orig/mm/a.c\t2026-03-19 11:00:00\n+++ linux/mm/a.c\t2026-03-19 12:00:00\n@@ -1 +1 @@\n-a\n+b',
      { change: 'modify', oldPath: 'mm/a.c', newPath: 'mm/a.c', hunks: 1 },
    ],
    [
      'a deletion',
      'diff --git a/g.c b/g.c\ndeleted file mode 100644\n--- a/g.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-a',
      { change: 'delete', oldPath: 'g.c', newPath: undefined, oldMode: '100644', hunks: 1 },
    ],
    [
      'a quoted path',
      'diff --git "a/\\303\\251\\t.c" "b/\\303\\251\\t.c"\nold mode 100644\nnew mode 100755',
      { change: 'modify', oldPath: 'é\t.c', newPath: 'é\t.c', oldMode: '100644', newMode: '100755' },
    ],
  ])('%s', (_name, text, expected) => {
    expect(only(text)).toEqual({ ...plain, hunks: 0, ...expected });
  });

  it('is not there in a quote, or where only its first lines are', () => {
    expect(
      parseDiff(lines('> diff --git a/x b/x\n> --- a/x\n> +++ b/x\n> @@ -1 +1 @@\n--- a\n+++ b\ntext'), 100).files,
    ).toEqual([]);
  });

  it('has content behind it that is skipped where it is binary', () => {
    const text =
      'diff --git a/p b/p\nindex 1..2 100644\nGIT binary patch\nliteral 3\nKcmZQ\n\nliteral 0\nHcmV\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b';
    expect(parseDiff(lines(text), 100).files.map(({ newPath, binary }) => [newPath, binary])).toEqual([
      ['p', true],
      ['x', false],
    ]);
  });
});
