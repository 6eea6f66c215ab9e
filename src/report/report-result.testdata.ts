import { ALLOCATION_CLASSES, type AllocationClass } from '../base/allocation-class.ts';
import { timeOf, timeSum } from '../cost/time.ts';
import { NO_INSTRUCTIONS } from '../mte/instruction.testdata.ts';
import { INSTRUCTION_KINDS, tagSetting, type InstructionCounts } from '../mte/instruction.ts';
import type { BenchResult, BenchRunResult } from '../result/bench.ts';
import { diff } from '../result/diff.ts';
import { PUBLISHED_FIGURES } from '../result/published.ts';
import type { DiffResult, Losses, ReportResult, SiteWork, Work } from '../result/result.ts';
import { plainStyle } from './style.ts';
import type { TextOptions } from './text-options.ts';

export const textOptions = (given: Partial<TextOptions> = {}): TextOptions => ({
  width: 80,
  style: plainStyle,
  unicode: false,
  top: 10,
  by: 'site',
  ...given,
});

export const NO_LOSSES: Losses = {
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
};

/** Work of whole pages of 4 KiB: 256 granules, and 4 STG and 63 DC GVA, at either end; 700 ns, or 350 to 800. */
export const pageWork = (allocations: number, frees = allocations): Work => ({
  allocations,
  frees,
  bytes: allocations * 4096,
  granules: { alloc: allocations * 256, free: frees * 256 },
  instructions: { ...NO_INSTRUCTIONS, stg: (allocations + frees) * 4, dcGva: (allocations + frees) * 63, dcZva: 640 },
  time: timeOf([(allocations + frees) * 700, (allocations + frees) * 350, (allocations + frees) * 800]),
});

/** Allocations whose memory is not tagged. */
export const untagged = (allocations: number): Work => ({
  ...pageWork(0),
  allocations,
  bytes: allocations * 4096,
  instructions: NO_INSTRUCTIONS,
});

export const site = (name: string, allocationClass: AllocationClass, work: Work): SiteWork => ({
  site: name,
  class: allocationClass,
  ...work,
});

function total(works: readonly Work[]): Work {
  const instructions: { -readonly [Kind in keyof InstructionCounts]: number } = { ...NO_INSTRUCTIONS };
  for (const work of works) for (const kind of INSTRUCTION_KINDS) instructions[kind] += work.instructions[kind];
  const sum = (valueOf: (work: Work) => number): number => works.reduce((all, work) => all + valueOf(work), 0);
  return {
    allocations: sum((work) => work.allocations),
    frees: sum((work) => work.frees),
    bytes: sum((work) => work.bytes),
    granules: { alloc: sum((work) => work.granules.alloc), free: sum((work) => work.granules.free) },
    instructions,
    time: timeSum(works.flatMap(({ time }) => (time === null ? [] : [time]))),
  };
}

/** A report whose figures are the sums of its call sites. */
export function reportOf(sites: readonly SiteWork[], given: Partial<ReportResult> = {}): ReportResult {
  const totals = total(sites);
  const tagged = tagSetting(totals.instructions);
  const classes = ALLOCATION_CLASSES.filter((name) => sites.some((row) => row.class === name));
  return {
    schema: 'tagscope.report',
    version: 1,
    source: {
      files: ['pgtable.trace'],
      format: 'ftrace text',
      bytes: 3_195_378,
      firstTime: 0.96,
      lastTime: 1.57,
      seconds: 0.61,
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
      mode: 'as-if',
      pointers: 'hashed',
      stacks: true,
      pageSize: 4096,
      cpu: 'cortex-a710',
      dcBlock: 64,
      dzp: false,
      cmdline: '',
    },
    policy: { name: 'before-series', description: 'Stacks and page tables are tagged.', source: 'kernel/fork.c' },
    events: { total: 19909, byType: { mm_page_alloc: 9952 } },
    losses: NO_LOSSES,
    totals: { ...totals, tagInstructions: { low: tagged, best: tagged, high: tagged } },
    cost: {
      profile: 'series-2026',
      description: 'Fitted to what was published.',
      source: 'a cover letter',
      provenance: 'fitted',
      figures: [],
      readings: ['best', 'fast', 'slow'].map((name) => ({ name, assumes: name })),
      parts: { instructions: timeSum([]), lines: totals.time ?? timeSum([]), tagMemory: timeSum([]) },
      byProfile: [{ profile: 'series-2026', basis: 'fitted to a result', time: totals.time ?? timeSum([]) }],
      cpuTime: null,
      shareOfCpuTime: null,
    },
    estimates: [],
    byClass: classes.map((name) => ({ class: name, ...total(sites.filter((row) => row.class === name)) })),
    bySite: sites,
    byHook: [],
    byGroup: [],
    warnings: [],
    notes: [],
    selection: null,
    recorder: { allocations: 0, granules: 0, tagInstructions: 0, share: 0, excluded: false, sites: [] },
    provenance: {
      counts: 'exact',
      classesFromEvidence: 1,
      command: 'tagscope report pgtable.trace',
      tagscope: '0.1.0',
    },
    ...given,
  };
}

/** A workload of page tables and the batch pages of their teardown. */
export const sampleReport = (given: Partial<ReportResult> = {}): ReportResult =>
  reportOf(
    [
      site('__pte_alloc', 'page-table', pageWork(400)),
      site('__tlb_remove_folio_pages_size', 'mmu-gather', pageWork(340)),
      site('a_driver_function_whose_name_is_far_too_long_for_any_table', 'driver/other', pageWork(2, 0)),
      site('vma_alloc_folio', 'user-anon', untagged(8292)),
    ],
    given,
  );

/** The same workload, before and after page tables are skipped. */
export function sampleDiff(): DiffResult {
  const after = reportOf(
    sampleReport().bySite.map((row) => (row.class === 'page-table' ? { ...row, ...untagged(400) } : row)),
    { policy: { name: 'series', description: 'They are skipped.', source: 'Linux 7.3' } },
  );
  return diff(sampleReport(), after);
}

/** A run on the model that did the work of a report. */
const benchRun = (report: ReportResult): BenchRunResult => ({
  policy: report.policy,
  iterations: 20,
  ended: null,
  operations: { processes: 20, threads: 0, stacks: { fresh: 1, reused: 19, freed: 0 }, pageTables: 400, pages: 9034 },
  pagesTagged: 742,
  totals: report.totals,
  byClass: report.byClass,
  bySite: report.bySite,
  byHook: [],
  modelSeconds: 1,
  wallSeconds: 0.1,
});

/** The page-table workload on the model, before and after page tables are skipped, or before alone. */
export function sampleBench(policies: 1 | 2 = 2): BenchResult {
  const { from, to } = sampleDiff();
  return {
    schema: 'tagscope.bench',
    version: 1,
    workload: { name: 'pgtable', iterations: 20, threads: 0, memory: 2 ** 25, hugePages: false },
    machine: {
      rules: '7.3',
      kernel: '7.3',
      config: '',
      vaBits: 48,
      kasan: 'hw-tags',
      cpu: 'cortex-a710',
      cpus: 1,
      dcBlock: 64,
      dzp: false,
      pageSize: 4096,
      ram: 2 ** 30,
      vmapStack: true,
      cmdline: '',
      seed: 1,
    },
    runs: [from, to].slice(0, policies).map(benchRun),
    published: PUBLISHED_FIGURES[1],
    cost: from.cost,
    prediction: null,
    warnings: [],
    provenance: { counts: 'exact', operations: 'modelled', command: 'tagscope bench pgtable', tagscope: '0.1.0' },
  };
}
