import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ComparedPolicy, CompareResult } from '../../src/decide/compare.ts';
import { longestLine, tagscope, unwrapped, type Ended } from './command.testdata.ts';

/** The page-table workload of the series, recorded on a kernel without it (cases/pgtable/README.md). */
const TRACE = 'cases/pgtable/trace.zst';
const SMALL = 'cases/ftrace-text/arm64-stacks.trace';
const PLAIN = { env: { LC_ALL: 'C' } };

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagscope-compare-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('all policies on the page-table workload', () => {
  let result: CompareResult;
  let text: Ended;
  const of = (name: string): ComparedPolicy => {
    const found = result.policies.find(({ policy }) => policy.name === name);
    if (found === undefined) throw new Error(name);
    return found;
  };
  const granulesOf = (name: string): number => of(name).work.granules.alloc + of(name).work.granules.free;

  beforeAll(async () => {
    const json = await tagscope(['compare', TRACE, '--trials', '5', '--json']);
    expect([json.code, json.stderr]).toEqual([0, '']);
    result = JSON.parse(json.stdout);
    text = await tagscope(['compare', TRACE, '--trials', '5'], PLAIN);
  });

  test('the result is versioned, says what it covers, and how to get it again', () => {
    expect(result).toMatchObject({
      schema: 'tagscope.compare',
      version: 1,
      baseline: 'before-series',
      losses: { droppedEvents: 0, unmatchedFrees: 35 },
      audit: { kasan: 'hw-tags', trials: 5, seed: 1, pageSize: 4096 },
      provenance: { command: `tagscope compare ${TRACE} --trials 5` },
    });
  });

  test('the series saves 1,050 tables and 20 reused stacks, as diff says; so do its first version and the preference', () => {
    // 256 granules at each side of a table's life, 1,024 for a stack of 16 KiB.
    expect(of('series').saved.granules).toBe(1050 * 256 + 20 * 1024);
    for (const same of ['series-v1', 'untagged', 'skip-new-slab', 'skip-large-kmalloc', 'sample=10,order=3'])
      expect([same, of(same).saved]).toEqual([same, of('series').saved]);
  });

  test('tagging at allocation alone leaves the work of the series at allocation, and none at free', () => {
    expect(of('tag-only-on-alloc').work.granules).toEqual({ alloc: of('series').work.granules.alloc, free: 0 });
    expect(of('tag-only-on-alloc').detection.worst).toMatchObject({ from: 1, to: 0 });
  });

  test('policies are in the order of what they save, from nothing tagged to everything', () => {
    const names = result.policies.map(({ policy }) => policy.name);
    expect([names[0], names.at(-1)]).toEqual(['none', 'all']);
    const saved = result.policies.map((each) => each.saved.granules);
    expect(saved).toEqual(saved.toSorted((a, b) => b - a));
    expect(granulesOf('none')).toBe(0);
  });

  test('the series loses nothing and gains where stray pointers meet poison (docs/audit.md); the baseline is behind it', () => {
    expect(of('series')).toMatchObject({ detection: { kindsLost: 0, kindsGained: 18, worst: null } });
    // What is tagged is the same, and its tags differ from the last ones and from the neighbours'.
    expect(of('distinct-tags').saved.granules).toBe(of('series').saved.granules);
    expect([of('series').onFront, of('distinct-tags').onFront]).toEqual([false, true]);
    expect(of('before-series')).toMatchObject({ onFront: false, isBaseline: true, saved: { granules: 0 } });
    expect(of('before-series').detection).toMatchObject({ lost: 0, gained: 0 });
    expect(of('skip-large-kmalloc').onFront).toBe(false);
    expect(of('tag-on-free').onFront).toBe(true);
  });

  test('everything is detected as often as the rules say', () => {
    expect(result.policies.filter(({ detection }) => detection.disagreeing > 0)).toEqual([]);
  });

  test('as text: 80 columns of ASCII, a plot, the losses, and the front in capital letters', () => {
    expect([text.code, text.stderr]).toEqual([0, '']);
    expect(text.stdout).toMatch(/^[\n\x20-\x7e]*$/);
    expect(longestLine(text.stdout)).toBeLessThanOrEqual(80);
    expect(unwrapped(text.stdout)).toContain(
      'Of 18 policies, compared with before-series, these are on the front of the trade-off: none (saves 100 %',
    );
    expect(text.stdout).toMatch(/^ {2}[a-z] series +58\.1 % +56\.6 % +62\.5 % +0 +18$/m);
    // A time with its bounds, and of what only costs more or less by some readings bounds of both signs.
    expect(text.stdout).toMatch(/^ {2}[a-z] series +\d+ us +\d+ us +\d+ us$/m);
    expect(text.stdout).toMatch(/^ {2}[a-z] before-series \(baseline\) +0 ns +0 ns +0 ns$/m);
    expect(text.stdout).toMatch(/^ {2}[A-Z] skip-match-all +\d+ us +-[\d.]+ ms +\d+ us$/m);
    expect(text.stdout).toMatch(/granules saved of before-series$/m);
    expect(unwrapped(text.stdout)).toMatch(/Off the plot: [A-Za-z] skip-match-all: \d+ % more work/);
    expect(unwrapped(text.stdout)).toMatch(/\d+ frees of memory whose allocation is not in the trace/);
  });
});

