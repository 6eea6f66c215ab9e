import { describe, expect, it } from 'vitest';
import { compareVersions, type ComparedVersions } from './compare-versions.ts';
import { mailbox, mailsOf, type TestPatch, type TestSeries } from './mail-series.testdata.ts';
import { readSeries } from './read-series.ts';
import { SEED_MERGED, SEED_V1 } from './seed-series.testdata.ts';

async function compare(old: TestSeries, fresh: TestSeries): Promise<ComparedVersions> {
  const { versions } = await readSeries([{ name: 'a.mbox', bytes: mailbox(...mailsOf(old), ...mailsOf(fresh)) }]);
  return compareVersions(versions[0], versions[1]);
}
const summary = ({ patches }: ComparedVersions): unknown =>
  patches.map(({ fate, old, new: fresh }) => [old?.number, fate, fresh?.number]);

const FILES = { 'a.c': 'one\ntwo\nthree\n', 'b.c': 'one\ntwo\nthree\n' };
const change = (subject: string, path: string, to: string, message = 'Text.'): TestPatch => ({
  subject,
  message,
  edits: [{ path, from: 'two\n', to: `${to}\n` }],
});
const seriesOf = (version: number, ...patches: readonly TestPatch[]): TestSeries => ({
  version,
  files: FILES,
  patches,
  cover: { title: 'both', text: 'Text.' },
});

describe('two versions of a series', () => {
  it('of the seed: patches are found again under other subjects, by what they change', async () => {
    const compared = await compare(SEED_V1, SEED_MERGED);
    expect([compared.old, compared.new]).toEqual([1, 4]);
    expect(summary(compared)).toEqual([
      [1, 'changed', 1],
      [2, 'changed', 2],
      [3, 'changed', 3],
    ]);
    const lines = compared.patches[0].lines;
    expect(lines).toContainEqual({ in: 'new', text: '+\t\t\t\t  gfp_mask & ~__GFP_SKIP_KASAN, caller);' });
    expect(lines).not.toContainEqual(
      expect.objectContaining({ in: 'old', text: 'Subject: vmalloc: add __GFP_SKIP_KASAN support' }),
    );
  });

  it('are the same where only line numbers and order differ', async () => {
    const old = seriesOf(1, change('a: x', 'a.c', 'TWO'), change('b: y', 'b.c', 'TWO'));
    const fresh = {
      ...seriesOf(2, change('b: y', 'b.c', 'TWO'), change('a: x', 'a.c', 'TWO')),
      files: { ...FILES, 'a.c': `zero\n${FILES['a.c']}` },
    };
    const compared = await compare(old, fresh);
    // A line of context is another one: that is a change of the patch.
    expect(summary(compared)).toEqual([
      [2, 'same', 1],
      [1, 'changed', 2],
    ]);
  });

  it('differ where a message does, and only those lines are shown', async () => {
    const long = Array.from({ length: 30 }, (_, at) => `Line ${at}.`);
    const of = (version: number, last: string): TestSeries =>
      seriesOf(version, change('a: x', 'a.c', 'TWO', [...long, last].join('\n')));
    const { patches } = await compare(of(1, 'Slow.'), of(2, 'Fast.'));
    expect(patches[0].fate).toBe('changed');
    expect(patches[0].lines.filter((line) => line !== undefined && line.in !== 'both')).toEqual([
      { in: 'old', text: 'Slow.' },
      { in: 'new', text: 'Fast.' },
    ]);
    expect(patches[0].lines.length).toBeLessThan(12);
  });

  it('tell what was dropped and what is new', async () => {
    const compared = await compare(
      seriesOf(1, change('a: x', 'a.c', 'TWO'), change('b: y', 'b.c', 'second')),
      seriesOf(2, change('a: x', 'a.c', 'TWO'), {
        subject: 'c: z',
        message: 'Text.',
        edits: [{ path: 'b.c', from: 'one\n', to: 'first\n' }],
      }),
    );
    expect(summary(compared)).toEqual([
      [1, 'same', 1],
      [undefined, 'new', 2],
      [2, 'dropped', undefined],
    ]);
  });
});
