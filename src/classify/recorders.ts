/**
 * Programs that record traces, by the names of their tasks (15 characters at most, include/linux/sched.h:TASK_COMM_LEN),
 * and kernel functions that allocate for them. Functions that tracepoints themselves run in (trace_event_raw_event_*,
 * perf_trace_*, __traceiter_*) stand in any stack, and are none of them.
 */
const RECORDER_TASKS =
  /^(?:trace-cmd|perf|perf-exec|traced|traced_probes|tracebox|perfetto|simpleperf|atrace|bpftrace|tagscope|lttng-\w+)$/;

/**
 * Events of perf, inherited ones among them, and its buffers (kernel/events/core.c, ring_buffer.c); ring buffers of ftrace
 * and the files of tracefs (kernel/trace/ring_buffer.c, trace.c, trace_events*.c, fs/tracefs).
 */
const RECORDER_FUNCTIONS =
  /^(?:perf_event_alloc|perf_event_init_(?:task|context)|inherit_(?:event|task_group)|_*(?:se_|do_|x64_|arm64_)*sys_perf_event_open|perf_mmap\w*|perf_read|rb_alloc\w*|_*rb_allocate\w*|_*ring_buffer_(?:alloc|resize|read_prepare|alloc_read_page|subbuf_order)\w*|trace_array_create\w*|tracing_(?:open|read|buffers|splice|set|resize|snapshot|entries|cpumask|clock|trace_options)\w*|s?_?trace_open_pipe|tracefs_\w+|eventfs_\w+|event_(?:enable|filter|trigger)_(?:write|open)\w*|system_enable_write|ftrace_(?:event|regex|filter|notrace|graph|enable|set)_\w+|alloc_snapshot\w*)$/;

/** Whether a task is of a program that records traces. */
export const isRecorderTask = (comm: string): boolean => RECORDER_TASKS.test(comm);

/** Whether an allocation is for the recording of traces. @param frames normalised names of functions, its call site too */
export const isForRecorder = (frames: readonly string[]): boolean =>
  frames.some((frame) => RECORDER_FUNCTIONS.test(frame));
