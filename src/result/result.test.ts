import { describe, expect, test } from 'vitest';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { series2026 } from '../cost/series-2026.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { INSTRUCTION_KINDS } from '../mte/instruction.ts';
import { builtInPolicy } from '../policy/named.ts';
import { traceFromText } from '../trace/trace-from-text.testdata.ts';
import { analyze, type AnalyzeOptions } from './analyze.ts';
import { diff } from './diff.ts';

const TABLE = 'GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP';
const TRACE = `
  bench-44 [000] ..... 3.250000: mm_page_alloc: pfn=0x100 order=0 migratetype=0 gfp_flags=${TABLE}
  bench-44 [001] ..... 3.500000: mm_page_alloc: pfn=0x101 order=0 migratetype=0 gfp_flags=GFP_HIGHUSER|__GFP_ACCOUNT
  => alloc_pages_noprof
  => anon_pipe_write
  => vfs_write
  mm_page_free: pfn=0x100 order=0
  kmalloc: call_site=maker+0x1/0x2 ptr=00000000e42d803c bytes_req=40 bytes_alloc=64 gfp_flags=GFP_KERNEL
  kfree: call_site=breaker+0x1/0x2 ptr=00000000d7c1aff8
  bench-44 [000] ..... 4.000000: mm_page_free: pfn=0x900 order=0`;

function analyzed(policyName = 'before-series', text = TRACE, changes: Partial<AnalyzeOptions> = {}) {
  const policy = builtInPolicy(policyName);
  if (policy === undefined) throw new Error(`no policy ${policyName}`);
  return analyze(
    traceFromText(text),
    { files: ['a.trace'], format: 'ftrace text', bytes: 1234 },
    {
      policy,
      profile: series2026(),
      cpu: cpuProfile('cortex-a710'),
      config: defaultKernelConfig(),
      recordedBy: { major: 6, minor: 18 },
      command: 'tagscope report a.trace',
      version: '0.1.0',
      cmdline: 'quiet',
      ...changes,
    },
  );
}

describe('the keys that readers of the JSON rely on', () => {
  const json: unknown = JSON.parse(JSON.stringify(analyzed()));

  test.each([
    'schema',
    'version',
    'source',
    'kernel',
    'policy',
    'events.total',
    'events.byType',
    'losses.droppedEvents',
    'losses.unmatchedFrees',
    'losses.unknownFlags',
    'losses.truncatedLines',
    'totals.granules.alloc',
    'totals.granules.free',
    ...INSTRUCTION_KINDS.map((kind) => `totals.instructions.${kind}`),
    ...['class', 'allocations', 'frees', 'bytes', 'granules', 'instructions'].map((key) => `byClass[0].${key}`),
    ...['site', 'class', 'allocations', 'frees', 'bytes', 'granules', 'instructions'].map((key) => `bySite[0].${key}`),
  ])('%s', (path) => {
    expect(json).toHaveProperty(path);
  });

  test('the kinds of instructions', () => {
    expect(Object.keys(analyzed().totals.instructions)).toEqual([
      'irg',
      'ldg',
      'ldgm',
      'stg',
      'stzg',
      'st2g',
      'stz2g',
      'stgm',
      'stzgm',
      'dcGva',
      'dcGzva',
      'dcZva',
    ]);
  });

  test('schema and version', () => {
    expect(analyzed()).toMatchObject({ schema: 'tagscope.report', version: 1 });
  });
});

