import { describe, expect, test } from 'vitest';
import { InputError } from '../base/errors.ts';
import type { AllocationClass } from '../base/allocation-class.ts';
import type { HookName } from '../kasan/hook.ts';
import type { InstructionCounts } from '../mte/instruction.ts';
import { NO_INSTRUCTIONS } from '../mte/instruction.testdata.ts';
import type { Estimate, HookWork, Interval, ReportResult } from '../result/result.ts';
import { compare, errorOf, isAllowed, isInInterval } from './compare.ts';
import { parseExecuted, type ExecutedRun } from './executed.ts';
import { executedBesideSeries, failures, type AccuracyResult } from './judge.ts';

const NO_TIME = { low: 0, best: 0, high: 0, readings: [] };

const NONE: Interval = { low: 0, best: 0, high: 0 };

const estimate = (name: Estimate['name'], tagInstructions: Interval): Estimate => ({
  name,
  description: '',
  calls: name === 'compaction' ? tagInstructions : NONE,
  granules: NONE,
  tagInstructions,
});

const counts = (changes: Partial<InstructionCounts>): InstructionCounts => ({ ...NO_INSTRUCTIONS, ...changes });

const hook = (
  name: HookName,
  className: AllocationClass,
  calls: number,
  kinds: Partial<InstructionCounts>,
): HookWork => ({
  hook: name,
  class: className,
  calls,
  granules: 0,
  instructions: counts(kinds),
});

function result(byHook: readonly HookWork[], instructions: Partial<InstructionCounts>, total: Interval): ReportResult {
  return {
    schema: 'tagscope.report',
    version: 1,
    source: {
      files: [],
      format: '',
      bytes: 0,
      firstTime: 0,
      lastTime: 0,
      seconds: 0,
      timeUnit: 'nanoseconds',
      cpus: 1,
      since: null,
      until: null,
    },
    kernel: {
      rules: '7.3',
      recordedBy: '7.3',
      versionFrom: 'given',
      versionBounds: '',
      mode: 'own-flags',
      pointers: 'plain',
      stacks: false,
      pageSize: 4096,
      cpu: 'cortex-a710',
      dcBlock: 64,
      dzp: false,
      cmdline: '',
    },
    policy: { name: 'before-series', description: '', source: '' },
    events: { total: 0, byType: {} },
    losses: {
      lost: { events: 0, share: 0 },
      droppedEvents: 0,
      unmatchedFrees: 0,
      userMemoryFrees: 0,
      unknownFlags: 0,
      truncatedLines: 0,
      missingEntries: 0,
      unprintedPointers: 0,
      orphanStacks: 0,
      unrecordedFlags: 0,
      unresolvedAddresses: 0,
      clockBackwards: 0,
      missedPageFrees: 0,
      unclassifiedPages: 0,
      unknownFlagNames: [],
      samples: [],
    },
    totals: {
      allocations: 0,
      frees: 0,
      bytes: 0,
      granules: { alloc: 0, free: 0 },
      instructions: counts(instructions),
      time: null,
      tagInstructions: total,
    },
    cost: {
      profile: '',
      description: '',
      source: '',
      provenance: 'assumed',
      figures: [],
      readings: [],
      parts: { instructions: NO_TIME, lines: NO_TIME, tagMemory: NO_TIME },
      byProfile: [],
      cpuTime: null,
      shareOfCpuTime: null,
    },
    estimates: [],
    byClass: [],
    bySite: [],
    byHook,
    byGroup: [],
    warnings: [],
    notes: [],
    selection: null,
    recorder: { allocations: 0, granules: 0, tagInstructions: 0, share: 0, excluded: false, sites: [] },
    provenance: { counts: 'exact', classesFromEvidence: 1, command: '', tagscope: '' },
  };
}

