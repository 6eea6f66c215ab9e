import { InputError, quoted } from '../base/errors.ts';
import type { ReaderOptions, TraceReader } from '../formats/reader.ts';
import { isPerfettoTrace } from '../formats/perfetto/recognise.ts';
import { isRingBuffer } from '../formats/trace-dat/recognise-pages.ts';
import { TRACE_CMD_RECORD } from '../trace/recorders.ts';
import { compressionOf } from './decompress.ts';
import { latin1 } from './latin1.ts';
import { displayName } from './opened-trace.ts';
import type { Platform } from './platform.ts';
import { textReaders, type TextFormat } from './text-readers.ts';

/** How many bytes `recogniseFormat` wants to see. */
export const FORMAT_HEAD_BYTES = 1 << 16;

/** Whether a file that begins like this is of a format; `text` is the head with one character for each byte. */
type Matches = (head: Uint8Array, text: string) => boolean;

/** A format that can be read. */
export interface TraceFormat {
  /** As results show it. */
  readonly name: string;
  readonly matches: Matches;
  /** The text can be read in parts, by readers of this name. */
  readonly text?: TextFormat;
  /** Makes a reader. It is loaded only then: most runs need one of them. */
  readonly open: (options: ReaderOptions, platform: Pick<Platform, 'decompressors'>) => Promise<TraceReader>;
}

/** A format that is known and not read: what it is, and how to get one that is. */
interface OtherFormat {
  readonly found: string;
  readonly matches: Matches;
  /** It has no mark of its own: what can be read is told first. */
  readonly isGuess?: boolean;
  readonly advice: (file: string) => string;
}

const begins =
  (text: string): Matches =>
  (_, head) =>
    head.startsWith(text);

const RECORD = `record with ${TRACE_CMD_RECORD} and give trace.dat, or copy the file "trace" of tracefs (/sys/kernel/tracing/trace)`;

/**
 * The formats that can be read; a new one is a row here. The first that matches is taken: text, which is told by what
 * its lines look like, comes last.
 */
const FORMATS: readonly TraceFormat[] = [
  {
    name: 'trace.dat',
    matches: begins('\x17\x08\x44tracing'),
    open: async (options, { decompressors }) => {
      const { TraceDatReader } = await import('../formats/trace-dat/reader.ts');
      return new TraceDatReader({ ...options, decompressors: await decompressors() });
    },
  },
  {
    name: 'perf.data',
    matches: (_, head) => /^(?:PERFILE2|2ELIFREP|PERFFILE)/.test(head),
    open: async (options) => {
      const { PerfDataReader } = await import('../formats/perf-data/reader.ts');
      const { ZstdStream } = await import('./zstd-stream.ts');
      return new PerfDataReader({ ...options, zstdStream: () => new ZstdStream() });
    },
  },
  {
    name: 'perf script text',
    matches: (_, head) => hasLine(head, PERF_SCRIPT_LINE),
    text: 'perf script text',
    open: async (options) => (await textReaders('perf script text'))(options),
  },
  {
    name: 'Perfetto',
    matches: (head) => isPerfettoTrace(head),
    open: async (options, { decompressors }) => {
      const { PerfettoReader } = await import('../formats/perfetto/reader.ts');
      return new PerfettoReader({ ...options, decompressors: await decompressors() });
    },
  },
  {
    name: 'events of tagscope',
    matches: begins('ARROW1\0\0'),
    open: async (options) => {
      const { ArrowReader } = await import('../formats/arrow/reader.ts');
      return new ArrowReader(options);
    },
  },
  {
    name: 'systrace page',
    matches: (_, head) => PAGE_HEAD.test(head),
    open: async (options) => {
      const { FtraceTextReader } = await import('../formats/ftrace-text/reader.ts');
      return new FtraceTextReader({ ...options, envelope: 'page' });
    },
  },
  {
    name: 'kernel log with ftrace text',
    matches: (_, head) => hasLine(head, LOG_LINE),
    open: async (options) => {
      const { FtraceTextReader } = await import('../formats/ftrace-text/reader.ts');
      return new FtraceTextReader({ ...options, envelope: 'log' });
    },
  },
  {
    name: 'ftrace text',
    matches: (_, head) => hasLine(head, FTRACE_HEAD, FTRACE_LINE, EVENT_FIELDS),
    text: 'ftrace text',
    open: async (options) => (await textReaders('ftrace text'))(options),
  },
];

