import { WireReader } from '../../base/wire-reader.ts';

const START_OF_TRACE = 1;

/** Counters of one CPU's kernel buffer (tracefs, per_cpu/cpuN/stats) that tell of lost events. */
interface CpuCounters {
  /** Overwritten before they were read. */
  readonly overrun: number;
  readonly commitOverrun: number;
  /** Refused because the buffer was full. */
  readonly dropped: number;
}

/** More sequences and CPUs than any trace has. */
const MAX_CPUS = 1 << 13;

/**
 * The statistics that Perfetto takes of the kernel's buffers when a trace begins and at each flush
 * (protos/perfetto/trace/ftrace/ftrace_stats.proto). Counters go on from before the trace, so that the difference
 * counts.
 */
export class FtraceStats {
  readonly #begin = new Map<number, CpuCounters>();
  readonly #end = new Map<number, CpuCounters>();
  readonly #missing = new Set<string>();
  readonly #decoder = new TextDecoder();

  /** Reads a FtraceStats message; false if it is malformed. */
  read(data: Uint8Array, start: number, end: number): boolean {
    const wire = new WireReader();
    wire.open(data, start, end);
    let phase = 0;
    const cpus: (readonly [number, number])[] = [];
    for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
      if (tag === 0x08) phase = wire.uint32();
      else if (tag === 0x12 || tag === 0x32 || tag === 0x3a) {
        const stop = wire.bytesEnd();
        if (tag === 0x12) cpus.push([wire.at, stop]);
        // unknown_ftrace_events and failed_ftrace_events
        else if (this.#missing.size < 64) this.#missing.add(this.#decoder.decode(data.subarray(wire.at, stop)));
        wire.at = stop;
      } else wire.skip(tag);
    }
    const into = phase === START_OF_TRACE ? this.#begin : this.#end;
    let whole = !wire.failed;
    for (const [from, to] of cpus) {
      wire.open(data, from, to);
      whole = readCpu(wire, into) && whole;
    }
    return whole;
  }

  /** Events that the kernel's buffers lost while the trace was recorded. */
  get lostEvents(): number {
    let lost = 0;
    for (const [cpu, end] of this.#end) {
      const begin = this.#begin.get(cpu) ?? { overrun: 0, commitOverrun: 0, dropped: 0 };
      for (const counter of ['overrun', 'commitOverrun', 'dropped'] as const) {
        lost += Math.max(0, end[counter] - begin[counter]);
      }
    }
    return Math.min(lost, Number.MAX_SAFE_INTEGER);
  }

  /** Events that the configuration asked for and that were not recorded. */
  get missingEvents(): readonly string[] {
    return [...this.#missing];
  }
}

function readCpu(wire: WireReader, into: Map<number, CpuCounters>): boolean {
  let cpu = 0;
  let overrun = 0;
  let commitOverrun = 0;
  let dropped = 0;
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    if (tag === 0x08) cpu = wire.uint32();
    else if (tag === 0x18) overrun = wire.uint();
    else if (tag === 0x20) commitOverrun = wire.uint();
    else if (tag === 0x40) dropped = wire.uint();
    else wire.skip(tag);
  }
  if (into.size < MAX_CPUS || into.has(cpu)) into.set(cpu, { overrun, commitOverrun, dropped });
  return !wire.failed;
}
