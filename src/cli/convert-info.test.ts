import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { run } from './run.ts';
import { fakeSurroundings } from './surroundings.testdata.ts';

const caseFile = (name: string): string => fileURLToPath(new URL(`../../cases/${name}`, import.meta.url));
const PERFETTO = caseFile('perfetto/x86-kmem.pftrace');
const STACKS = caseFile('ftrace-text/x86-stacks.trace');
const HASHED = caseFile('ftrace-text/arm64-hashed-pointers.trace');

const folder = mkdtempSync(join(tmpdir(), 'tagscope-convert-'));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string): string => join(folder, name);

async function command(...args: readonly string[]): Promise<{ code: number; out: string; error: string }> {
  const { surroundings, printed } = fakeSurroundings();
  const code = await run([...args], surroundings);
  return { code, out: printed.stdout, error: printed.stderr.replace(/\s+/g, ' ') };
}

const json = async (...args: readonly string[]) => JSON.parse((await command(...args, '--json', '-q')).out);

/** What is in one trace: the same shape as of several. */
const info = async (trace: string) => (await json('info', trace)).infos[0];

describe('convert', () => {
  test.each([
    ['Perfetto', PERFETTO],
    ['text with stacks', STACKS],
    ['text with hashed pointers', HASHED],
    ['trace.dat', caseFile('trace-dat/x86-stacks.v7-zstd.dat')],
  ])('gives the same report as the trace itself: %s', async (format, trace) => {
    const file = inFolder(`${format}.arrow`);
    expect(await command('convert', trace, file)).toMatchObject({ code: 0, error: '' });
    const { source: _, provenance: __, ...fromTrace } = await json('report', trace);
    const { source, provenance: ___, ...fromFile } = await json('report', file);
    expect(fromFile).toEqual(fromTrace);
    expect(source.format).toContain(`made from ${trace}`);
  });

  test('says what was written, and what was lost', async () => {
    const { out } = await command('convert', PERFETTO, inFolder('said.arrow'));
    expect(out.replace(/\s+/g, ' ')).toMatch(/said\.arrow: .* events of .*x86-kmem\.pftrace \(Perfetto\);/);
    expect(out).toContain('allocations without gfp flags');
  });

  test('overwrites nothing unless it is told to, and then only with something whole', async () => {
    const file = inFolder('there.arrow');
    writeFileSync(file, 'mine');
    expect(await command('convert', PERFETTO, file)).toMatchObject({
      code: 2,
      error: expect.stringContaining('the file exists'),
    });
    const broken = inFolder('broken.pftrace');
    writeFileSync(broken, 'nothing');
    expect((await command('convert', broken, file, '--force')).code).toBe(3);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect((await command('convert', PERFETTO, file, '--force', '-q')).out).toBe('');
    expect(readFileSync(file).subarray(0, 6).toString()).toBe('ARROW1');
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  test('wants a file to write', async () => {
    expect(await command('convert', PERFETTO, '-')).toMatchObject({ code: 2 });
    expect(await command('convert', PERFETTO, folder)).toMatchObject({
      code: 2,
      error: expect.stringContaining('not a file'),
    });
    expect((await command('convert', PERFETTO, inFolder('none/there.arrow'))).code).toBe(2);
    expect(existsSync(inFolder('none'))).toBe(false);
  });
});

describe('info', () => {
  test('of a Perfetto trace: what recorded it, and what it lacks', async () => {
    const of = await info(PERFETTO);
    expect(of).toMatchObject({
      schema: 'tagscope.info',
      version: 2,
      recording: { architecture: 'x86_64', pageSize: 4096, clock: 'boot', recorder: 'Perfetto v56.0 (N/A)' },
      cpus: 2,
      stacks: { events: 0, distinct: 0 },
      pointers: 'plain',
      gfp: 'none',
      hwTags: false,
    });
    const missing = of.missing.map(({ what }: { what: string }) => what);
    expect(missing).toEqual(['events of vmalloc', 'stack traces', 'gfp flags', 'symbols']);
    const used = of.events.byType.filter(({ kept }: { kept: boolean }) => kept);
    expect(used.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(of.events.kept);
  });

  test('of text with stacks and hashed pointers', async () => {
    const plain = caseFile('ftrace-text/arm64-plain-pointers.trace');
    expect(await info(plain)).toMatchObject({ gfp: 'names', pointers: 'plain', stacks: { events: 0 } });
    expect((await info(STACKS)).stacks.events).toBeGreaterThan(30);
    const hashed = await info(HASHED);
    expect(hashed.pointers).toBe('hashed');
    expect(hashed.missing.map(({ advice }: { advice: string }) => advice)).toContain('boot with no_hash_pointers');
  });

  test('of several traces, and of one that no report can be made of', async () => {
    const other = inFolder('sched.trace');
    writeFileSync(other, '           a-1     [000] d..2.     1.500000: sched_switch: prev_comm=a prev_pid=1\n');
    const { infos } = await json('info', other, STACKS);
    expect(infos).toHaveLength(2);
    expect(infos[0].events).toMatchObject({
      total: 1,
      kept: 0,
      byType: [{ event: 'sched_switch', count: 1, kept: false }],
    });
    const { out } = await command('info', other);
    expect(out).toContain('Events that are counted only');
    expect(out).toContain('trace-cmd record');
  });
});

describe('the kernel that recorded the trace', () => {
  test('is what the trace says, unless the command line says otherwise', async () => {
    expect((await json('report', PERFETTO)).kernel.recordedBy).toBe('6.18');
    const given = await json('report', PERFETTO, '--kernel', '6.1', '--page-size', '16k');
    expect(given.kernel).toMatchObject({ recordedBy: '6.1', pageSize: 16384 });
    expect(given.provenance.command).toContain('--kernel 6.1 --page-size 16k');
    expect((await json('report', STACKS)).kernel.recordedBy).toBe('7.3');
  });
});

describe('report --merge', () => {
  const lines = readFileSync(STACKS, 'utf8').split('\n');
  // A stack belongs to the event before it: cut at an event.
  const middle = lines.findIndex((line, index) => index > lines.length / 2 && line.includes(': mm_page_alloc:'));
  const [first, second] = [inFolder('first.trace'), inFolder('second.trace')];
  writeFileSync(
    first,
    `${lines
      .slice(0, middle)
      .filter((line) => !line.startsWith('#'))
      .join('\n')}\n`,
  );
  writeFileSync(second, lines.slice(middle).join('\n'));
  const whole = inFolder('whole.trace');
  writeFileSync(whole, lines.filter((line) => !line.startsWith('#')).join('\n'));

  test('parts of one trace give the report of the whole', async () => {
    const merged = await json('report', '--merge', second, first);
    const { source: _, provenance: __, warnings: ___, events, ...expected } = await json('report', whole);
    expect(merged).toMatchObject(expected);
    expect(merged.events.total).toBe(events.total);
    expect(merged.source.parts.map(({ file }: { file: string }) => file)).toEqual([second, first]);
    expect(merged.provenance.command).toBe(`tagscope report ${second} ${first} --merge`);
    expect((await command('report', '--merge', first, second)).out).toContain('Merged from');
  });

  test('a file that is given twice is refused, by whatever name', async () => {
    const copy = inFolder('copy.trace');
    writeFileSync(copy, readFileSync(first));
    for (const again of [first, copy]) {
      const { code, error } = await command('report', '--merge', first, again);
      expect(code).toBe(2);
      expect(error).toContain('have the same events');
    }
  });

  test('traces of different kernels are refused', async () => {
    const other = inFolder('other.pftrace');
    const data = readFileSync(PERFETTO);
    data.write('6.19', data.indexOf('6.18.44'));
    writeFileSync(other, data);
    expect(await command('report', '--merge', PERFETTO, other)).toMatchObject({
      code: 2,
      error: expect.stringMatching(/is of Linux 6\.18.* is of Linux 6\.19/),
    });
  });
});
