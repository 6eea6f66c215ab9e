import type { TimeUnit } from '../../trace/recording.ts';
import { MemorySource } from '../byte-source.ts';
import { FieldReader, type Place } from '../field-reader.ts';

// include/private/trace-cmd-private.h of trace-cmd; trace-cmd.dat.v7(5), OPTIONS SECTION.
export const OPTION = {
  DONE: 0,
  DATE: 1,
  CPUSTAT: 2,
  BUFFER: 3,
  TRACECLOCK: 4,
  UNAME: 5,
  OFFSET: 7,
  CPUCOUNT: 8,
  VERSION: 9,
  TIME_SHIFT: 12,
  TSC2NSEC: 14,
  HEADER_INFO: 16,
  FTRACE_EVENTS: 17,
  EVENT_FORMATS: 18,
  KALLSYMS: 19,
  CMDLINES: 21,
  BUFFER_TEXT: 22,
} as const;

/** How time stamps become nanoseconds: `((stamp * mult) >> shift) + offset`. */
export interface Clock {
  readonly mult: bigint;
  readonly shift: bigint;
  readonly offset: bigint;
}

export const NANOSECOND_CLOCK: Clock = { mult: 1n, shift: 0n, offset: 0n };

/**
 * Clocks of tracefs that do not count nanoseconds (kernel/trace/trace.c:trace_clocks): how long a tick is, in nanoseconds,
 * or undefined where nobody says. `uptime` counts jiffies, as units of USER_HZ (trace_clock_jiffies).
 */
const TICK: ReadonlyMap<string, bigint | undefined> = new Map([
  ['uptime', 10_000_000n],
  ['counter', undefined],
  ['x86-tsc', undefined],
  ['ppc-tb', undefined],
]);

/** How stamps of a clock become nanoseconds, as far as they do: else they stay ticks. */
export function timesOf({ clock, clockName }: Pick<FileOptions, 'clock' | 'clockName'>): {
  readonly clock: Clock;
  readonly unit: TimeUnit;
} {
  // trace-cmd may have measured how long a tick is.
  const isMeasured = clock.mult !== 1n || clock.shift !== 0n;
  if (isMeasured || !TICK.has(clockName)) return { clock, unit: 'nanoseconds' };
  const tick = TICK.get(clockName);
  return tick === undefined ? { clock, unit: 'ticks' } : { clock: { ...clock, mult: tick }, unit: 'nanoseconds' };
}

/** What the options of a file say, but for where things are. */
export interface FileOptions {
  clock: Clock;
  /** Events that the kernel says it dropped or overwrote. */
  dropped: number;
  /** CPUs, where an option corrects their number; else 0. */
  cpus: number;
  /** `uname -r` and `uname -m` of the machine. */
  kernelRelease: string;
  architecture: string;
  /** The clock of the time stamps, as tracefs calls it. */
  clockName: string;
  /** Version of trace-cmd. */
  recorderVersion: string;
}

/** Longer than any text of an option that is looked at. */
const MAX_TEXT = 1 << 10;

export const noOptions = (): FileOptions => ({
  clock: NANOSECOND_CLOCK,
  dropped: 0,
  cpus: 0,
  kernelRelease: '',
  architecture: '',
  clockName: '',
  recorderVersion: '',
});

const GUEST =
  'Its time stamps make sense only beside the trace of its host. Record in the guest itself: `trace-cmd record` there, without -A.';

/**
 * Takes in an option that says something about the whole file; others are left out.
 *
 * @param place of the option's data
 * @throws InputError for a trace of a guest
 */
export function readOption(id: number, data: Uint8Array, options: FileOptions, place: Place): void {
  const fields = new FieldReader(new MemorySource(data), place);
  const { clock } = options;
  switch (id) {
    case OPTION.DATE:
      // Microseconds, as text with 0x.
      options.clock = { ...clock, offset: clock.offset + integerOf(data) * 1000n };
      break;
    case OPTION.OFFSET:
      options.clock = { ...clock, offset: clock.offset + integerOf(data) };
      break;
    case OPTION.CPUSTAT:
      options.dropped += droppedIn(textOf(data));
      break;
    case OPTION.CPUCOUNT:
      if (data.length >= 4) options.cpus = fields.u32('number of CPUs');
      break;
    case OPTION.TSC2NSEC:
      if (data.length >= 16) {
        const mult = BigInt(fields.u32('multiplier'));
        const shift = BigInt(fields.u32('shift'));
        // A shift by more than 63 leaves nothing; mult is 0 where the kernel did not say.
        if (mult > 0n && shift < 64n) options.clock = { ...clock, mult, shift };
      }
      break;
    case OPTION.TRACECLOCK:
      // The file trace_clock, which has the clock in use in brackets, or the name alone.
      options.clockName =
        /\[([\w:-]+)\]|^([\w:-]+)\s*$/
          .exec(textOf(data.subarray(0, MAX_TEXT)))
          ?.slice(1)
          .find(Boolean) ?? '';
      break;
    case OPTION.UNAME: {
      // System, name of the host, release and machine, with blanks between them.
      const words = textOf(data.subarray(0, MAX_TEXT)).trim().split(' ');
      if (words.length < 4) break;
      options.kernelRelease = words.at(-2) ?? '';
      options.architecture = words.at(-1) ?? '';
      break;
    }
    case OPTION.VERSION:
      options.recorderVersion = textOf(data.subarray(0, MAX_TEXT)).trim().split(' ')[0];
      break;
    case OPTION.TIME_SHIFT:
      throw fields.wrong(0, 'a trace of a virtual machine, recorded from its host', 'a trace of one machine', GUEST);
    default:
      break;
  }
}

const textOf = (data: Uint8Array): string => new TextDecoder().decode(data).replace(/\0[^]*$/, '');

function integerOf(data: Uint8Array): bigint {
  const match = /^\s*(-?)(0x[0-9a-f]{1,16}|\d{1,19})/i.exec(textOf(data.subarray(0, 64)));
  if (match === null) return 0n;
  const value = BigInt(match[2]);
  return match[1] === '' ? value : -value;
}

/** Of per_cpu/cpuN/stats: events that were overwritten, and those that found no room. */
function droppedIn(stats: string): number {
  let dropped = 0;
  for (const [, count] of stats.matchAll(/^(?:overrun|commit overrun|dropped events): (\d{1,15})$/gm)) {
    dropped += Number(count);
  }
  return dropped;
}
