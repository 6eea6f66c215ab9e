import type { Interval } from '../base/interval.ts';
import type { TimeUnit } from '../trace/recording.ts';
import type { CpuTime } from './result.ts';

/**
 * The time that the CPUs of a trace had, in nanoseconds; null where its clock does not tell time. Without events of the
 * scheduler what they were idle of it is not known.
 *
 * @param seconds from the first to the last event that is counted
 */
export function cpuTimeOf(cpus: number, seconds: number, timeUnit: TimeUnit): CpuTime | null {
  if (timeUnit === 'ticks' || cpus === 0 || seconds <= 0) return null;
  return { nanoseconds: cpus * seconds * 1e9, basis: 'cpus-times-span', cpus, seconds };
}

/** The part of a CPU time that tags take, 0 … 1, between the bounds of all profiles. */
export const shareOfCpuTime = (
  times: readonly Interval[],
  { nanoseconds }: CpuTime,
): { readonly low: number; readonly high: number } => ({
  low: Math.min(...times.map(({ low }) => low)) / nanoseconds,
  high: Math.max(...times.map(({ high }) => high)) / nanoseconds,
});
