// Measures tagscope beside its peers: npm run bench -- --help. What the figures mean: docs/benchmarks.md.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ALL_CORES, endAll, gain, inTurn, installed, peakMeter, pinning, run } from './measure.mjs';
import { measureModel } from './model.mjs';
import { measurePerf } from './perf.mjs';
import { asText } from './print.mjs';
import { madePerfetto } from './perfetto.mjs';
import { madeDats } from './trace-dat.mjs';
import { givenTrace, madeTraces } from './traces.mjs';

const HELP = `Usage: npm run bench -- [options]

  --mb <n>            size of each trace that is made, in MB (default: 400)
  --runs <n>          runs of each command that are counted (default: 5)
  --trace <file>      measure on this text trace (or .gz, .zst) instead; may be given several times
  --dat <file>        measure on this trace.dat instead of made ones; may be given several times
  --perfetto <file>   measure on this uncompressed Perfetto trace instead of a made one
  --perf-data <file>  measure on this perf.data instead of one that is made
  --only <part>       measure only text, dat, perfetto, perf, model or start-up; may be given several times
  --long              the threads of the cover letter too: 4 million twice, some minutes
  --json              print everything as JSON: npm run --silent bench -- --json
`;

const PARTS = ['text', 'dat', 'perfetto', 'perf', 'model', 'start-up'];
const START_UPS = 15;
const START_UP_TARGET = 2.5;
/** MB/s of reader and replay. */
const TARGET = { withStacks: 200, withoutStacks: 300 };
/** MB/s of the reader alone. */
const PERFETTO_TARGET = 250;
const PEAK_BASE = 250e6;
const PEAK_PER_EVENT = 48;
/** Below this the start of a program is a good part of its time. */
const SMALL_BYTES = 20e6;
const BUSY = 0.5;

const path = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url));
const NODE = process.execPath;
const MAIN = path('../dist/cli/main.js');
/** @param {string} file @param {string} [symbols] */
const report = (file, symbols) => [
  ...[NODE, MAIN, 'report', file, '--json', '-q'],
  ...(symbols === undefined ? [] : ['--symbols', symbols]),
];

/** @param {string} mode @param {string} format @param {string} file @param {string} [symbols] */
const inProcessWords = (mode, format, file, symbols) => [
  ...[NODE, path('in-process.mjs'), mode, format, file],
  ...(symbols === undefined ? [] : [symbols]),
];

const METHOD = [
  'MB = 10^6 bytes. Time from start to exit of a process, except where it says "in process": there the text is in',
  'memory before the clock starts and is given in pieces of 1 MiB; each run is a new process, so compiling counts.',
  'A column "/ peer" is the median time divided by that of the peer. Commands take turns; one round of warm-up.',
];

const values = commandLine();
const megabytes = Number(values.mb);
const runs = Number(values.runs);

