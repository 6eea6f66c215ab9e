import type { Recording } from './recording.ts';

/** A program that records traces, and how it records all that a report wants. */
export interface Recorder {
  /** How to record, as a sentence without its full stop. */
  readonly record: string;
  /** What to do for stacks, where something is to be done. */
  readonly stacks: string;
  /** How to lose fewer events. */
  readonly buffer: string;
}

const EVENTS = '-e kmem -e vmalloc -e task:task_newtask -e sched:sched_process_exit';

/** The command that records what is needed with perf. */
export const PERF_RECORD =
  "`perf record -a -g -m 16M -e 'kmem:*' -e 'vmalloc:*' -e task:task_newtask -e sched:sched_process_exit -- COMMAND`";

/** The command that records what is needed with trace-cmd. */
export const TRACE_CMD_RECORD = `\`trace-cmd record ${EVENTS} -T COMMAND\``;

const TRACE_CMD: Recorder = {
  record: `${TRACE_CMD_RECORD}, and give trace.dat`,
  stacks: 'give -T to trace-cmd',
  buffer: 'record with a larger buffer, such as `-b 65536`',
};

const TRACEFS: Recorder = {
  record: `${TRACE_CMD_RECORD}, or the commands for tracefs in docs/recording.md`,
  stacks: 'give -T to trace-cmd, or in tracefs `echo 1 > options/stacktrace`',
  buffer: 'record with a larger buffer, such as `-b 65536` of trace-cmd, or in tracefs `echo 65536 > buffer_size_kb`',
};

const PERF: Recorder = {
  record: PERF_RECORD,
  stacks: 'give -g to perf',
  buffer: 'record with a larger buffer, such as `-m 64M`',
};

/** On Android: what is there is Perfetto, and tracefs. */
const PERFETTO: Recorder = {
  record: 'the configuration in docs/formats/perfetto.md, or tracefs on the device, see docs/recording.md',
  stacks: 'Perfetto records none of the kernel: use tracefs on the device, see docs/recording.md',
  buffer: 'record with a larger buffer_size_kb in ftrace_config',
};

const SIMPLEPERF: Recorder = {
  record:
    'Perfetto, with the configuration in docs/formats/perfetto.md, or tracefs on the device, see docs/recording.md',
  stacks: 'give -g to simpleperf',
  buffer: 'give a larger -m to simpleperf',
};

/** By what the trace says of its recorder, or else by its format; the first that fits. */
const RECORDERS: readonly (readonly [says: RegExp, recorder: Recorder])[] = [
  [/^simpleperf/, SIMPLEPERF],
  [/^perf/, PERF],
  [/^(?:Perfetto|systrace)/, PERFETTO],
  [/^trace-cmd|^trace\.dat/, TRACE_CMD],
  [/ftrace text/, TRACEFS],
];

/** Who recorded a trace, so that advice fits. @param format as results show it */
export function recorderOf({ recorder }: Recording, format: string): Recorder {
  const said = recorder === '' ? format : recorder;
  return RECORDERS.find(([says]) => says.test(said))?.[1] ?? TRACE_CMD;
}
