/** Fields of FtraceEventBundle, as tags (protos/perfetto/trace/ftrace/ftrace_event_bundle.proto). */
export const BUNDLE = {
  cpu: 0x08,
  event: 0x12,
  lostEvents: 0x18,
  compactSched: 0x22,
  clock: 0x28,
  error: 0x42,
  descriptor: 0x5a,
} as const;

/** Fields of FtraceEvent that are not events, as tags (protos/perfetto/trace/ftrace/ftrace_event.proto). */
export const EVENT_HEAD = { timestamp: 0x08, pid: 0x10 } as const;