if (values.help) {
  process.stdout.write(HELP);
} else if (!(megabytes > 0 && Number.isInteger(runs) && runs > 0)) {
  wrong('--mb and --runs are numbers above 0');
} else if (values.only.some((part) => !PARTS.includes(part))) {
  wrong(`--only is one of ${PARTS.join(', ')}`);
} else if (!existsSync(MAIN)) {
  say('There is no dist/cli/main.js: run `npm run build` first.');
  process.exitCode = 1;
} else {
  const folder = mkdtempSync(join(tmpdir(), 'tagscope-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  for (const [signal, code] of /** @type {const} */ ([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])) {
    process.on(signal, () => {
      endAll();
      remove();
      process.exit(code);
    });
  }
  try {
    const result = await measureAll(folder);
    process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : asText(result));
  } catch (error) {
    say(`bench: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  } finally {
    remove();
  }
}

function commandLine() {
  try {
    return parseArgs({
      options: {
        mb: { type: 'string', default: '400' },
        runs: { type: 'string', default: '5' },
        trace: { type: 'string', multiple: true, default: [] },
        dat: { type: 'string', multiple: true, default: [] },
        perfetto: { type: 'string' },
        'perf-data': { type: 'string' },
        only: { type: 'string', multiple: true, default: [] },
        long: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    wrong(error instanceof Error ? error.message : String(error));
    process.exit();
  }
}

/** Ends with a usage error. @param {string} text */
function wrong(text) {
  process.stderr.write(`bench: ${text}\n\n${HELP}`);
  process.exitCode = 2;
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`${text}\n`);
}

/** @param {string} folder */
async function measureAll(folder) {
  /** @type {string[]} */
  const notes = [];
  const loadBefore = loadavg()[0];
  if (loadBefore > BUSY)
    notes.push(`The machine was busy (load ${loadBefore.toFixed(2)}): do not quote these figures.`);
  const { core, words: pin } = await pinning();
  if (core === undefined) notes.push('taskset is not there: the commands were not kept on one core.');

  const given = values.trace.length > 0 || values.dat.length > 0;
  const traces = [];
  if (wants('text', values.trace.length > 0 || values.dat.length === 0)) {
    say('making traces');
    const files =
      values.trace.length > 0 ? values.trace.map((file) => givenTrace(file, folder)) : madeTraces(megabytes, folder);
    for (const file of files) traces.push(await measureTrace(file, folder, pin, notes));
  }
  const dats = wants('dat', values.trace.length === 0 || values.dat.length > 0)
    ? await measureDats(folder, pin, notes)
    : [];
  const perfetto = wants('perfetto', !given || values.perfetto !== undefined)
    ? await measurePerfetto(folder, pin, notes)
    : null;
  const perf = wants('perf', !given || values['perf-data'] !== undefined)
    ? await measurePerf({
        ...{ file: values['perf-data'], megabytes, runs, folder, pin, notes },
        ...{ say, row, report, inProcess: inProcessWords },
      })
    : null;
  const model = wants('model', !given) ? await measureModel({ runs, long: values.long, pin, say }) : null;
  const startUp = wants('start-up', true) ? await measureStartUp(pin) : null;
  return {
    schema: 'tagscope.bench',
    version: 1,
    machine: {
      cpu: cpus()[0]?.model.trim() || process.arch,
      platform: `${process.platform} ${release()} ${process.arch}`,
      node: process.version,
      cores: availableParallelism(),
      core: core ?? null,
      loadBefore,
      loadAfter: loadavg()[0],
    },
    method: METHOD,
    traces,
    dats,
    perfetto,
    perf,
    model,
    startUp,
    notes: [...new Set(notes)],
  };
}

/**
 * Whether a part is measured.
 *
 * @param {string} part
 * @param {boolean} fits what is measured unless told otherwise
 */
function wants(part, fits) {
  return values.only.length === 0 ? fits : values.only.includes(part);
}

/**
 * A timing as it is printed: rates, and ratios to peers by median.
 *
 * @param {import('./measure.mjs').Timing} timing
 * @param {{ bytes?: number, events?: number, peers?: readonly import('./measure.mjs').Timing[], target?: number }} of
 */
function row({ name, seconds, min, median, max }, { bytes, events, peers = [], target }) {
  return {
    name,
    seconds,
    min,
    median,
    max,
    megabytesPerSecond: bytes === undefined ? null : bytes / 1e6 / median,
    eventsPerSecond: events === undefined ? null : events / median,
    ratios: Object.fromEntries(
      peers.filter((peer) => peer.name !== name).map((peer) => [peer.name, median / peer.median]),
    ),
    target: target ?? null,
  };
}

/**
 * @param {import('./traces.mjs').TraceFile} trace
 * @param {string} folder
 * @param {string[]} pin
 * @param {string[]} notes
 */
async function measureTrace(trace, folder, pin, notes) {
  say(`${trace.name}: ${(trace.bytes / 1e6).toFixed(0)} MB`);
  if (trace.bytes < SMALL_BYTES) notes.push(`${trace.name} is so small that starting the programs counts.`);
  const peakFile = join(folder, 'peak');
  const meter = await peakMeter(peakFile);
  const inProcess = (/** @type {string} */ mode) => inProcessWords(mode, 'ftrace-text', trace.path);
  const ownSeconds = (/** @type {string} */ output) => JSON.parse(output).seconds;
  let peakBytes = 0;

  /** @type {import('./measure.mjs').Command[]} */
  const commands = [];
  if (await installed('wc')) commands.push({ name: 'wc -l', argv: ['wc', '-l', trace.path] });
  else notes.push('wc is not there.');
  if (await installed('cat')) commands.push({ name: 'cat', argv: ['cat', trace.path], output: 'drop' });
  else notes.push('cat is not there.');
  const command = {
    name: 'tagscope report --json -q',
    argv: meter.wrap(report(trace.path)),
    env: meter.env,
    after: () => {
      peakBytes = Math.max(peakBytes, Number(readFileSync(peakFile, 'utf8').trim()) * 1024);
    },
  };
  const allCores = [
    { name: ALL_CORES, argv: inProcess('threads'), seconds: ownSeconds, allCores: true },
    { ...command, name: `${command.name}, all cores`, allCores: true },
  ];
  commands.push(
    { name: 'reader, in process', argv: inProcess('read'), seconds: ownSeconds },
    ...(availableParallelism() > 1 ? allCores : []),
    { name: 'reader + replay, in process', argv: inProcess('replay'), seconds: ownSeconds },
    command,
  );
  const timings = await inTurn(commands, runs, pin, (text) => say(`  ${text}`));

  const [replayed, reported] = timings.slice(-2).map(({ output }) => JSON.parse(output));
  requireEqual(trace.name, reported.events.total, replayed.events, 'events');
  requireEqual(trace.name, JSON.stringify(reported.totals), JSON.stringify(replayed.totals), 'totals');
  const events = reported.events.total;
  const stacks = reported.kernel.stacks;
  const peers = timings.filter(({ name }) => name === 'wc -l' || name === 'cat');
  const { samples: _, unknownFlagNames: __, ...losses } = reported.losses;
  return {
    name: trace.name,
    made: trace.made,
    bytes: trace.bytes,
    lines: countLines(trace.path),
    events,
    stacks,
    rows: timings.map((timing) => {
      const target = stacks ? TARGET.withStacks : TARGET.withoutStacks;
      return row(timing, {
        bytes: trace.bytes,
        events,
        peers,
        ...(timing.name.startsWith('reader + replay') ? { target } : {}),
      });
    }),
    allCores: gain(timings),
    peak: { bytes: peakBytes, bound: PEAK_BASE + PEAK_PER_EVENT * events },
    losses,
  };
}

/** @param {string} file */
function countLines(file) {
  const data = readFileSync(file);
  let lines = 0;
  for (let at = data.indexOf(10); at >= 0; at = data.indexOf(10, at + 1)) lines++;
  return lines;
}

/**
 * What is measured must be the same work.
 *
 * @param {string} name
 * @param {unknown} a
 * @param {unknown} b
 * @param {string} what
 */
function requireEqual(name, a, b, what) {
  if (a !== b) throw new Error(`${name}: tagscope report and the measurement in process differ in their ${what}`);
}

/** @param {string} folder @param {string[]} pin @param {string[]} notes */
async function measureDats(folder, pin, notes) {
  const hasTraceCmd = await installed('trace-cmd');
  if (!hasTraceCmd) notes.push('trace-cmd report was left out: trace-cmd is not installed.');
  /** @type {import('./trace-dat.mjs').DatFile[]} */
  const files = [];
  for (const given of values.dat) {
    files.push({ name: `trace.dat ${basename(given)}`, path: given, bytes: statSync(given).size, made: 'as given' });
  }
  if (files.length === 0) {
    for (const file of madeDats(megabytes, folder)) {
      files.push(file);
      if (!hasTraceCmd) continue;
      // What trace-cmd writes if nothing else is said: version 7, compressed with zstd.
      const compressed = file.path.replace('.v6.', '.v7-zstd.');
      const words = ['trace-cmd', 'convert', '-i', file.path, '-o', compressed, '--compression', 'zstd'];
      const converted = await run(words, { output: 'drop' }).then(
        () => true,
        () => false,
      );
      if (converted) {
        const made = `${file.made}; turned into version 7 (zstd) by trace-cmd convert`;
        files.push({ name: `${file.name}, zstd`, path: compressed, bytes: statSync(compressed).size, made });
      } else {
        notes.push('trace.dat with zstd was left out: trace-cmd convert could not make it.');
      }
    }
  }
  const dats = [];
  for (const file of files) dats.push(await measureDat(file, hasTraceCmd, folder, pin, notes));
  return dats;
}

/**
 * @param {import('./trace-dat.mjs').DatFile} file
 * @param {boolean} hasTraceCmd
 * @param {string} folder
 * @param {string[]} pin
 * @param {string[]} notes
 */
async function measureDat(file, hasTraceCmd, folder, pin, notes) {
  say(`${file.name}: ${(file.bytes / 1e6).toFixed(0)} MB`);
  if (file.bytes < SMALL_BYTES && !file.name.endsWith('zstd')) {
    notes.push(`${file.name} is so small that starting the programs counts.`);
  }
  const peakFile = join(folder, 'peak');
  const meter = await peakMeter(peakFile);
  const inProcess = (/** @type {string} */ mode) => inProcessWords(mode, 'trace-dat', file.path);
  const ownSeconds = (/** @type {string} */ output) => JSON.parse(output).seconds;
  let peakBytes = 0;
  /** @type {import('./measure.mjs').Command[]} */
  const commands = [];
  if (await installed('cat')) commands.push({ name: 'cat', argv: ['cat', file.path], output: 'drop' });
  if (file.name.endsWith('zstd')) {
    commands.push({ name: 'decompression alone, in process', argv: inProcess('inflate'), seconds: ownSeconds });
  }
  if (hasTraceCmd)
    commands.push({ name: 'trace-cmd report', argv: ['trace-cmd', 'report', file.path], output: 'drop' });
  commands.push(
    { name: 'reader, in process', argv: inProcess('read'), seconds: ownSeconds },
    { name: 'reader + replay, in process', argv: inProcess('replay'), seconds: ownSeconds },
    {
      name: 'tagscope report --json -q',
      argv: meter.wrap(report(file.path)),
      env: meter.env,
      after: () => {
        peakBytes = Math.max(peakBytes, Number(readFileSync(peakFile, 'utf8').trim()) * 1024);
      },
    },
  );
  const timings = await inTurn(commands, runs, pin, (round) => say(`  ${round}`));
  const [replayed, reported] = timings.slice(-2).map(({ output }) => JSON.parse(output));
  requireEqual(file.name, reported.events.total, replayed.events, 'events');
  requireEqual(file.name, JSON.stringify(reported.totals), JSON.stringify(replayed.totals), 'totals');
  const events = reported.events.total;
  const peers = timings.filter(({ name }) => name === 'trace-cmd report' || name === 'cat');
  const own = timings.findIndex(({ name }) => name === 'reader, in process');
  return {
    name: file.name,
    made: file.made,
    bytes: file.bytes,
    events,
    stacks: replayed.stacks,
    rows: timings.map((timing, index) => row(timing, { bytes: file.bytes, ...(index < own ? {} : { events }), peers })),
    peak: { bytes: peakBytes, bound: PEAK_BASE + PEAK_PER_EVENT * events },
  };
}

/**
 * A Perfetto trace, and what `tagscope convert` makes of it.
 *
 * @param {string} folder @param {string[]} pin @param {string[]} notes
 */
async function measurePerfetto(folder, pin, notes) {
  const given = values.perfetto;
  const file =
    given === undefined
      ? madePerfetto(megabytes, folder)
      : { name: `Perfetto ${basename(given)}`, path: given, bytes: statSync(given).size, made: 'as given' };
  say(`${file.name}: ${(file.bytes / 1e6).toFixed(0)} MB`);
  if (file.bytes < SMALL_BYTES) notes.push(`${file.name} is so small that starting the programs counts.`);
  const converted = join(folder, 'converted.arrow');
  const convert = [NODE, MAIN, 'convert', file.path, converted, '--force', '-q'];
  await run(convert);
  const peakFile = join(folder, 'peak');
  const meter = await peakMeter(peakFile);
  const ownSeconds = (/** @type {string} */ output) => JSON.parse(output).seconds;
  const inProcess = (/** @type {string} */ mode, /** @type {string} */ format, /** @type {string} */ of) => [
    NODE,
    path('in-process.mjs'),
    mode,
    format,
    of,
  ];
  /** @type {Record<string, number>} */
  const peaks = { trace: 0, converted: 0 };
  const after = (/** @type {string} */ of) => () => {
    peaks[of] = Math.max(peaks[of], Number(readFileSync(peakFile, 'utf8').trim()) * 1024);
  };
  /** @type {(import('./measure.mjs').Command & { bytes: number, target?: number })[]} */
  const commands = [];
  const bytes = file.bytes;
  const convertedBytes = statSync(converted).size;
  const hasCat = await installed('cat');
  if (hasCat) commands.push({ name: 'cat', argv: ['cat', file.path], output: 'drop', bytes });
  commands.push(
    {
      name: 'reader, in process',
      argv: inProcess('read', 'perfetto', file.path),
      seconds: ownSeconds,
      bytes,
      target: PERFETTO_TARGET,
    },
    {
      name: 'reader + replay, in process',
      argv: inProcess('replay', 'perfetto', file.path),
      seconds: ownSeconds,
      bytes,
    },
    {
      name: 'tagscope report --json -q',
      argv: meter.wrap(report(file.path)),
      env: meter.env,
      after: after('trace'),
      bytes,
    },
    { name: 'tagscope convert', argv: convert, bytes },
  );
  if (hasCat)
    commands.push({ name: 'cat, converted', argv: ['cat', converted], output: 'drop', bytes: convertedBytes });
  commands.push(
    {
      name: 'reader, in process, converted',
      argv: inProcess('read', 'arrow', converted),
      seconds: ownSeconds,
      bytes: convertedBytes,
    },
    {
      name: 'tagscope report --json -q, converted',
      argv: meter.wrap(report(converted)),
      env: meter.env,
      after: after('converted'),
      bytes: convertedBytes,
    },
  );
  const timings = await inTurn(commands, runs, pin, (round) => say(`  ${round}`));
  const reportOf = (/** @type {string} */ name) =>
    JSON.parse(timings.find((timing) => timing.name === name)?.output ?? '{}');
  const fromTrace = reportOf('tagscope report --json -q');
  const fromConverted = reportOf('tagscope report --json -q, converted');
  requireEqual(file.name, JSON.stringify(fromTrace.totals), JSON.stringify(fromConverted.totals), 'totals, converted');
  const events = fromTrace.events.total;
  const peers = timings.filter(({ name }) => name === 'cat' || name === 'reader, in process');
  return {
    name: file.name,
    made: file.made,
    bytes,
    convertedBytes,
    events,
    rows: timings.map((timing, index) => {
      const { bytes: of, target } = commands[index];
      const isReading = !timing.name.startsWith('cat');
      return row(timing, {
        bytes: of,
        ...(isReading ? { events } : {}),
        peers,
        ...(target === undefined ? {} : { target }),
      });
    }),
    peaks,
    bound: PEAK_BASE + PEAK_PER_EVENT * events,
  };
}

/** @param {string[]} pin */
async function measureStartUp(pin) {
  say('start-up');
  const timings = await inTurn(
    [
      { name: 'node -e 0', argv: [NODE, '-e', '0'] },
      { name: 'tagscope --version', argv: [NODE, MAIN, '--version'] },
    ],
    START_UPS,
    pin,
    () => {},
  );
  return { target: START_UP_TARGET, rows: timings.map((timing) => row(timing, { peers: timings.slice(0, 1) })) };
}
