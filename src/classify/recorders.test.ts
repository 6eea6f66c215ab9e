import { expect, test } from 'vitest';
import { isForRecorder, isRecorderTask } from './recorders.ts';

test.each(['trace-cmd', 'perf', 'traced_probes', 'perfetto', 'simpleperf', 'bpftrace', 'lttng-consumerd'])(
  'the task %s records',
  (comm) => expect(isRecorderTask(comm)).toBe(true),
);

test.each(['perfbench', 'tracer', 'cc1', 'bash', ''])('the task %j does not', (comm) =>
  expect(isRecorderTask(comm)).toBe(false),
);

// kernel/events/core.c: perf_event_alloc; inherited at fork by perf_event_init_task. kernel/trace: rb_allocate_cpu_buffer,
// tracing_buffers_open, ring_buffer_resize. fs/tracefs: eventfs_root_lookup.
test.each([
  [['kmem_cache_alloc_node', 'perf_event_alloc', '__do_sys_perf_event_open']],
  [['perf_event_alloc', 'inherit_event', 'perf_event_init_task', 'copy_process']],
  [['alloc_pages', 'rb_allocate_cpu_buffer', '__ring_buffer_alloc']],
  [['__kmalloc', 'tracing_buffers_open', 'do_dentry_open']],
  [['__alloc_pages', 'ring_buffer_resize', 'tracing_entries_write']],
  [['d_alloc', 'eventfs_root_lookup']],
])('%j is for the recorder', (frames) => expect(isForRecorder(frames)).toBe(true));

// A tracepoint's own functions are the innermost frames of every stack that ftrace and perf record.
test.each([
  [['trace_event_raw_event_kmem_cache_alloc', '__traceiter_kmem_cache_alloc', 'kmem_cache_alloc', 'getname_flags']],
  [['perf_trace_kmalloc', 'perf_trace_run_bpf_submit', 'perf_tp_event', '__kmalloc', 'load_elf_binary']],
  [['trace_event_buffer_lock_reserve', 'kmem_cache_alloc', 'copy_process']],
  [['ptrace_attach', 'alloc_task_struct_node']],
  [[]],
])('%j is not', (frames) => expect(isForRecorder(frames)).toBe(false));
