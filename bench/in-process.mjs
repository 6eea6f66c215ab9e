// One measurement in a process of its own: `node in-process.mjs read|replay|inflate|threads FORMAT FILE [SYMBOLS]`. Prints
// what it found as JSON.
//
// Text is read into memory before the clock starts; a binary file is read from the file, which the system has in memory.
// Loading Node and the modules is not counted, compiling what runs is. `replay` measures what `tagscope report` does
// between opening the trace and printing; `inflate` only decompresses the chunks of a trace.dat. `threads` reads text from
// the file as the command does, with a thread for each core, and starting these is counted.
import { fstatSync, openSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createDecompressors } from '../dist/cli/decompressors.js';
import { FileSource } from '../dist/cli/file-source.js';
import { readInParts } from '../dist/cli/read-parts.js';
import { ZstdStream } from '../dist/open/zstd-stream.js';
import { ArrowReader } from '../dist/formats/arrow/reader.js';
import { FtraceTextReader } from '../dist/formats/ftrace-text/reader.js';
import { PerfDataReader } from '../dist/formats/perf-data/reader.js';
import { PerfScriptReader } from '../dist/formats/perf-script/reader.js';
import { PerfettoReader } from '../dist/formats/perfetto/reader.js';
import { isStreamReader, readAtOnce } from '../dist/formats/reader.js';
import { KernelSymbols } from '../dist/formats/symbols/kallsyms.js';
import { resolveAddresses } from '../dist/formats/symbols/resolve-addresses.js';
import { TraceDatReader } from '../dist/formats/trace-dat/reader.js';
import { defaultKernelConfig } from '../dist/kasan/kernel-config.js';
import { cpuProfile, DEFAULT_CPU } from '../dist/mte/cpu.js';
import { DEFAULT_POLICY } from '../dist/policy/built-in.js';
import { builtInPolicy } from '../dist/policy/named.js';
import { analyze } from '../dist/result/analyze.js';

const CHUNK_BYTES = 1 << 20;

const [mode, format, file, symbolFile] = process.argv.slice(2);
const options = {
  policy: builtInPolicy(DEFAULT_POLICY),
  config: defaultKernelConfig(),
  cpu: cpuProfile(DEFAULT_CPU),
  recordedBy: { major: 7, minor: 3 },
  cmdline: '',
  command: 'bench',
  version: 'bench',
};
const symbols = symbolFile === undefined ? undefined : new KernelSymbols(readFileSync(symbolFile));
const decompressors = await createDecompressors();
let inflated = 0;
/** @param {Uint8Array} data @param {number} bytes */
const zstd = (data, bytes) => {
  const start = process.hrtime.bigint();
  const content = decompressors.zstd(data, bytes);
  inflated += Number(process.hrtime.bigint() - start) / 1e9;
  return content;
};
// Taking the time of each chunk costs some of it, so only `inflate` does.
const own = mode === 'inflate' ? { ...decompressors, zstd } : decompressors;

/** @type {Record<string, () => import('../src/formats/reader.ts').TraceReader>} */
const READERS = {
  'ftrace-text': () => new FtraceTextReader({ name: file }),
  'perf-script': () => new PerfScriptReader({ name: file }),
  'perf-data': () =>
    new PerfDataReader({ name: file, zstdStream: () => new ZstdStream(), keepAddresses: symbols !== undefined }),
  perfetto: () => new PerfettoReader({ name: file, decompressors }),
  arrow: () => new ArrowReader({ name: file }),
  'trace-dat': () => new TraceDatReader({ name: file, decompressors: own }),
};

const made = READERS[format]();
const { size, read } = mode === 'threads' ? threads() : isStreamReader(made) ? stream(made) : randomAccess(made);
const start = process.hrtime.bigint();
const asRead = await read();
const table = symbols === undefined ? asRead : resolveAddresses(asRead, symbols).table;
const report = mode === 'replay' ? analyze(table, { files: [file], format, bytes: size }, options) : undefined;
const seconds = Number(process.hrtime.bigint() - start) / 1e9;

console.log(
  JSON.stringify({
    seconds: mode === 'inflate' ? inflated : seconds,
    events: table.totalEvents,
    stacks: table.stacks.length > 0,
    totals: report?.totals,
  }),
);

function threads() {
  const descriptor = openSync(file, 'r');
  const source = new FileSource(descriptor, fstatSync(descriptor).size, file);
  /** @type {import('../src/open/text-readers.ts').TextFormat} */
  const text = format === 'perf-script' ? 'perf script text' : 'ftrace text';
  const head = source.read(0, Math.min(source.size, 1 << 16));
  const of = { format: text, options: { name: file }, head, source, advance: () => {} };
  return {
    size: source.size,
    read: async () => (await readInParts(file, of, availableParallelism())).table,
  };
}

/** @param {import('../src/formats/reader.ts').StreamReader} reader */
function stream(reader) {
  const data = readFileSync(file);
  return {
    size: data.length,
    read() {
      for (let at = 0; at < data.length; at += CHUNK_BYTES) reader.push(data.subarray(at, at + CHUNK_BYTES));
      return reader.finish();
    },
  };
}

/** @param {import('../src/formats/reader.ts').RandomAccessReader} reader */
function randomAccess(reader) {
  const descriptor = openSync(file, 'r');
  const source = new FileSource(descriptor, fstatSync(descriptor).size, file);
  return { size: source.size, read: () => readAtOnce(reader, source) };
}
