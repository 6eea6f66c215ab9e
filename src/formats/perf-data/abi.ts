/**
 * Numbers of include/uapi/linux/perf_event.h and tools/lib/perf/include/perf/event.h, 7.3. They are ABI: none of them
 * has another meaning in an older version.
 */

/** `enum perf_event_type`, and from 64 on those of perf itself: the types of records that are looked at. */
export const RECORD = {
  MMAP: 1,
  LOST: 2,
  COMM: 3,
  FORK: 7,
  SAMPLE: 9,
  MMAP2: 10,
  LOST_SAMPLES: 13,
  HEADER_ATTR: 64,
  HEADER_TRACING_DATA: 66,
  FINISHED_ROUND: 68,
  AUXTRACE: 71,
  HEADER_FEATURE: 80,
  COMPRESSED: 81,
  COMPRESSED2: 83,
  SIMPLEPERF_KERNEL_SYMBOL: 0x8001,
  SIMPLEPERF_TRACING_DATA: 0x8009,
} as const;

/** Names of all types, by number from 1 and from 64 on: those of the kernel up to 7.3, and those of perf. */
const KERNEL_RECORDS = `MMAP LOST COMM EXIT THROTTLE UNTHROTTLE FORK READ SAMPLE MMAP2 AUX ITRACE_START LOST_SAMPLES
SWITCH SWITCH_CPU_WIDE NAMESPACES KSYMBOL BPF_EVENT CGROUP TEXT_POKE AUX_OUTPUT_HW_ID CALLCHAIN_DEFERRED`.split(/\s/);
const PERF_RECORDS = `HEADER_ATTR HEADER_EVENT_TYPE HEADER_TRACING_DATA HEADER_BUILD_ID FINISHED_ROUND ID_INDEX
AUXTRACE_INFO AUXTRACE AUXTRACE_ERROR THREAD_MAP CPU_MAP STAT_CONFIG STAT STAT_ROUND EVENT_UPDATE TIME_CONV
HEADER_FEATURE COMPRESSED FINISHED_INIT COMPRESSED2`.split(/\s/);

/** Types that simpleperf has of its own (simpleperf/record.h of Android, enum user_record_type). */
const FIRST_SIMPLEPERF_RECORD = 0x8000;
const LAST_SIMPLEPERF_RECORD = 0x80ff;

export const isSimpleperfRecord = (type: number): boolean =>
  type >= FIRST_SIMPLEPERF_RECORD && type <= LAST_SIMPLEPERF_RECORD;

/** Types that perf has: some of the last ones are newer than the names above. */
const LAST_PERF_RECORD = 90;

export const isRecordType = (type: number): boolean =>
  (type > 0 && type <= KERNEL_RECORDS.length) ||
  (type >= RECORD.HEADER_ATTR && type <= LAST_PERF_RECORD) ||
  isSimpleperfRecord(type);

/** The name of a type of record, without PERF_RECORD_. */
export const recordName = (type: number): string =>
  (type < RECORD.HEADER_ATTR ? KERNEL_RECORDS[type - 1] : PERF_RECORDS[type - RECORD.HEADER_ATTR]) ?? `type ${type}`;

/** `struct perf_event_header`: type, misc, size. */
export const RECORD_HEADER_BYTES = 8;

/** `misc` of a LOST_SAMPLES record about samples that a filter of perf took out: nothing was lost. */
export const MISC_LOST_SAMPLES_BPF = 1 << 15;

/** `enum perf_event_sample_format`: bits of `sample_type` that are looked at. */
export const SAMPLE = {
  IP: 1 << 0,
  TID: 1 << 1,
  TIME: 1 << 2,
  ADDR: 1 << 3,
  READ: 1 << 4,
  CALLCHAIN: 1 << 5,
  ID: 1 << 6,
  CPU: 1 << 7,
  PERIOD: 1 << 8,
  STREAM_ID: 1 << 9,
  RAW: 1 << 10,
  IDENTIFIER: 1 << 16,
} as const;

/** `enum perf_event_read_format`. */
export const READ_FORMAT = {
  TOTAL_TIME_ENABLED: 1 << 0,
  TOTAL_TIME_RUNNING: 1 << 1,
  ID: 1 << 2,
  GROUP: 1 << 3,
  LOST: 1 << 4,
} as const;

/** `enum perf_type_id`. */
export const PERF_TYPE_TRACEPOINT = 2;

/** `enum perf_callchain_context`: what the addresses after it in a callchain belong to; all are above −4096. */
export const CONTEXT_KERNEL = -128;
export const CONTEXT_MAX = -4095;

/** `HEADER_…` of tools/perf/util/header.h: numbers of the sections that are looked at. */
export const FEATURE = {
  TRACING_DATA: 1,
  OSRELEASE: 4,
  VERSION: 5,
  ARCH: 6,
  EVENT_DESC: 12,
  DIR_FORMAT: 24,
} as const;

/** Numbers of features are below this. */
export const MAX_FEATURES = 256;
