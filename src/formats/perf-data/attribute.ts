import { PERF_TYPE_TRACEPOINT } from './abi.ts';

/** What is used of a `struct perf_event_attr`: how one event of the recording was opened. */
export interface Attribute {
  readonly tracepoint: boolean;
  readonly type: number;
  /** Lower half of the configuration: of a tracepoint its number. */
  readonly config: number;
  /** Bits below 32; there are none above that matter for finding the fields that are used. */
  readonly sampleType: number;
  readonly readFormat: number;
  /** Records other than samples end with fields of a sample. */
  readonly sampleIdAll: boolean;
  /** The clock of the time stamps, as tracefs calls it; '' for one that it does not have. */
  readonly clock: string;
  /** Numbers that samples may name the event by. */
  readonly ids: readonly number[];
}

/** `PERF_ATTR_SIZE_VER0`, and more than any version has. */
export const MIN_ATTR_BYTES = 64;
export const MAX_ATTR_BYTES = 4096;

/** `sample_id_all` among the flags. */
const SAMPLE_ID_ALL = 1 << 18;

/** `use_clockid`, in the same word, and the clocks that `clockid` may then name (include/uapi/linux/time.h). */
const USE_CLOCKID = 1 << 25;
const CLOCKID_AT = 92;
const CLOCKS: ReadonlyMap<number, string> = new Map([
  [1, 'mono'],
  [4, 'mono_raw'],
  [7, 'boot'],
  [11, 'tai'],
]);

/** Reads an attribute of at least `MIN_ATTR_BYTES` bytes at `at`. */
export function decodeAttribute(view: DataView, at: number, ids: readonly number[]): Attribute {
  const type = view.getUint32(at, true);
  return {
    tracepoint: type === PERF_TYPE_TRACEPOINT,
    type,
    config: view.getUint32(at + 8, true),
    sampleType: view.getInt32(at + 24, true),
    readFormat: view.getInt32(at + 32, true),
    sampleIdAll: (view.getInt32(at + 40, true) & SAMPLE_ID_ALL) !== 0,
    clock: clockOf(view, at),
    ids,
  };
}

function clockOf(view: DataView, at: number): string {
  if ((view.getInt32(at + 40, true) & USE_CLOCKID) === 0) return 'perf';
  const end = at + CLOCKID_AT + 4;
  const isThere = view.getUint32(at + 4, true) >= CLOCKID_AT + 4 && end <= view.byteLength;
  return isThere ? (CLOCKS.get(view.getInt32(end - 4, true)) ?? '') : '';
}
