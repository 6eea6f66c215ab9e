import { className, type AllocationClass } from '../base/allocation-class.ts';
import { HOOKS } from '../kasan/hook.ts';
import { INSTRUCTION_KINDS, tagSetting, type InstructionCounts } from '../mte/instruction.ts';
import type { Certainty, Ledger, LedgerRow } from '../kasan/ledger.ts';
import type { ReplayOptions } from '../replay/options.ts';
import { replay, type Replayed } from '../replay/replay.ts';
import type { EventTable } from '../trace/event-table.ts';
import { allGranules } from './granules.ts';
import { doubts, refuseContradictions } from './plausible.ts';
import {
  RESULT_SCHEMA,
  RESULT_VERSION,
  type ClassWork,
  type GroupWork,
  type HookWork,
  type Losses,
  type ReportResult,
  type SiteWork,
  type Work,
} from './result.ts';

/** Where a trace came from. */
export interface TraceSource {
  readonly files: readonly string[];
  readonly format: string;
  /** Bytes of trace, decompressed. */
  readonly bytes: number;
}

/** What a result says of how it was made, beside what the replay needs. */
export interface AnalyzeOptions extends ReplayOptions {
  /** The command line that gives this result again. */
  readonly command: string;
  /** Version of tagscope. */
  readonly version: string;
  /** Kernel parameters as given. */
  readonly cmdline: string;
  readonly warnings?: readonly string[];
}

/**
 * Replays a trace under a policy and sums the ledger into a result.
 *
 * @throws UsageError if the trace contradicts the options, or the policy names flags that its kernel does not have
 */
export function analyze(table: EventTable, source: TraceSource, options: AnalyzeOptions): ReportResult {
  refuseContradictions(table, options);
  const replayed = replay(table, options);
  const { ledger, facts, counts } = replayed;
  const all = ledger.rows.map((_, row) => row);
  const totals = sum(ledger, all);
  const best = tagSetting(totals.instructions);
  const spread = (bound: 'low' | 'high'): number =>
    replayed.estimates.reduce((off, { tagInstructions }) => off + tagInstructions[bound] - tagInstructions.best, 0);
  const { recordedBy, config, cpu, policy } = options;

  return {
    schema: RESULT_SCHEMA,
    version: RESULT_VERSION,
    source: {
      ...source,
      firstTime: table.baseSeconds + table.firstTime / 1e9,
      lastTime: table.baseSeconds + table.lastTime / 1e9,
      seconds: (table.lastTime - table.firstTime) / 1e9,
      cpus: table.cpus,
      since: options.since ?? null,
      until: options.until ?? null,
    },
    kernel: {
      rules: '7.3',
      recordedBy: `${recordedBy.major}.${recordedBy.minor}`,
      mode: facts.hwTags ? 'own-flags' : 'as-if',
      pointers: facts.pointers,
      stacks: facts.stacks,
      pageSize: config.pageSize,
      cpu: cpu.name,
      dcBlock: cpu.dcBlock,
      dzp: cpu.dzp,
      cmdline: options.cmdline,
    },
    policy: { name: policy.name, description: policy.description, source: policy.source },
    events: { total: table.totalEvents, byType: Object.fromEntries(table.byType) },
    losses: lossesOf(table, replayed),
    totals: { ...totals, tagInstructions: { low: best + spread('low'), best, high: best + spread('high') } },
    estimates: replayed.estimates.filter(({ calls, tagInstructions: { low, high } }) => calls.high > 0 || high > low),
    byClass: byClass(ledger),
    bySite: bySite(ledger),
    byHook: byHook(ledger),
    byGroup: options.groupBy === undefined ? [] : byGroup(ledger),
    warnings: [...(options.warnings ?? []), ...doubts(facts, options)],
    provenance: {
      counts: 'exact',
      classesFromEvidence: counts.pages === 0 ? 1 : counts.pagesFromEvidence / counts.pages,
      command: options.command,
      tagscope: options.version,
    },
  };
}

function lossesOf(table: EventTable, { counts, unknownFlagNames }: Replayed): Losses {
  const { losses } = table;
  return {
    droppedEvents: losses.droppedEvents,
    unmatchedFrees: counts.unmatchedFrees,
    unknownFlags: counts.unknownFlags,
    truncatedLines: losses.truncatedLines,
    missingEntries: losses.missingEntries,
    unprintedPointers: losses.unprintedPointers,
    orphanStacks: losses.orphanStacks,
    clockBackwards: losses.clockBackwards,
    missedPageFrees: counts.missedPageFrees,
    unclassifiedPages: counts.pagesUnclassified,
    unknownFlagNames,
    samples: losses.samples,
  };
}

