import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import { fakeSurroundings } from '../src/cli/surroundings.testdata.ts';

const path = (name: string): string => fileURLToPath(new URL(`../cases/odd-traces/${name}`, import.meta.url));

async function command(...words: readonly string[]): Promise<{ code: number; out: string; error: string }> {
  const { surroundings, printed } = fakeSurroundings();
  const code = await run([...words, '-q'], surroundings);
  return { code, out: printed.stdout, error: printed.stderr.replace(/\s+/g, ' ') };
}

async function json(...words: readonly string[]) {
  const { out, error } = await command(...words, '--json');
  if (out === '') throw new Error(error);
  return JSON.parse(out);
}

/** Under the policy that tags all that a kernel without the series tags, whatever kernel recorded. */
const POLICY = ['--policy', 'before-series'];
const report = (name: string, ...words: readonly string[]) => json('report', path(name), ...POLICY, ...words);
const info = async (name: string) => (await json('info', path(name))).infos[0];
const lossesOf = ({ losses }: { losses: object }): object =>
  Object.fromEntries(Object.entries(losses).filter(([, n]) => typeof n === 'number' && n > 0));

/**
 * plain.txt is an object of 64 bytes, one of 192 and a page of 4 KiB for a page table, each allocated and freed: 4 + 12 + 256
 * granules. That of 192 bytes is a file: objects of that cache stay as they are when they are freed (SLAB_TYPESAFE_BY_RCU,
 * mm/kasan/common.c:check_slab_allocation and poison_slab_object).
 */
const PLAIN = { allocations: 3, frees: 3, granules: { alloc: 272, free: 260 } };

describe('the same six events, printed in other ways', () => {
  test.each([
    ['plain.txt'],
    ['ts-diff.txt'],
    ['report-l.txt'],
    ['boot-clock-trace-cmd-3.4.txt'],
    ['latency-format.txt'],
    ['oops-dump.txt'],
    ['rt-lazy-flags.txt'],
    ['perf-script-L.txt'],
    ['systrace-js.html'],
    ['systrace-late.html.gz'],
  ])('%s', async (name) => {
    const result = await report(name);
    expect(result.totals).toMatchObject(PLAIN);
    // Five microseconds lie between the first and the last.
    expect(result.source.seconds).toBeCloseTo(0.000005, 9);
    expect(lossesOf(result)).toEqual({});
    expect(await info(name)).toMatchObject({ cpus: 1, tasks: 1 });
  });

  test('with marks of what was dropped, behind the blanks that stand for the top buffer', async () => {
    const result = await report('several-buffers-dropped.txt');
    expect(result.totals).toMatchObject(PLAIN);
    expect(lossesOf(result)).toEqual({ droppedEvents: 348 });
  });

  test('and a seventh that no kernel prints: it is lost, and the file is not', async () => {
    const result = await report('order-160.txt');
    expect(result.totals).toMatchObject(PLAIN);
    expect(lossesOf(result)).toEqual({ truncatedLines: 1 });
    expect(await command('report', path('order-160.txt'), '--strict')).toMatchObject({
      code: 3,
      error: expect.stringMatching(/order-160\.txt, line 7, byte \d+: found .*expected an order from 0 to 15/),
    });
  });

  test('of which one is cut short: it is one loss, not two', async () => {
    const result = await report('unreadable-counted-twice.txt');
    expect(result.totals).toMatchObject({ allocations: 3, frees: 2 });
    expect(lossesOf(result)).toEqual({ truncatedLines: 1 });
  });

  test('with the option latency-format, which is told', async () => {
    const { recording } = await info('latency-format.txt');
    expect(recording.notes.join()).toContain('the option latency-format');
  });

  test('in two buffers are refused: each would count twice', async () => {
    const { code, error } = await command('report', path('two-buffers.txt'));
    expect(code).toBe(3);
    expect(error).toContain('events of memory in several buffers ("inst", "top")');
  });

  test('in interrupts, as the header of PREEMPT_RT says', async () => {
    expect(await info('rt-lazy-flags.txt')).toMatchObject({ interrupts: true });
    expect(await info('plain.txt')).toMatchObject({ interrupts: false });
  });

  test('by the task that perf script -L names', async () => {
    const { byGroup } = await report('perf-script-L.txt', '--by', 'comm');
    const names = byGroup.flatMap((row: object) => Object.values(row).filter((value) => typeof value === 'string'));
    expect(names).toContain('demo');
    expect(names.join()).not.toContain('demo ');
  });
});

test('fields-option.txt: an area is read by its field `addr`, and sizes and flags in hexadecimal', async () => {
  const result = await report('fields-option.txt');
  expect(lossesOf(result)).toEqual({});
  expect(result.events).toMatchObject({ total: 3, byType: { alloc_vmap_area: 1 } });
});

test('free-direct-2.6.32.txt: mm_page_free_direct is the free of a page', async () => {
  expect((await report('free-direct-2.6.32.txt')).totals).toMatchObject({ allocations: 1, frees: 1 });
});

test('page-field-3.10.dat: the pfn is what the print format makes of the address of the page', async () => {
  const result = await report('page-field-3.10.dat');
  expect(result.totals).toMatchObject({ allocations: 1, frees: 1 });
  expect(lossesOf(result)).not.toMatchObject({ truncatedLines: expect.anything() });
});

test('only-sched.txt: span, CPUs and tasks are those of all events', async () => {
  expect(await info('only-sched.txt')).toMatchObject({
    time: { first: 100, last: 110, seconds: 10 },
    cpus: 4,
    tasks: 1,
    events: { total: 11, kept: 0 },
  });
});

