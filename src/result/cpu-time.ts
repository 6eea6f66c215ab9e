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

/**
 * The part of a CPU time that tags take, 0 … 1, between the bounds of all profiles; null where by one of them they take more
 * than there was: of a few events, or of times that are too coarse for them, there is no share.
 */
export function shareOfCpuTime(
  times: readonly Interval[],
  { nanoseconds }: CpuTime,
): { readonly low: number; readonly high: number } | null {
  const low = Math.min(...times.map((time) => time.low)) / nanoseconds;
  const high = Math.max(...times.map((time) => time.high)) / nanoseconds;
  return high > 1 ? null : { low, high };
}