test('some policies: by name with numbers, from a file, and against another baseline', async () => {
  const own = join(folder, 'mine.json');
  const policy = {
    name: 'mine',
    rules: [{ match: { class: 'mmu-gather' }, action: 'skip' }],
    kasan: { freedObjects: 'keep' },
  };
  writeFileSync(own, JSON.stringify(policy));
  const words = ['compare', SMALL, '--from', 'series', '--policies', `sample=4,order=1,${own},series,none`];
  const { code, stdout, stderr } = await tagscope([...words, '--trials', '10', '--json']);
  expect([code, stderr]).toEqual([0, '']);
  const { baseline, policies }: CompareResult = JSON.parse(stdout);
  expect(baseline).toBe('series');
  const names = policies.map(({ policy: { name } }) => name);
  expect(names.toSorted()).toEqual(['mine', 'none', 'sample=4,order=1', 'series']);
});

test('-o FILE.svg: a picture that needs nothing else and is said in words too', async () => {
  const file = join(folder, 'trade-off.svg');
  const words = ['compare', SMALL, '--policies', 'series,tag-on-free', '--trials', '5', '-o', file];
  expect(await tagscope(words)).toMatchObject({ code: 0, stdout: '' });
  const svg = readFileSync(file, 'utf8');
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[^>]* role="img" aria-labelledby="title desc">/);
  expect(svg).toMatch(/<desc id="desc">[^<]*tag-on-free: [^<]*% detected/);
});

describe('what makes no sense is refused, and says what would', () => {
  test.each([
    [['--policies', 'series,no-such'], 'unknown policy "no-such"', 'Built in are as-recorded, before-series'],
    [['--policies', 'series,all,series'], '--policies names series twice', 'once'],
    [['--policies', 'series,,all'], 'an empty name', 'single commas'],
    [['--policies', 'before-series'], 'before-series alone', '--from'],
    [['--from', 'series', '--policies', 'series'], 'series alone', '--policies'],
    [['--policies', 'series,sample=0'], 'no policy "sample=0"', 'sample=10,order=3'],
    [['--trials', '0'], '--trials', '1'],
    [['--cmdline', 'kasan=off'], 'kasan=off: nothing is detected', 'Leave it out'],
  ])('%j', async (words, problem, advice) => {
    const { code, stdout, stderr } = await tagscope(['compare', SMALL, ...words]);
    expect([code, stdout]).toEqual([2, '']);
    expect(unwrapped(stderr)).toContain(problem);
    expect(unwrapped(stderr)).toContain(advice);
  });

  test('help begins with examples', async () => {
    expect((await tagscope(['compare', '--help'])).stdout).toMatch(/^Examples:\n {2}tagscope compare/);
  });

  test('as Markdown for a mail: 72 columns of ASCII, every policy, the front with a star, losses and command', async () => {
    const { code, stdout } = await tagscope(['compare', TRACE, '--trials', '5', '--format', 'markdown', '-q']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[\x20-\x7e\n]*$/);
    expect(longestLine(stdout)).toBeLessThanOrEqual(72);
    expect(stdout).toMatch(/^\| `series` +\| +58\.1 % \| 62\.5 % {3}\| +0 \| +18 \|$/m);
    expect(stdout).toMatch(/^\| `before-series` +\| +0 % \| 62\.3 % {3}\| +0 \| +0 \|$/m);
    expect(stdout).toMatch(/^- \d+ frees of memory whose allocation is not in the trace/m);
    expect(stdout).toContain(`    tagscope compare ${TRACE} --trials 5`);
  });
});
