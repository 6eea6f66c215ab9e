import type { Interval } from '../base/interval.ts';
import { PUBLISHED_PGTABLE, PUBLISHED_THREAD } from '../cost/published.ts';
import { timeDifference, timeScaled, type Time } from '../cost/time.ts';
import type { BenchRunResult, PublishedFigure, TimePrediction, WorkloadParameters } from './bench.ts';

const NS = 1e9;
const MIB = 2 ** 20;
/** Threads of the published run, if each of its iterations creates 2,000. */
const PUBLISHED_THREADS = PUBLISHED_THREAD.threads * PUBLISHED_THREAD.iterations;
/**
 * Nanoseconds of a fork and an exit that do not depend on the memory that is mapped, at most: assumed. It matters where
 * another amount is mapped than was published.
 */
const FIXED_PER_FORK = 200_000;

/** Whole times of the published run, in nanoseconds, scaled to what was run: the best first. */
type Scaled = readonly [number, ...number[]];

/**
 * The published time before the series for as many forks of as much memory. It grows with the memory, but for a part that
 * a fork takes whatever is mapped.
 */
function scaledForks({ iterations, memory }: WorkloadParameters): Scaled {
  const perFork = (PUBLISHED_PGTABLE.before / PUBLISHED_PGTABLE.forks) * NS;
  const scale = memory / (PUBLISHED_PGTABLE.mib * MIB);
  return [iterations * perFork * scale, iterations * (FIXED_PER_FORK + (perFork - FIXED_PER_FORK) * scale)];
}

/** What of the workload the published time is taken to be for. */
interface Basis {
  readonly each: TimePrediction['each'];
  readonly count: number;
  readonly before: Scaled;
  readonly scaled: string;
}

function basisOf(workload: WorkloadParameters, from: BenchRunResult, published: PublishedFigure): Basis | undefined {
  const { threads, pageTables } = from.operations;
  const ran = { ...workload, iterations: from.iterations };
  switch (workload.name) {
    case 'thread':
      return {
        each: 'thread',
        count: threads,
        before: [(published.before / PUBLISHED_THREADS) * NS * threads],
        scaled: `${published.before} s taken for 4 million threads`,
      };
    case 'pgtable':
      return {
        each: 'page-table page',
        count: pageTables,
        before: scaledForks(ran),
        scaled: `${published.before} s scaled by forks and memory, of which up to 0.2 ms of each fork (assumed) do not depend on memory`,
      };
    case 'shell':
      return undefined;
  }
}

/**
 * How much more is freed in the long run: what a run has made and not freed by its end (the parent's own, and what waits
 * for RCU) is a large part of a short one, and most of the time is saved when things are freed.
 */
function unfinished({ byClass }: BenchRunResult, each: TimePrediction['each']): number {
  const work = byClass.find(({ class: name }) => name === (each === 'thread' ? 'kernel-stack' : 'page-table'));
  return work === undefined || work.frees === 0 ? 1 : Math.max(1, work.allocations / work.frees);
}

const shareOf = (saved: Time, before: Scaled, later: number): Interval => {
  const shares = saved.readings.flatMap((ns) => before.flatMap((whole) => [ns / whole, (ns * later) / whole]));
  return { low: Math.min(...shares), best: saved.best / before[0], high: Math.max(...shares) };
};

/**
 * The time that a profile says the series saves, beside what was published.
 *
 * @param profile name of the profile
 */
export function predictPublished(
  profile: string,
  workload: WorkloadParameters,
  runs: readonly BenchRunResult[],
  published: PublishedFigure | null,
): TimePrediction | null {
  const [from, to] = runs;
  if (published === null || to === undefined) return null;
  if (from.policy.name !== 'before-series' || to.policy.name !== 'series') return null;
  if (from.iterations !== to.iterations || from.totals.time === null || to.totals.time === null) return null;
  const basis = basisOf(workload, from, published);
  if (basis === undefined || basis.count === 0 || from.iterations === 0) return null;
  const saved = timeDifference(from.totals.time, to.totals.time);
  const { each, count, before, scaled } = basis;
  return {
    basis: profile === 'series-2026' && workload.name === 'pgtable' ? 'construction' : 'prediction',
    savedEach: timeScaled(saved, 1 / count),
    each,
    share: shareOf(saved, before, unfinished(from, each)),
    scaled,
  };
}