describe('what a result says', () => {
  test('of the trace: where it is from, when it was, on how many CPUs', () => {
    expect(analyzed().source).toEqual({
      files: ['a.trace'],
      format: 'ftrace text',
      bytes: 1234,
      firstTime: 3.25,
      lastTime: 4,
      seconds: 0.75,
      timeUnit: 'nanoseconds',
      cpus: 2,
      since: null,
      until: null,
    });
    expect(analyzed('series', TRACE, { since: 3.3, until: 3.9 }).source).toMatchObject({ since: 3.3, until: 3.9 });
    // The window's own length, as far as the trace reaches.
    expect(analyzed('series', TRACE, { since: 3.3, until: 3.9 }).source.seconds).toBeCloseTo(0.6, 9);
    expect(analyzed('series', TRACE, { since: 3.5 }).source.seconds).toBeCloseTo(0.5, 9);
  });

  test('of the kernel: the rules, and whether its own flags decided', () => {
    expect(analyzed().kernel).toMatchObject({
      rules: '7.3',
      recordedBy: '6.18',
      mode: 'as-if',
      pointers: 'hashed',
      stacks: true,
      pageSize: 4096,
      cpu: 'cortex-a710',
      dcBlock: 64,
      dzp: false,
      cmdline: 'quiet',
    });
    const own = `mm_page_alloc: pfn=0x1 order=0 gfp_flags=${TABLE}|__GFP_SKIP_KASAN`;
    expect(analyzed('series', own).kernel.mode).toBe('own-flags');
  });

  test('of the events', () => {
    expect(analyzed().events).toEqual({
      total: 6,
      byType: { mm_page_alloc: 2, mm_page_free: 2, kmalloc: 1, kfree: 1 },
    });
  });

  test('of what it does not cover: two frees without an allocation', () => {
    expect(analyzed().losses).toMatchObject({ unmatchedFrees: 2, droppedEvents: 0, unknownFlags: 0 });
    const strange = 'mm_page_alloc: pfn=0x1 order=0 gfp_flags=GFP_KERNEL|__GFP_SHINY';
    expect(analyzed('series', strange).losses).toMatchObject({ unknownFlags: 1, unknownFlagNames: ['__GFP_SHINY'] });
  });

  test('of the classes: half of the pages have a stack that tells', () => {
    expect(analyzed().provenance).toMatchObject({ counts: 'exact', classesFromEvidence: 0.5, tagscope: '0.1.0' });
  });

  test('rows: most granules first, and no row without anything', () => {
    const { bySite, byClass } = analyzed();
    const granules = bySite.map((row) => row.granules.alloc + row.granules.free);
    expect(granules).toEqual(granules.toSorted((a, b) => b - a));
    expect(byClass[0].class).toBe('page-table');
    expect(bySite.map((row) => row.site)).toContain('anon_pipe_write');
    for (const { allocations, frees } of bySite) expect(allocations + frees).toBeGreaterThan(0);
  });

  test('groups only where they were asked for', () => {
    expect(analyzed().byGroup).toEqual([]);
    expect(analyzed('before-series', TRACE, { groupBy: 'comm' }).byGroup.map((row) => row.group)).toContain('bench');
  });

  test('an empty trace is a result, too', () => {
    const result = analyzed('before-series', '');
    expect(result.totals).toMatchObject({ allocations: 0, granules: { alloc: 0, free: 0 } });
    expect([result.byClass, result.bySite, result.source.seconds]).toEqual([[], [], 0]);
  });
});

describe('two policies side by side', () => {
  const before = analyzed('before-series');
  const series = analyzed('series');
  const { bySite, byClass, from, to, schema } = diff(before, series);

  test('the sides are the results themselves', () => {
    expect(schema).toBe('tagscope.diff');
    expect([from, to]).toEqual([before, series]);
  });

  test('a page table: 512 granules and 134 instructions, then none (page_alloc.md section 6c, the example)', () => {
    const row = byClass.find((candidate) => candidate.class === 'page-table');
    // The free from before the trace is taken to be a page table: the only known free of the same kind.
    const free = { alloc: 256, free: 512 };
    expect(row).toMatchObject({
      class: 'page-table',
      site: '',
      from: { granules: free, tagInstructions: 3 * 67 },
      to: { granules: { alloc: 0, free: 0 }, tagInstructions: 0 },
    });
  });

  test('what is the same on both sides stays; the greatest saving comes first', () => {
    expect(byClass[0].class).toBe('page-table');
    const pipe = bySite.find((row) => row.class === 'pipe');
    expect(pipe?.site).toBe('anon_pipe_write');
    expect(pipe?.from).toEqual(pipe?.to);
    expect(pipe?.from).toMatchObject({ granules: { alloc: 256, free: 0 }, tagInstructions: 67 });
  });

  test('a row that only one side has', () => {
    const other = analyzed('before-series', 'mm_page_alloc: pfn=0x1 order=0 gfp_flags=GFP_NOWAIT');
    const rows = diff(before, other).byClass;
    expect(rows.find((row) => row.class === 'mmu-gather')).toMatchObject({
      from: { granules: { alloc: 0, free: 0 }, tagInstructions: 0 },
      to: { granules: { alloc: 256, free: 0 }, tagInstructions: 67 },
    });
    // Costs more instead of less: last.
    expect(rows.at(-1)?.class).toBe('mmu-gather');
  });

  test('rows without a granule on either side are left out', () => {
    const none = analyzed('none');
    expect([diff(none, none).byClass, diff(none, none).bySite]).toEqual([[], []]);
  });

  test('turned round, it is the same with the sides exchanged', () => {
    const turned = diff(series, before).bySite;
    const swap = bySite.map((row) => ({ ...row, from: row.to, to: row.from }));
    expect(new Set(turned.map((row) => JSON.stringify(row)))).toEqual(new Set(swap.map((row) => JSON.stringify(row))));
  });
});
