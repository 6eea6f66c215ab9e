/** What a trace says of where and how it was recorded; '' and 0 for what it does not say. */
export interface Recording {
  /** `uname -r` of the kernel. */
  readonly kernelRelease: string;
  /** `uname -m`. */
  readonly architecture: string;
  /** Bytes of a page. */
  readonly pageSize: number;
  /** The clock of the time stamps, as tracefs calls it. */
  readonly clock: string;
  /** The program that recorded it, and its version. */
  readonly recorder: string;
  /** Things that a reader of figures should know of how the trace was recorded, as sentences. */
  readonly notes: readonly string[];
}

/** Of a trace that says nothing of it. */
export const UNKNOWN_RECORDING: Recording = {
  kernelRelease: '',
  architecture: '',
  pageSize: 0,
  clock: '',
  recorder: '',
  notes: [],
};