const OTHER_FORMATS: readonly OtherFormat[] = [
  {
    // An archive that is a file is read; this one was compressed once more.
    found: 'a zip archive within compressed data',
    matches: begins('PK\x03\x04'),
    advice: (file) => `Decompress the archive first; then give ${file} as a zip.`,
  },
  {
    found: 'pages of the ring buffer of one CPU: trace-cmd was killed before it made a trace.dat of them',
    matches: (head) => isRingBuffer(head),
    isGuess: true,
    advice: (file) =>
      `Let trace-cmd make one, on the machine that recorded: \`trace-cmd restore -o trace.dat ${file}\`, with the files of all CPUs.`,
  },
  {
    found: 'output of `atrace -z`, which is compressed',
    matches: (_, head) => /(?:^|\n)TRACE:\r?\nx[^\n -~]/.test(head.slice(0, 4096)),
    advice: () => 'Record without -z: `adb shell atrace CATEGORIES > FILE`.',
  },
  {
    found: 'a tar archive',
    matches: (_, head) => head.startsWith('ustar', 257),
    advice: (file) => `Unpack the trace: \`tar -xOf ${file} MEMBER | tagscope report -\`.`,
  },
  {
    found: 'xz data',
    matches: begins('\xfd7zXZ\x00'),
    advice: (file) => `Decompress it: \`xz -dc ${file} | tagscope report -\`.`,
  },
  {
    found: 'bzip2 data',
    matches: (_, head) => /^BZh[1-9]1AY&SY/.test(head),
    advice: (file) => `Decompress it: \`bzip2 -dc ${file} | tagscope report -\`.`,
  },
  {
    found: 'LZ4 data',
    matches: begins('\x04\x22\x4d\x18'),
    advice: (file) => `Decompress it: \`lz4 -dc ${file} | tagscope report -\`.`,
  },
];

/** What can be read, for messages. */
const NAMES = FORMATS.map(({ name }) => name).join(', ');

/**
 * `bench   404 [000]     0.960520: kmem:mm_page_alloc: …`: blanks between command and tid, and the event's group. With
 * other fields there is no CPU or no command, and the pid or a period is there too.
 */
const PERF_SCRIPT_LINE =
  /^(?:\s*\S.*?\s)?\s*(?:\d+\/)?(?:-1|\d+)\s+(?:(?:\[\d+\]|\d+)\s+)?\d+\.\d+:\s+(?:\d+\s+)?[a-z_]\w*:[a-z_]\w*(?::|\s)/;
/**
 * `bench-404     [000] .....     0.960520: mm_page_alloc: …`; trace-cmd may leave out the flags, or the blank behind them.
 * In the latency format there are no brackets, and the time may be `35275us+:`.
 */
const FTRACE_LINE =
  /^.*-\d+\s+(?:\(\s*[\d-]+\)\s+)?(?:\[\d{1,5}\]\s*(?:[^\s\d]\S{0,8}\s*|\S{4,8}\s+)?|\d{1,5}[^\s\d]\S{2,8}\s*)\d+(?:\.\d+|us.?)?\s*:\s+(?:\([+-]\d+\)\s+)?[\w<]/;
/** A line of an event that tracefs printed in some other way: what way that is the reader says. */
const EVENT_FIELDS =
  /\b(?:kmalloc|kfree|kmem_cache_alloc|kmem_cache_free): call_site=|\bmm_page_(?:alloc|free)\w*: (?:page|pfn)=/;
const PAGE_HEAD = /^\s*(?:<!doctype html|<html)/i;
/** The log of a kernel. The dump may come much later. */
const LOG_LINE =
  /^Dumping ftrace buffer:|^(?:.{0,100} kernel: )?(?:<\d{1,3}>)?\[ {0,10}\d{1,12}\.\d{6}\](?:\[ *[CT]\d{1,10}\])? /;
const FTRACE_HEAD = /^(?:# tracer: |cpus=\d+$|version = \d+$|CPU \d+ is empty$|CPU:\d+ \[)/;

/** How much of a line is looked at: what is before the name of an event is shorter. */
const LINE_CHARACTERS = 400;

/** Whether a line of the text is like one of the patterns. Lines are short then, and so is the time that a pattern takes. */
const hasLine = (text: string, ...patterns: readonly RegExp[]): boolean =>
  text.split('\n').some((line) => {
    const start = line.slice(0, LINE_CHARACTERS).trimEnd();
    return start !== '' && patterns.some((pattern) => pattern.test(start));
  });

/**
 * Tells what an input is from its beginning, not from its name.
 *
 * @param head the first `FORMAT_HEAD_BYTES` bytes, decompressed
 * @throws InputError for what cannot be read, saying how to get something that can
 */
export function recogniseFormat(head: Uint8Array, path: string): TraceFormat {
  const text = latin1(head);
  const file = path === '-' ? 'FILE' : path;
  const other = OTHER_FORMATS.filter((format) => format.matches(head, text));
  const format = FORMATS.find(({ matches }) => matches(head, text));
  if (format !== undefined && other.every(({ isGuess }) => isGuess === true)) return format;
  if (other.length > 0) {
    throw new InputError({
      where: displayName(path),
      found: other[0].found,
      expected: NAMES,
      advice: other[0].advice(file),
    });
  }
  const line = text.split('\n').find((candidate) => candidate.trim() !== '') ?? '';
  throw new InputError({
    where: displayName(path),
    found: `something that is not a trace; it begins with ${quoted(line, 40)}`,
    expected: `${NAMES}, plain or compressed with gzip or zstd`,
    advice: `To get one, ${RECORD}.`,
  });
}

/** Whether something that begins like this is a trace that can be read, or compressed, so that it may be one. */
export function mayBeTrace(head: Uint8Array): boolean {
  if (head.length === 0) return false;
  if (compressionOf(head) !== 'none') return true;
  const text = latin1(head);
  return (
    !OTHER_FORMATS.some(({ matches, isGuess }) => isGuess !== true && matches(head, text)) &&
    FORMATS.some(({ matches }) => matches(head, text))
  );
}
