import { UsageError } from '../base/errors.ts';
import { timeScaled, timeSum } from '../cost/time.ts';
import { allGranules } from './granules.ts';
import { MAX_LOSS_SAMPLES } from '../trace/losses.ts';
import { lostEvents } from './lost-events.ts';
import { NO_WORK, sortedRows, sideOf } from './diff.ts';
import {
  DIFF_SCHEMA,
  RESULT_VERSION,
  type DiffResult,
  type DiffRow,
  type DiffSide,
  type DiffScale,
  type Losses,
  type ReportResult,
  type RunSpread,
} from './result.ts';

/** What figures of a run are divided by: nothing, the seconds it took, or how often it did the same. */
export type Per =
  | { readonly unit: 'run' }
  | { readonly unit: 'second' }
  | { readonly unit: 'iteration'; readonly iterations: number };

/** One run or several of the same. */
export type Runs = readonly [ReportResult, ...ReportResult[]];

/**
 * Sets runs of one workload beside runs of another: each figure is the mean of its side's runs, per second or iteration if
 * wanted. The first run of each side stands for what cannot be averaged, with the losses and warnings of all of them.
 *
 * @throws UsageError for a rate where the trace has no time
 */
export function diffOfRuns(from: Runs, to: Runs, per: Per): DiffResult {
  const sides = { from: scaledSide(from, per), to: scaledSide(to, per) };
  const scale: DiffScale = {
    per: per.unit,
    iterations: per.unit === 'iteration' ? per.iterations : null,
    from: spreads(from, per),
    to: spreads(to, per),
  };
  return {
    schema: DIFF_SCHEMA,
    version: RESULT_VERSION,
    from: firstOf(from),
    to: firstOf(to),
    totals: { from: sides.from.total, to: sides.to.total },
    scale,
    byClass: rowsOf(sides.from.classes, sides.to.classes),
    bySite: rowsOf(sides.from.sites, sides.to.sites),
  };
}

/** The first run, with what must be known of any of them. */
const firstOf = (runs: Runs): ReportResult =>
  runs.length === 1
    ? runs[0]
    : { ...runs[0], losses: lossesOfAll(runs), warnings: [...new Set(runs.flatMap(({ warnings }) => warnings))] };

/** What several runs lost together. */
function lossesOfAll(runs: Runs): Losses {
  const all = runs.map(({ losses }) => losses);
  const sum = (of: (losses: Losses) => number): number => all.reduce((total, losses) => total + of(losses), 0);
  const lost = {
    droppedEvents: sum((losses) => losses.droppedEvents),
    missingEntries: sum((losses) => losses.missingEntries),
    truncatedLines: sum((losses) => losses.truncatedLines),
  };
  // What was read of each run, kept or not, from its share: stack traces are counted as well where losses count them.
  const read = sum(({ lost: { events, share } }) => (share === 0 ? 0 : events / share - events));
  const whole = runs.reduce((total, { losses, events }) => total + (losses.lost.share === 0 ? events.total : 0), 0);
  return {
    ...lost,
    lost: lostEvents(lost, read + whole),
    unmatchedFrees: sum((losses) => losses.unmatchedFrees),
    userMemoryFrees: sum((losses) => losses.userMemoryFrees),
    unknownFlags: sum((losses) => losses.unknownFlags),
    unprintedPointers: sum((losses) => losses.unprintedPointers),
    orphanStacks: sum((losses) => losses.orphanStacks),
    unresolvedAddresses: sum((losses) => losses.unresolvedAddresses),
    unrecordedFlags: sum((losses) => losses.unrecordedFlags),
    clockBackwards: sum((losses) => losses.clockBackwards),
    missedPageFrees: sum((losses) => losses.missedPageFrees),
    unclassifiedPages: sum((losses) => losses.unclassifiedPages),
    unknownFlagNames: [...new Set(all.flatMap(({ unknownFlagNames }) => unknownFlagNames))],
    samples: all.flatMap(({ samples }) => samples).slice(0, MAX_LOSS_SAMPLES),
  };
}

const rowsOf = (from: ReadonlyMap<string, Named>, to: ReadonlyMap<string, Named>): readonly DiffRow[] =>
  sortedRows(
    [...new Set([...from.keys(), ...to.keys()])].map((key): DiffRow => {
      const { class: name, site } = from.get(key) ?? to.get(key) ?? { class: 'unknown', site: '' };
      return { class: name, site, from: from.get(key)?.side ?? NO_WORK, to: to.get(key)?.side ?? NO_WORK };
    }),
  );

function divisorOf({ source }: ReportResult, per: Per): number {
  if (per.unit === 'run') return 1;
  if (per.unit === 'iteration') return per.iterations;
  if (source.timeUnit === 'nanoseconds' && source.seconds > 0) return source.seconds;
  throw new UsageError(
    `--per second: ${source.files.join(', ')} has ${source.timeUnit === 'ticks' ? 'times in ticks' : 'no length in time'}`,
    'Give the number of iterations instead: --per 100.',
  );
}

interface Named extends Pick<DiffRow, 'class' | 'site'> {
  readonly side: DiffSide;
}

/** The mean of runs, each divided: in all, and by class and call site. */
function scaledSide(
  runs: Runs,
  per: Per,
): {
  readonly total: DiffSide;
  readonly classes: ReadonlyMap<string, Named>;
  readonly sites: ReadonlyMap<string, Named>;
} {
  const classes = new Map<string, Named>();
  const sites = new Map<string, Named>();
  let total = NO_WORK;
  for (const run of runs) {
    const by = 1 / (divisorOf(run, per) * runs.length);
    total = added(total, scaled(sideOf(run.totals), by));
    for (const work of run.byClass) add(classes, { class: work.class, site: '', side: scaled(sideOf(work), by) });
    for (const work of run.bySite) add(sites, { class: work.class, site: work.site, side: scaled(sideOf(work), by) });
  }
  return { total, classes, sites };
}

function add(all: Map<string, Named>, named: Named): void {
  const key = `${named.class}\0${named.site}`;
  const known = all.get(key);
  all.set(key, known === undefined ? named : { ...named, side: added(known.side, named.side) });
}

const scaled = ({ granules, tagInstructions, time }: DiffSide, by: number): DiffSide => ({
  granules: { alloc: granules.alloc * by, free: granules.free * by },
  tagInstructions: tagInstructions * by,
  time: time === null ? null : timeScaled(time, by),
});

const added = (a: DiffSide, b: DiffSide): DiffSide => ({
  granules: { alloc: a.granules.alloc + b.granules.alloc, free: a.granules.free + b.granules.free },
  tagInstructions: a.tagInstructions + b.tagInstructions,
  time: a.time === null || b.time === null ? null : timeSum([a.time, b.time]),
});

/** How far apart runs of one side are. */
function spreads(runs: Runs, per: Per): DiffScale['from'] {
  const spread = (valueOf: (run: ReportResult) => number): RunSpread => {
    const values = runs.map((run) => valueOf(run) / divisorOf(run, per));
    return {
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      low: Math.min(...values),
      high: Math.max(...values),
    };
  };
  return {
    runs: runs.map(({ source }) => ({ files: source.files, seconds: source.seconds })),
    granules: spread(({ totals }) => allGranules(totals)),
    tagInstructions: spread(({ totals }) => sideOf(totals).tagInstructions),
  };
}