test('subbuf-64k.dat: pages have 4 KiB on x86-64, whatever sub-buffers have', async () => {
  for (const name of ['subbuf-4k.dat', 'subbuf-64k.dat.gz']) {
    const { totals, kernel } = await report(name);
    expect([kernel.pageSize, totals.granules.alloc + totals.granules.free]).toEqual([4096, 1536]);
  }
});

describe('clocks that do not count nanoseconds', () => {
  test.each(['clock-x86-tsc.dat', 'clock-counter.dat'])('%s: ticks are shown as such', async (name) => {
    expect((await info(name)).recording.timeUnit).toBe('ticks');
    expect((await command('report', path(name))).out.replace(/\s+/g, ' ')).toContain('in 2,100,000,000 ticks');
  });

  test('clock-local.dat counts nanoseconds', async () => {
    expect((await command('report', path('clock-local.dat'))).out.replace(/\s+/g, ' ')).toContain('in 2.10 s');
  });

  test('of two such traces no one is made', async () => {
    const { code, error } = await command('report', '--merge', path('clock-local.dat'), path('clock-x86-tsc.dat'));
    expect(code).toBe(2);
    expect(error).toContain('is of the clock local, and');
  });
});

describe('Perfetto of other producers', () => {
  test('the mark on the first packet of a sequence says nothing of losses', async () => {
    expect(await info('perfetto-first-packet.pftrace')).toMatchObject({ losses: { droppedEvents: 0 } });
  });

  test('packets without a sequence', async () => {
    expect(await info('perfetto-no-sequence-id.pftrace')).toMatchObject({ events: { total: 3 } });
  });
});

describe('perf.data of others', () => {
  test('symbols fit where the kernel is in a MMAP2 record, as perf since 6.17 writes it', async () => {
    const { bySite, losses, warnings } = await report('buildid-mmap.data', '--symbols', path('buildid-mmap.kallsyms'));
    expect([losses.unresolvedAddresses, warnings.filter((text: string) => text.includes('fit'))]).toEqual([0, []]);
    expect(bySite.map(({ site }: { site: string }) => site).join()).not.toMatch(/0x|ffffffff/);
  });

  test('callchains without symbols are said to be that', async () => {
    const perf = fileURLToPath(new URL('../cases/perf-data/pipe.data.zst', import.meta.url));
    const { recording, missing } = (await json('info', perf)).infos[0];
    expect(recording.unnamedStacks).toBeGreaterThan(0);
    expect(missing.map(({ what }: { what: string }) => what)).toContain('symbols for the callchains');
    expect((await json('report', perf)).warnings.join()).toContain('callchains without a single name');
  });

  test('symbols that do not fit are a warning, and addresses are shown', async () => {
    // Of another build: the same functions, in another order.
    const lines = readFileSync(path('buildid-mmap.kallsyms'), 'utf8').trimEnd().split('\n');
    const names = lines.map((line) => line.slice(17));
    const others = lines.map(
      (line, at) => line.slice(0, 17) + (line.endsWith(' _text') ? 'T _text' : names[(at * 7 + 3) % names.length]),
    );
    const folder = mkdtempSync(join(tmpdir(), 'tagscope-symbols-'));
    try {
      const other = join(folder, 'System.map');
      writeFileSync(other, `${others.join('\n')}\n`);
      const { warnings, bySite } = await report('buildid-mmap.data', '--symbols', other);
      expect(warnings.join()).toContain('they do not fit the addresses in');
      expect(bySite.every(({ site }: { site: string }) => site.startsWith('0xffff'))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('simpleperf is named', async () => {
    expect(await info('simpleperf-tracing-data.data')).toMatchObject({ recording: { recorder: 'simpleperf' } });
    const { code, error } = await command('report', path('simpleperf-tracing-data.data'));
    expect(code).toBe(3);
    expect(error).toContain('simpleperf');
    expect(error).not.toContain('trace-cmd');
  });
});

test('parts of which one has frees only give the report of the whole', async () => {
  const parts = await json('report', '--merge', path('merge-part1.txt'), path('merge-part2.txt'), ...POLICY);
  const whole = await report('merge-whole.txt');
  expect(parts.totals).toEqual(whole.totals);
  // An object of 64 bytes and a page: 4 + 256 granules, at allocation and at free.
  expect(parts.totals.granules.alloc + parts.totals.granules.free).toBe(520);
  // Two pieces of some microseconds were recorded, a second apart: no CPU worked for the trace in between.
  const [first, second] = parts.source.parts;
  expect(second.firstTime - first.lastTime).toBeGreaterThan(0.9);
  expect(parts.source.seconds).toBeCloseTo(first.lastTime - first.firstTime + (second.lastTime - second.firstTime), 7);
  expect(parts.cost.cpuTime.nanoseconds / 1e9).toBeCloseTo(parts.source.seconds * parts.source.cpus, 9);
});

describe('parts that are far apart', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tagscope-parts-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const later = (seconds: number): string => {
    const file = join(folder, `later-${seconds}.txt`);
    const plain = readFileSync(path('plain.txt'), 'utf8');
    writeFileSync(file, plain.replaceAll(/\b100\.(\d{6}):/g, `${100 + seconds}.$1:`));
    return file;
  };

  test('and say nothing of their kernel and clock are taken for two boots, or two clocks', async () => {
    const { code, error } = await command('report', '--merge', path('plain.txt'), later(2857));
    expect(code).toBe(2);
    expect(error).toContain('begins 2857 s after');
    expect(error).toContain('two boots, or two clocks');
  });

  test('are parts where that is a pause', async () => {
    expect((await command('report', '--merge', path('plain.txt'), later(30))).code).toBe(0);
  });
});
