import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HARDWARE } from '../kasan/report/logs.testdata.ts';
import { run } from './run.ts';
import { fakeSurroundings } from './surroundings.testdata.ts';

const TRACE = `# tracer: nop
#
           bench-404     [000] .....     0.100000: mm_page_alloc: page=0000000000000001 pfn=0x1001 order=0 migratetype=0 gfp_flags=GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP
           bench-404     [000] .....     0.200000: mm_page_free: page=0000000000000001 pfn=0x1001 order=0
`;
const POLICY = '{"name": "mine", "rules": []}';
const SYMBOLS = 'ffff800080010000 T _text\n';
const CALIBRATION = readFileSync('cases/calibration/qemu-user.json', 'utf8');

let folder = '';
const at = (name: string): string => join(folder, name);
const write = (name: string, content: string | Uint8Array): void => writeFileSync(at(name), content);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagscope-cli-'));
  write('good.trace', TRACE);
  write('empty', '');
  write('text', 'hello\n');
  write('sched', '# tracer: nop\n  bench-404 [000] .....  0.960520: sched_switch: prev_comm=a\n');
  write('short.gz', gzipSync(TRACE.repeat(50)).subarray(0, -6));
  write('misspelt.json', '{"name": "x", "rules": [{"match": {"clas": "vmalloc"}, "action": "skip"}]}');
  write('negative.json', '{"name": "x", "rules": [{"match": {"order": -1}, "action": "skip"}]}');
  mkdirSync(at('folder'));
  linkSync(at('good.trace'), at('hard-link'));
  symlinkSync(at('good.trace'), at('symbolic-link'));
  write('other.trace', TRACE);
  write('mine.json', POLICY);
  linkSync(at('mine.json'), at('mine-link.json'));
  symlinkSync(at('mine.json'), at('mine-symlink.json'));
  write('System.map', SYMBOLS);
  write('machine.json', CALIBRATION);
  write('hardware.log', HARDWARE.join('\n'));
  write('title.log', 'BUG: KASAN: use-after-free in f+0x1/0x2\n');
  write('binary', new Uint8Array([127, 69, 76, 70, 0, 0, 1]));
  mkdirSync(at('logs'));
  write('logs/a.log', HARDWARE.join('\n'));
  write('logs/b.txt', 'nothing\n');
  write('logs/empty', '');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('stacks in lines have no place for losses: the standard error has them, quiet or not', async () => {
  write('lossy.trace', TRACE.replace(/^(?!#)/m, 'CPU:0 [LOST 348 EVENTS]\n'));
  for (const command of ['report', 'diff']) {
    const lossy = await tagscope(`${command} <lossy.trace> --format collapsed -q`);
    expect(lossy.code).toBe(0);
    expect(lossy.stderr).toMatch(
      /^tagscope: warning: [\d.]+ % of events were lost: all figures are of what was recorded/,
    );
    expect(lossy.stdout).not.toContain('%');
    expect((await tagscope(`${command} <good.trace> --format collapsed`)).stderr).toBe('');
  }
});

/** Runs a command line; words in angle brackets are files of the folder. */
async function tagscope(words: string, env = {}, stdin = '') {
  const args = words.split(' ').map((word) => word.replace(/<(.*)>$/, (_, name: string) => at(name)));
  const { surroundings, printed } = fakeSurroundings(stdin, env);
  const code = await run(args, surroundings);
  return { code, ...printed };
}

describe('what cannot be used is told in one paragraph, with advice', () => {
  test.each([
    ['explain <text>', 3, 'no KASAN report in 1 line', 'look for the report in an older one'],
    ['explain <empty>', 3, 'it is empty', 'Give the log of a console'],
    ['review <empty>', 3, 'expected a patch series', 'git format-patch'],
    ['conform --against <empty>', 3, 'expected a log', 'dmesg'],
    ['explain <binary>', 3, 'no text: there are NUL bytes', 'Give the log as text'],
    ['explain <title.log>', 3, 'nothing that belongs to a report follows it', 'Give the whole log'],
    ['explain <logs>', 2, 'a directory', '--summary'],
    ['explain <folder> --summary', 3, 'no file in it', 'Give logs'],
    ['explain <hardware.log> --policy nope', 2, 'unknown policy "nope"', 'before-series, series'],
    ['report <text>', 3, 'not a trace; it begins with "hello"', 'trace-cmd record'],
    ['report <empty>', 3, 'it is empty', 'record again'],
    ['report <folder>', 3, 'a directory', 'Give the files in it'],
    ['report <missing>', 3, 'no such file', 'Check the path'],
    ['report <short.gz>', 3, 'gzip data that are cut short', 'Copy the file again'],
    ['report <sched>', 3, 'without allocations (it has sched_switch)', 'trace-cmd record -e kmem'],
    ['report <good.trace> --policy nope', 2, 'unknown policy "nope"', 'before-series, series'],
    ['report <good.trace> --policy <missing.json>', 3, 'no such file', 'Check the path'],
    ['report <good.trace> --policy <misspelt.json>', 3, 'the unknown key "clas"', 'docs/adding-a-policy.md'],
    ['report <good.trace> --policy <negative.json>', 3, 'rules[0].match.order: found -1', 'docs/adding-a-policy.md'],
    ['report <good.trace> --cpu nope', 2, 'unknown CPU "nope"', '--dc-block'],
    ['report <good.trace> --dc-block 100', 2, '--dc-block 100: not a block size', 'power of two'],
    ['report <good.trace> --cmdline kasan.vmaloc=on', 2, 'unknown parameter "kasan.vmaloc"', 'kasan.vmalloc'],
    ['report <good.trace> --cmdline kasan=maybe', 2, 'not a value that kasan takes', 'on or off'],
    ['report <good.trace> --kernel new', 2, 'not a kernel version', 'uname -r'],
    ['report <good.trace> --page-size 8k', 2, '--page-size 8k: unknown', '4k, 16k, 64k'],
    ['report <good.trace> --since 2 --until 1', 2, 'not before', 'seconds'],
    ['report <good.trace> --top x', 2, 'not a number of rows', 'whole number'],
    ['report <good.trace> --polcy x', 2, "unknown option '--polcy'", 'Did you mean --policy?'],
    ['reprot', 2, "unknown command 'reprot'", 'Did you mean report?'],
    ['help reprot', 2, "unknown command 'reprot'", 'Did you mean report?'],
    ['report <good.trace> --cpu cortex-a71', 2, 'unknown CPU', 'Did you mean cortex-a710?'],
    ['report <good.trace> --profile series2026', 2, 'unknown profile', 'Did you mean series-2026?'],
    ['report <good.trace> --policy serie', 2, 'unknown policy', 'Did you mean series?'],
    ['check <good.trace> --budget granule<1', 2, 'found "granule"', 'Did you mean granules?'],
    ['check <good.trace> --budget class.pagetable.share<1', 2, '"pagetable"', 'Did you mean page-table?'],
    ['audit --class pagetable', 2, 'not audited', 'Did you mean page-table?'],
    ['report <good.trace> --nope', 2, "unknown option '--nope'", 'See `tagscope report --help`'],
    ['check', 2, 'missing required argument', 'See `tagscope check --help`'],
    ['report <good.trace> --json --top 3', 2, '--top: nothing in json depends on it', 'text, markdown'],
    ['report <good.trace> --weight bytes', 2, '--weight: nothing in text depends on it', 'html, svg, collapsed'],
    ['report <good.trace> --json --by class', 2, 'nothing in json depends on it', 'Leave it out'],
    ['report <good.trace> --json -v', 2, '--verbose: nothing in json depends on it', 'text'],
    ['conform --json --reports', 2, '--reports: nothing in json depends on it', 'text'],
    ['audit --json --all', 2, '--all: nothing in json depends on it', 'text'],
    ['audit --policy series --all', 2, '--all with --policy', 'two do not differ'],
    ['report', 2, 'missing required argument', '--help'],
    ['report - -', 2, '"-" is given twice', 'only once'],
    ['diff <good.trace> --policy series', 2, 'compares two policies', '--from and --to'],
    ['diff <good.trace> <good.trace> --from series', 2, 'under one policy', '--policy'],
    ['report <good.trace> -o <text>', 2, 'the file exists', '--force'],
    ['report <good.trace> -o <folder>', 2, 'a directory', 'Name a file in it'],
    ['report <good.trace> -o <folder> --force', 2, 'a directory', 'Name a file in it'],
  ])('%s', async (words, code, message, advice) => {
    const result = await tagscope(words, { COLUMNS: '72' });
    const text = result.stderr.replace(/\s+/g, ' ');
    expect(result.code).toBe(code);
    expect(text).toMatch(/^tagscope: /);
    expect(text).toContain(message);
    expect(text).toContain(advice);
    expect(text).not.toContain('    at ');
    expect(result.stdout).toBe('');
  });
});

test('a report begins with the answer', async () => {
  const { code, stdout, stderr } = await tagscope('report <good.trace> --policy before-series');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^before-series: 512 granules of 16 bytes tagged by 134 tag-setting\sinstructions/);
});

test('what no policy was named for is under that of the recording kernel, and says why', async () => {
  const first = async (words: string): Promise<string> =>
    (await tagscope(words)).stdout.replace(/\s+/g, ' ').split('. ')[0];
  expect(await first('report <good.trace> --kernel 6.18')).toMatch(
    /^as-recorded \(as Linux 6\.18 with HW_TAGS\): 512 granules of 16 bytes tagged by 134 tag-setting instructions/,
  );
  expect(await first('report <good.trace>')).toMatch(
    /^as-recorded \(kernel not known, 7\.3 assumed\): nothing is tagged/,
  );
  const { stdout } = await tagscope('report <good.trace>');
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    'recorded by a kernel of unknown version (7.3 assumed; at least 6.15: gfp flags are printed in the order of their bits; --kernel says which), without a sign of HW_TAGS',
  );
  expect(stdout).not.toContain('recorded by Linux');
});

test('where there is no trace there is no kernel that recorded it', async () => {
  for (const words of ['audit --policy as-recorded', 'bench thread --from as-recorded']) {
    const { code, stderr } = await tagscope(words);
    expect([code, stderr.replace(/\s+/g, ' ')]).toEqual([2, expect.stringContaining('there is no trace here')]);
  }
});

test('the standard input is a trace like any other', async () => {
  const { stdout } = await tagscope('report - --json', {}, TRACE);
  const result = JSON.parse(stdout);
  expect(result.schema).toBe('tagscope.report');
  expect(result.provenance.command).toBe('tagscope report -');
});

test('several traces give several reports', async () => {
  const { stdout } = await tagscope('report <good.trace> <good.trace>');
  expect(stdout.match(/^as-recorded \(/gm)).toHaveLength(2);
  const json = await tagscope('report <good.trace> <good.trace> --json');
  expect(JSON.parse(json.stdout)).toMatchObject({ schema: 'tagscope.reports', version: 1, reports: [{}, {}] });
});

test('a difference says what the series saves', async () => {
  const { stdout } = await tagscope('diff <good.trace>');
  expect(stdout.replace(/\s+/g, ' ')).toMatch(
    /^series saves 512 granules \(100 %\) and 134 tag-setting instructions \(100 %\) of before-series; nothing remains\./,
  );
});

test('policies are written like any other result', async () => {
  expect(await tagscope('policies series -q -o <series.json>')).toMatchObject({ code: 0, stdout: '' });
  expect(JSON.parse(readFileSync(at('series.json'), 'utf8'))).toMatchObject({
    schema: 'tagscope.policies',
    policies: [{ name: 'series' }],
  });
  const { stdout } = await tagscope('policies --format json');
  expect(JSON.parse(stdout)).toMatchObject({ default: 'as-recorded' });
});

test('where a machine cannot be measured is said to be a failure beforehand', async () => {
  const { stdout } = await tagscope('calibrate --help');
  expect(stdout).toContain('Exits 1 where this machine cannot be measured.');
});

test('a file is written, and not overwritten without being asked', async () => {
  expect(await tagscope('report <good.trace> -o <out>')).toMatchObject({ code: 0, stdout: '' });
  expect(readFileSync(at('out'), 'utf8')).toMatch(/^as-recorded \(/);
  expect((await tagscope('report <good.trace> -o <out>')).code).toBe(2);
  expect((await tagscope('report <good.trace> -o <out> --json --force')).code).toBe(0);
  expect(JSON.parse(readFileSync(at('out'), 'utf8')).schema).toBe('tagscope.report');
});

describe('no option lets a command destroy what it reads, by whatever name it goes', () => {
  test.each([
    'report <good.trace> -o <good.trace>',
    'report <text> <good.trace> -o <good.trace>',
    'report <good.trace> --policy <mine.json> -o <mine.json>',
    'report <good.trace> --policy <mine.json> -o <mine-link.json>',
    'report <good.trace> --policy <mine-symlink.json> -o <mine.json>',
    'report <good.trace> --profile <machine.json> -o <machine.json>',
    'report <good.trace> --symbols <System.map> -o <System.map>',
    'diff <good.trace> -o <good.trace>',
    'diff <good.trace> <other.trace> -o <other.trace>',
    'diff <good.trace> --from <mine.json> -o <mine.json>',
    'diff <good.trace> --to <mine.json> -o <mine.json>',
    'compare <good.trace> -o <good.trace>',
    'compare <good.trace> --policies series,<mine.json> -o <mine.json>',
    'compare <good.trace> --from <mine.json> -o <mine.json>',
    'advise <good.trace> -o <good.trace>',
    'advise <good.trace> --write-policy <good.trace>',
    'advise <good.trace> --policy <mine.json> --write-policy <mine.json>',
    'check <good.trace> --budget granules<1 -o <good.trace>',
    'check <good.trace> --budget granules<1 --policy <mine.json> -o <mine.json>',
    'info <good.trace> -o <good.trace>',
    'info <good.trace> --symbols <System.map> -o <System.map>',
    'convert <good.trace> <good.trace>',
    'convert <good.trace> <System.map> --symbols <System.map>',
    'bench thread --policy <mine.json> -o <mine.json>',
    'bench thread --profile <machine.json> -o <machine.json>',
    'audit --to <mine.json> -o <mine.json>',
    'policies <mine.json> -o <mine.json>',
    'profiles <machine.json> -o <machine.json>',
    'report <good.trace> -o <hard-link>',
    'report <good.trace> -o <symbolic-link>',
    'report <symbolic-link> -o <good.trace>',
  ])('%s --force', async (words) => {
    const { code, stdout, stderr } = await tagscope(
      `${words} --force --format json`.replace(/^(convert.*) --format.*/, '$1'),
    );
    expect(stderr.replace(/\s+/g, ' ')).toMatch(/is read, and would be overwritten\. Give another name/);
    expect([code, stdout]).toEqual([2, '']);
    expect(readFileSync(at('good.trace'), 'utf8')).toBe(TRACE);
    expect(readFileSync(at('other.trace'), 'utf8')).toBe(TRACE);
    expect(readFileSync(at('mine.json'), 'utf8')).toBe(POLICY);
    expect(readFileSync(at('System.map'), 'utf8')).toBe(SYMBOLS);
    expect(readFileSync(at('machine.json'), 'utf8')).toBe(CALIBRATION);
  });
});

test('an output that two options name is refused', async () => {
  const { code, stderr } = await tagscope('advise <good.trace> --write-policy <new> -o <new>');
  expect([code, stderr.replace(/\s+/g, ' ')]).toEqual([2, expect.stringContaining('both name')]);
});

// A report and a difference have a table by site and stacks, advice has lists of sites, and the others neither.
test.each([
  ['report', ['--by', '--top', '--weight']],
  ['diff', ['--by', '--top', '--weight']],
  ['advise', ['--top']],
  ['compare', []],
  ['check', []],
])('%s offers of --by, --top and --weight what changes its output: %j', async (command, offered) => {
  const { stdout } = await tagscope(`${command} --help`);
  expect(stdout).toContain('--since');
  expect(['--by', '--top', '--weight'].filter((option) => stdout.includes(`  ${option} `))).toEqual(offered);
});

test('help begins with examples', async () => {
  for (const words of ['--help', 'report --help', 'diff --help', 'policies --help']) {
    expect(await tagscope(words)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Examples:\n {2}\S*tagscope/),
    });
  }
});

test('the policies are listed', async () => {
  const { stdout } = await tagscope('policies');
  for (const name of ['before-series', 'series', 'all', 'none']) expect(stdout).toMatch(new RegExp(`^${name} `, 'm'));
});

describe('explain', () => {
  test('exits 1 if a policy that is given misses what the kernel itself catches', async () => {
    expect((await tagscope('explain <hardware.log> --trials 0 --policy series')).code).toBe(0);
    expect((await tagscope('explain <hardware.log> --trials 0 --policy tag-only-on-alloc')).code).toBe(1);
    expect((await tagscope('explain <hardware.log> --trials 0')).code).toBe(0);
  });

  test('reads all files of a directory, and says which have no report', async () => {
    const { code, stdout } = await tagscope('explain <logs> --summary --trials 0 --json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'tagscope.explain',
      summary: {
        logs: 3,
        reports: 1,
        logsWithoutReport: [expect.stringContaining('b.txt'), expect.stringContaining('empty')],
      },
    });
  });

  test('reads the standard input', async () => {
    const { code, stdout } = await tagscope('explain - --trials 0', {}, HARDWARE.join('\n'));
    expect(code).toBe(0);
    expect(stdout).toContain('slab-use-after-free in ring_peek');
  });
});
