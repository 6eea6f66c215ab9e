// One measurement in a process of its own: `node in-process.mjs read|replay FILE`. Prints what it found as JSON.
//
// The file is read into memory before the clock starts; loading Node and the modules is not counted, compiling what
// runs is. `replay` measures what `tagscope report` does between opening the trace and printing.
import { readFileSync } from 'node:fs';
import { FtraceTextReader } from '../dist/formats/ftrace-text/reader.js';
import { defaultKernelConfig } from '../dist/kasan/kernel-config.js';
import { cpuProfile, DEFAULT_CPU } from '../dist/mte/cpu.js';
import { DEFAULT_POLICY } from '../dist/policy/built-in.js';
import { builtInPolicy } from '../dist/policy/parse.js';
import { analyze } from '../dist/result/analyze.js';

const CHUNK_BYTES = 1 << 20;

const [mode, file] = process.argv.slice(2);
const data = readFileSync(file);
const options = {
  policy: builtInPolicy(DEFAULT_POLICY),
  config: defaultKernelConfig(),
  cpu: cpuProfile(DEFAULT_CPU),
  recordedBy: { major: 7, minor: 3 },
  cmdline: '',
  command: 'bench',
  version: 'bench',
};

const start = process.hrtime.bigint();
const reader = new FtraceTextReader({ name: file });
for (let at = 0; at < data.length; at += CHUNK_BYTES) reader.push(data.subarray(at, at + CHUNK_BYTES));
const table = reader.finish();
const report =
  mode === 'replay' ? analyze(table, { files: [file], format: 'ftrace text', bytes: data.length }, options) : undefined;
const seconds = Number(process.hrtime.bigint() - start) / 1e9;

console.log(JSON.stringify({ seconds, events: table.totalEvents, totals: report?.totals }));