/** Stacks of one run of 7.3.4 without the series (measured under QEMU: 280 fresh ones, 1120 pages freed). */
const EXECUTED: ExecutedRun = {
  variant: 'baseline',
  cpu: 'cortex-a710',
  workload: 'thread',
  params: {},
  dc_block_bytes: 64,
  dczid_dzp: false,
  tag_setting_instructions: 72520 + 75040,
  per_class: { STG: 4480, STZG: 1120, DC_GVA: 70560, DC_GZVA: 71400, IRG: 280, ERET: 5297 },
  per_function: {
    __kasan_unpoison_vmalloc: { DC_GZVA: 71400, IRG: 280, STZG: 1120 },
    // The compiler's suffix is no part of the name.
    'kasan_poison.constprop.0': { DC_GVA: 70560, MRS_DCZID: 6118, STG: 4480 },
  },
  categories: {
    vfree_pages: { calls: 1120, stg: 4480, dc: 70560, tag_instructions: 75040 },
    stack_fresh_alloc: { calls: 280, stg: 1120, dc: 71400, tag_instructions: 72520 },
  },
};
const PREDICTED = [
  hook('__kasan_unpoison_vmalloc', 'kernel-stack', 280, { irg: 280, stzg: 1120, dcGzva: 71400 }),
  hook('__kasan_poison_pages', 'kernel-stack', 1120, { stg: 4480, dcGva: 70560 }),
];
const KINDS = { irg: 280, stg: 4480, stzg: 1120, dcGva: 70560, dcGzva: 71400 };
const exactly = (best: number): Interval => ({ low: best, best, high: best });

describe('a prediction beside what was executed', () => {
  const compared = compare('run', result(PREDICTED, KINDS, exactly(147560)), EXECUTED);

  test('by kind of instruction, under the names of the counts; what neither has is left out', () => {
    expect(compared.totals.map(({ name, predicted, executed }) => [name, predicted, executed])).toEqual([
      ['STG', 4480, 4480],
      ['STZG', 1120, 1120],
      ['DC_GVA', 70560, 70560],
      ['DC_GZVA', 71400, 71400],
      ['IRG', 280, 280],
    ]);
  });

  test('by kernel function, whatever suffix the compiler gave it: stores only, no IRG', () => {
    expect(compared.functions.map(({ name, predicted, executed }) => [name, predicted, executed])).toEqual([
      ['kasan_poison', 75040, 75040],
      ['__kasan_unpoison_vmalloc', 72520, 72520],
    ]);
  });

  test('by purpose, calls and instructions', () => {
    expect(compared.categories.map(({ name, unit, predicted, executed }) => [name, unit, predicted, executed])).toEqual(
      [
        ['kernel stacks, fresh', 'calls', 280, 280],
        ['kernel stacks, fresh', 'instructions', 72520, 72520],
        ['pages of vfree', 'calls', 1120, 1120],
        ['pages of vfree', 'instructions', 75040, 75040],
      ],
    );
  });

  test('what was executed and not predicted shows, too', () => {
    const { categories, functions } = compare('run', result([], {}, exactly(0)), EXECUTED);
    expect(categories).toContainEqual(expect.objectContaining({ predicted: 0, executed: 1120, unit: 'calls' }));
    expect(functions).toContainEqual(expect.objectContaining({ name: 'kasan_poison', predicted: 0, executed: 75040 }));
  });
});

describe('how far off', () => {
  test.each([
    [102, 100, 0.02],
    [97, 100, -0.03],
    [100, 100, 0],
    [0, 0, 0],
    [5, 0, 1],
  ])('%i predicted, %i executed: %d', (predicted, executed, expected) => {
    expect(errorOf(predicted, executed)).toBeCloseTo(expected, 10);
  });

  test('an interval holds its ends', () => {
    const inside = (executed: number): boolean =>
      isInInterval({
        ...compare('run', result([], {}, { low: 10, best: 15, high: 20 }), EXECUTED),
        executedTagInstructions: executed,
      });
    expect([9, 10, 15, 20, 21].map(inside)).toEqual([false, true, true, true, false]);
  });
});

