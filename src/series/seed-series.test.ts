import { describe, expect, it } from 'vitest';
import { treeAfter } from './applied-tree.testdata.ts';
import { applySeries } from './apply-series.ts';
import { GitRepository, hasGit } from './git-repository.testdata.ts';
import { filesAfter, mailbox, mailboxOf, mailsOf } from './mail-series.testdata.ts';
import { readSeries } from './read-series.ts';
import { SEED_MERGED, SEED_V1 } from './seed-series.testdata.ts';
import { newestOf } from './series.ts';

const read = (bytes: Uint8Array): ReturnType<typeof readSeries> => readSeries([{ name: 'seed.mbox', bytes }]);

// Subjects and sums of lines: the public cover letter of 19 March 2026 and the patches of 24 March.
describe('the series of 2026', () => {
  it('is three patches and a cover letter, whose diffstat is that of version 1 as posted', async () => {
    const series = await read(mailboxOf(SEED_V1));
    const { cover, patches } = newestOf(series);
    expect(series.problems).toEqual([]);
    expect(series.title).toBe('KASAN: HW_TAGS: Disable tagging for stack and page-tables');
    expect(patches.map(({ subject }) => subject)).toEqual([
      'vmalloc: add __GFP_SKIP_KASAN support',
      'fork: skip MTE tagging for kernel stacks',
      'mm: SKIP KASAN for page table allocations',
    ]);
    expect(cover?.diffstat).toEqual({
      files: [
        { path: 'include/asm-generic/pgalloc.h', changedLines: 2 },
        { path: 'kernel/fork.c', changedLines: 8 },
        { path: 'mm/vmalloc.c', changedLines: 8 },
      ],
      filesChanged: 3,
      insertions: 12,
      deletions: 6,
    });
  });

  it('keeps what the cover letter claims, without shortlog, diffstat and changelog', async () => {
    const { cover } = newestOf(await read(mailboxOf(SEED_MERGED)));
    expect(cover?.text).toContain('2.575 s → 2.229 s (~13.4% faster)');
    expect(cover?.text).not.toMatch(/Ann Author|files changed|Changes since/);
    expect(cover?.changelog).toEqual([
      {
        version: 4,
        heading: 'Changes since v3:',
        text: '- Keep the flag from what vmalloc allocates for itself\n- Say in gfp_types.h who uses the flag',
      },
      { version: 2, heading: 'Changes since v1:', text: '- Put the flag in THREADINFO_GFP and GFP_VMAP_STACK' },
    ]);
  });

  it.each([
    ['version 1', SEED_V1],
    ['the merged version', SEED_MERGED],
  ])('leaves the files that its patches make: %s', async (_name, seed) => {
    const { patches } = newestOf(await read(mailboxOf(seed)));
    const applied = applySeries(patches, { read: (path) => seed.files[path] });
    expect(applied.problems).toEqual([]);
    expect(treeAfter(seed.files, applied)).toEqual(filesAfter(seed));
  });

  it.skipIf(!hasGit).each([
    ['version 1', SEED_V1],
    ['the merged version', SEED_MERGED],
  ])('is taken by git am, which leaves the same files: %s', (_name, seed) => {
    using repository = new GitRepository(seed.files);
    const patches = mailsOf(seed).slice(1);
    expect(repository.am(mailbox(...patches))).toEqual(filesAfter(seed));
  });

  it('is read in two versions from one mailbox, whatever comes first', async () => {
    const series = await read(mailbox(...mailsOf(SEED_MERGED), ...mailsOf(SEED_V1)));
    expect(series.problems).toEqual([]);
    expect(series.versions.map(({ version, patches }) => [version, patches.length])).toEqual([
      [1, 3],
      [4, 3],
    ]);
  });
});
