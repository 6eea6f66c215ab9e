// One measurement in a process of its own: `node in-process.mjs read|replay|inflate FILE`. Prints what it found as JSON.
//
// Text is read into memory before the clock starts; a trace.dat is read from the file, which the system has in memory.
// Loading Node and the modules is not counted, compiling what runs is. `replay` measures what `tagscope report` does
// between opening the trace and printing; `inflate` only decompresses the chunks of a trace.dat.
import { fstatSync, openSync, readFileSync } from 'node:fs';
import { createDecompressors } from '../dist/cli/decompressors.js';
import { FileSource } from '../dist/cli/file-source.js';
import { FtraceTextReader } from '../dist/formats/ftrace-text/reader.js';
import { readAtOnce } from '../dist/formats/reader.js';
import { TraceDatReader } from '../dist/formats/trace-dat/reader.js';
import { defaultKernelConfig } from '../dist/kasan/kernel-config.js';
import { cpuProfile, DEFAULT_CPU } from '../dist/mte/cpu.js';
import { DEFAULT_POLICY } from '../dist/policy/built-in.js';
import { builtInPolicy } from '../dist/policy/parse.js';
import { analyze } from '../dist/result/analyze.js';

const CHUNK_BYTES = 1 << 20;

const [mode, file] = process.argv.slice(2);
const options = {
  policy: builtInPolicy(DEFAULT_POLICY),
  config: defaultKernelConfig(),
  cpu: cpuProfile(DEFAULT_CPU),
  recordedBy: { major: 7, minor: 3 },
  cmdline: '',
  command: 'bench',
  version: 'bench',
};
const isDat = file.endsWith('.dat');
const decompressors = await createDecompressors();
let inflated = 0;
/** @param {Uint8Array} data @param {number} bytes */
const zstd = (data, bytes) => {
  const start = process.hrtime.bigint();
  const content = decompressors.zstd(data, bytes);
  inflated += Number(process.hrtime.bigint() - start) / 1e9;
  return content;
};

const { size, read } = isDat ? dat() : text();
const start = process.hrtime.bigint();
const table = read();
const report = mode === 'replay' ? analyze(table, { files: [file], format: 'bench', bytes: size }, options) : undefined;
const seconds = Number(process.hrtime.bigint() - start) / 1e9;

console.log(
  JSON.stringify({
    seconds: mode === 'inflate' ? inflated : seconds,
    events: table.totalEvents,
    stacks: table.stacks.length > 0,
    totals: report?.totals,
  }),
);

function text() {
  const data = readFileSync(file);
  return {
    size: data.length,
    read() {
      const reader = new FtraceTextReader({ name: file });
      for (let at = 0; at < data.length; at += CHUNK_BYTES) reader.push(data.subarray(at, at + CHUNK_BYTES));
      return reader.finish();
    },
  };
}

function dat() {
  const descriptor = openSync(file, 'r');
  const source = new FileSource(descriptor, fstatSync(descriptor).size, file);
  // Taking the time of each chunk costs some of it, so only `inflate` does.
  const own = mode === 'inflate' ? { ...decompressors, zstd } : decompressors;
  return {
    size: source.size,
    read: () => readAtOnce(new TraceDatReader({ name: file, decompressors: own }), source),
  };
}