describe('the judgement: totals within 1 %, inside the interval, what has an event equal, diff within 1 %', () => {
  const judged = (
    hooks: readonly HookWork[],
    total: Interval,
    pointers: 'plain' | 'hashed' = 'plain',
    diffs: AccuracyResult['diffs'] = [],
  ): readonly string[] =>
    failures({
      schema: 'tagscope.accuracy',
      version: 1,
      runs: [{ ...compare('run', result(hooks, KINDS, total), EXECUTED), pointers }],
      diffs,
      model: [],
      skipped: [],
    });
  const wide = (best: number): Interval => ({ low: 0, best, high: 1e9 });

  test('all is well', () => {
    expect(judged(PREDICTED, exactly(147560))).toEqual([]);
  });

  const offBy = (share: number, run: Partial<ExecutedRun>, estimates: readonly Estimate[] = []): readonly string[] => {
    const total = wide(147560 * (1 + share));
    const executed = { ...EXECUTED, ...run };
    return failures({
      schema: 'tagscope.accuracy',
      version: 1,
      runs: [{ ...compare('run', { ...result(PREDICTED, KINDS, total), estimates }, executed), pointers: 'plain' }],
      diffs: [],
      model: [],
      skipped: [],
    });
  };

  test('a total that is off by more than 1 % is too far; 3 % of short file work', () => {
    expect(offBy(0.009, {})).toEqual([]);
    expect(offBy(0.011, {})).toEqual([expect.stringMatching(/run: the total is 1\.10 % off/)]);
    expect(offBy(-0.011, {})).toHaveLength(1);
    expect(offBy(0.029, { workload: 'file' })).toEqual([]);
    expect(offBy(0.031, { workload: 'file' })).toHaveLength(1);
  });

  test('where memory was compacted only the interval counts: its allocations have no event', () => {
    expect(offBy(-0.8, {}, [estimate('compaction', { low: 0, best: 10, high: 20 })])).toEqual([]);
  });

  test('a total close by, but outside the interval that was stated', () => {
    expect(judged(PREDICTED, exactly(147561))).toEqual([expect.stringContaining('outside the interval')]);
  });

  test('one call too few of something that has an event', () => {
    const [fresh, freed] = PREDICTED;
    const hooks = [{ ...fresh, calls: 279 }, freed];
    const expected = [expect.stringContaining('kernel stacks, fresh: 279 calls, executed 280')];
    expect(judged(hooks, exactly(147560))).toEqual(expected);
  });

  test('a figure that contains an estimate may be as far off as that says, and no further', () => {
    const [fresh, freed] = PREDICTED;
    const hooks = [fresh, { ...freed, calls: 1119, instructions: counts({ stg: 4476, dcGva: 70497 }) }];
    const uncertain = (high: number): Estimate => ({
      ...estimate('pagesFromBeforeTrace', { low: 0, best: 0, high: high * 67 }),
      calls: { low: 0, best: 0, high },
    });
    const allowed = (...estimates: readonly Estimate[]) =>
      compare('run', { ...result(hooks, KINDS, exactly(147560)), estimates }, EXECUTED)
        .categories.filter((item) => !isAllowed(item))
        .map(({ name }) => name);
    expect(allowed()).toEqual(['pages of vfree', 'pages of vfree']);
    expect(allowed(uncertain(1))).toEqual([]);
    expect(allowed({ ...uncertain(1), calls: { low: 0, best: 0, high: 0 } })).toEqual(['pages of vfree']);
    // Of other memory the estimate says nothing.
    expect(allowed(estimate('unseenObjectFrees', { low: 0, best: 0, high: 1e6 }))).toHaveLength(2);
  });

  test('shadow call stacks, areas that are no stacks, and objects of new slabs are purposes of their own', () => {
    const hooks = [
      hook('__kasan_unpoison_vmalloc', 'shadow-call-stack', 2, { stzg: 8, dcGzva: 126 }),
      hook('__kasan_unpoison_vmalloc', 'vmalloc', 1, { stg: 4, dcGva: 127 }),
      hook('setup_object', 'slab-object', 26, { stg: 24 * 26 }),
    ];
    const categories = {
      scs_alloc: { calls: 2, stg: 8, dc: 126, tag_instructions: 134 },
      vmalloc_alloc: { calls: 1, stg: 4, dc: 127, tag_instructions: 131 },
      ctor_unpoison: { calls: 26, stg: 312, dc: 0, tag_instructions: 312 },
      ctor_poison: { calls: 26, stg: 312, dc: 0, tag_instructions: 312 },
    };
    const compared = compare('run', result(hooks, {}, exactly(0)), { ...EXECUTED, categories });
    expect(compared.categories.map(({ name, unit, predicted, executed }) => [name, unit, predicted, executed])).toEqual(
      [
        ['shadow call stacks, fresh', 'calls', 2, 2],
        ['shadow call stacks, fresh', 'instructions', 134, 134],
        ['other vmalloc areas', 'calls', 1, 1],
        ['other vmalloc areas', 'instructions', 131, 131],
        ['objects of new slabs, set up', 'instructions', 624, 624],
      ],
    );
  });

  const other = (diff: Partial<AccuracyResult['diffs'][number]>): readonly string[] =>
    judged(PREDICTED, exactly(147560), 'plain', [
      { run: 'diff', predicted: 1000, executed: 1000, sameRun: 1000, skipped: 0, ...diff },
    ]);

  test('another kernel predicted from the trace: within 1 % of what this run executed but for what is skipped', () => {
    expect(other({ predicted: 1009 })).toEqual([]);
    expect(other({ predicted: 1011 })).toEqual([
      expect.stringContaining('1000 without what it skips were executed'),
      expect.stringContaining('predicted 1011 of the patched kernel, which executed 1000'),
    ]);
    expect(other({ predicted: 989 })).toHaveLength(2);
  });

  test('two kernels are two runs: what these differ in is no fault of the prediction, and anything beyond it is', () => {
    expect(other({ predicted: 1020, sameRun: 1020 })).toEqual([]);
    expect(other({ predicted: 1000, sameRun: 1000, executed: 950 })).toEqual([]);
  });

  test('nothing may be predicted for stacks and page tables', () => {
    expect(other({ skipped: 67 })).toEqual([expect.stringContaining('67 instructions predicted for stacks')]);
  });

  test('what a run executed beside stacks and tables', () => {
    // Fresh stacks and the pages of vfree are all that this run did.
    expect(executedBesideSeries(EXECUTED)).toBe(0);
    const batches = { calls: 2, stg: 8, dc: 126, tag_instructions: 134 };
    const run = {
      ...EXECUTED,
      tag_setting_instructions: 147560 + 134,
      categories: { ...EXECUTED.categories, 'get_free_pages:tlb_remove_table': batches },
    };
    expect(executedBesideSeries(run)).toBe(134);
  });
});