const CERTAINTIES: readonly Certainty[] = ['certain', 'estimated'];

/** The figures of some rows, or of some rows in one hook, added up. */
function sum(ledger: Ledger, rows: readonly number[]): Work {
  const granules = { alloc: 0, free: 0 };
  let allocations = 0;
  let frees = 0;
  let bytes = 0;
  for (const row of rows) {
    const entry = ledger.rows[row];
    allocations += entry.allocations;
    frees += entry.frees;
    bytes += entry.bytes;
    HOOKS.forEach(({ phase }, hook) => {
      for (const certainty of CERTAINTIES) granules[phase] += ledger.granules(row, hook, certainty);
    });
  }
  const instructions = instructionsOf((column) => {
    let total = 0;
    for (const row of rows) for (let hook = 0; hook < HOOKS.length; hook++) total += both(ledger, row, hook, column);
    return total;
  });
  return { allocations, frees, bytes, granules, instructions };
}

const both = (ledger: Ledger, row: number, hook: number, column: number): number =>
  ledger.value(row, hook, 'certain', column) + ledger.value(row, hook, 'estimated', column);

function instructionsOf(valueOf: (column: number) => number): InstructionCounts {
  const [irg, ldg, ldgm, stg, stzg, st2g, stz2g, stgm, stzgm, dcGva, dcGzva, dcZva] = INSTRUCTION_KINDS.map(
    (_, column) => valueOf(column),
  );
  return { irg, ldg, ldgm, stg, stzg, st2g, stz2g, stgm, stzgm, dcGva, dcGzva, dcZva };
}

/**
 * The work of rows that have a name and a class in common, the most tag stores first; equal ones by name, so that the
 * order never depends on chance.
 */
function workBy<Named extends { readonly class: AllocationClass }>(
  ledger: Ledger,
  nameOf: (row: LedgerRow) => string,
  describe: (row: LedgerRow) => Named,
): readonly (Named & Work)[] {
  const groups = new Map<string, number[]>();
  ledger.rows.forEach((row, index) => {
    const key = `${row.class} ${nameOf(row)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else group.push(index);
  });
  return [...groups]
    .map(([key, rows]) => ({ key, work: { ...describe(ledger.rows[rows[0]]), ...sum(ledger, rows) } }))
    .toSorted(
      (a, b) =>
        allGranules(b.work) - allGranules(a.work) ||
        b.work.allocations - a.work.allocations ||
        (a.key < b.key ? -1 : 1),
    )
    .map(({ work }) => work);
}

const byClass = (ledger: Ledger): readonly ClassWork[] =>
  workBy(
    ledger,
    () => '',
    (row) => ({ class: className(row.class) }),
  );

const bySite = (ledger: Ledger): readonly SiteWork[] =>
  workBy(
    ledger,
    (row) => row.site,
    (row) => ({ site: row.site, class: className(row.class) }),
  );

const byGroup = (ledger: Ledger): readonly GroupWork[] =>
  workBy(
    ledger,
    (row) => row.group,
    (row) => ({ group: row.group, class: className(row.class) }),
  );

/** By kernel function and class, in the order of the hooks. */
function byHook(ledger: Ledger): readonly HookWork[] {
  const classes = [...new Set(ledger.rows.map((row) => row.class))].toSorted((a, b) => a - b);
  return HOOKS.flatMap(({ name }, hook) =>
    classes.flatMap((id): HookWork[] => {
      const rows = ledger.rows.flatMap((row, index) => (row.class === id ? [index] : []));
      const total = (valueOf: (row: number) => number): number => rows.reduce((all, row) => all + valueOf(row), 0);
      const calls = total((row) => ledger.calls(row, hook, 'certain') + ledger.calls(row, hook, 'estimated'));
      if (calls === 0) return [];
      return [
        {
          hook: name,
          class: className(id),
          calls,
          granules: total((row) => ledger.granules(row, hook, 'certain') + ledger.granules(row, hook, 'estimated')),
          instructions: instructionsOf((column) => total((row) => both(ledger, row, hook, column))),
        },
      ];
    }),
  );
}
