import { READ_FORMAT, SAMPLE } from './abi.ts';
import type { Attribute } from './attribute.ts';

/** Where the fields of one kind of sample are: offsets from the end of the record's header, −1 for fields it lacks. */
export interface SampleLayout {
  readonly tid: number;
  readonly time: number;
  readonly cpu: number;
  readonly period: number;
  /** The number of the event. */
  readonly id: number;
  /** Where the fields of fixed size end; what follows is read one after the other. */
  readonly fixedBytes: number;
  readonly readFormat: number;
  readonly hasRead: boolean;
  readonly hasCallchain: boolean;
  readonly hasRaw: boolean;
  /** How far from the end of records that are no samples the time is, −1 if they have none. */
  readonly timeFromEnd: number;
}

/** Fields of eight bytes, in the order in which samples have them (kernel/events/core.c:perf_output_sample). */
const FIXED = [
  SAMPLE.IDENTIFIER,
  SAMPLE.IP,
  SAMPLE.TID,
  SAMPLE.TIME,
  SAMPLE.ADDR,
  SAMPLE.ID,
  SAMPLE.STREAM_ID,
  SAMPLE.CPU,
  SAMPLE.PERIOD,
];
/** And in which other records have them at their end (perf_event__output_id_sample). */
const TRAILING = [SAMPLE.TID, SAMPLE.TIME, SAMPLE.ID, SAMPLE.STREAM_ID, SAMPLE.CPU, SAMPLE.IDENTIFIER];

export function layOut({ sampleType, readFormat, sampleIdAll }: Attribute): SampleLayout {
  const offsets = new Map<number, number>();
  for (const field of FIXED) if ((sampleType & field) !== 0) offsets.set(field, offsets.size * 8);
  const offset = (field: number): number => offsets.get(field) ?? -1;
  const trailing = TRAILING.filter((field) => (sampleType & field) !== 0);
  const time = trailing.indexOf(SAMPLE.TIME);
  return {
    tid: offset(SAMPLE.TID) < 0 ? -1 : offset(SAMPLE.TID) + 4,
    time: offset(SAMPLE.TIME),
    cpu: offset(SAMPLE.CPU),
    period: offset(SAMPLE.PERIOD),
    id: offset(SAMPLE.IDENTIFIER) >= 0 ? 0 : offset(SAMPLE.ID),
    fixedBytes: offsets.size * 8,
    readFormat,
    hasRead: (sampleType & SAMPLE.READ) !== 0,
    hasCallchain: (sampleType & SAMPLE.CALLCHAIN) !== 0,
    hasRaw: (sampleType & SAMPLE.RAW) !== 0,
    timeFromEnd: sampleIdAll && time >= 0 ? (trailing.length - time) * 8 : -1,
  };
}

/** Where the values of counters that begin at `at` end; beyond `end` if they are cut short. */
export function endOfRead(view: DataView, at: number, end: number, format: number): number {
  const one = 8 + ((format & READ_FORMAT.ID) === 0 ? 0 : 8) + ((format & READ_FORMAT.LOST) === 0 ? 0 : 8);
  const times =
    ((format & READ_FORMAT.TOTAL_TIME_ENABLED) === 0 ? 0 : 8) +
    ((format & READ_FORMAT.TOTAL_TIME_RUNNING) === 0 ? 0 : 8);
  if ((format & READ_FORMAT.GROUP) === 0) return at + times + one;
  if (at + 8 > end) return end + 1;
  const events = view.getUint32(at, true);
  return view.getUint32(at + 4, true) === 0 ? at + 8 + times + events * one : end + 1;
}