describe('a file of counts', () => {
  test('a list of runs; what is not needed may be there', () => {
    expect(parseExecuted(JSON.stringify([{ ...EXECUTED, model_ok: true }]), 'counts.json')).toEqual([EXECUTED]);
    expect(parseExecuted('[]', 'counts.json')).toEqual([]);
  });

  test.each<readonly [what: string, value: unknown, where: string]>([
    ['no list', EXECUTED, 'top level'],
    ['a kernel without a name', [{ ...EXECUTED, variant: 7 }], '[0].variant'],
    ['a negative count', [{ ...EXECUTED, per_class: { STG: -1 } }], '[0].per_class.STG'],
    ['half an instruction', [EXECUTED, { ...EXECUTED, tag_setting_instructions: 0.5 }], '[1].tag_setting_instructions'],
    [
      'a category without calls',
      [{ ...EXECUTED, categories: { x: { stg: 1, dc: 1, tag_instructions: 2 } } }],
      '[0].categories.x.calls',
    ],
  ])('%s: the file and the field are named', (_what, value, where) => {
    expect(() => parseExecuted(JSON.stringify(value), 'counts.json')).toThrow(InputError);
    expect(() => parseExecuted(JSON.stringify(value), 'counts.json')).toThrow(
      /^counts counts\.json, line 1, column \d+, /,
    );
    expect(() => parseExecuted(JSON.stringify(value), 'counts.json')).toThrow(`, ${where}: found`);
  });
});
