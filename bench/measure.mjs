// Runs programs on one core and takes their times, in turn.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';

/**
 * @typedef {object} Command Something to measure.
 * @property {string} name
 * @property {string[]} argv
 * @property {'drop' | 'keep'} [output] What becomes of its standard output; dropped ones go to /dev/null unread.
 * @property {Record<string, string>} [env]
 * @property {boolean} [allCores] Whether it may use all cores, and not one only.
 * @property {() => void} [after] Called after each run.
 * @property {(output: string) => number} [seconds] The time as the program itself took it; else from start to exit.
 */

/**
 * @typedef {object} Timing
 * @property {string} name
 * @property {number[]} seconds Of each run, in order.
 * @property {number} min
 * @property {number} median
 * @property {number} max
 * @property {string} output Of the last run.
 */

/** Programs that run now, to be ended with this one. @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** Ends what runs. */
export function endAll() {
  for (const child of running) child.kill('SIGKILL');
}

/**
 * Runs a program to its end.
 *
 * @param {string[]} argv
 * @param {{ output?: 'drop' | 'keep', to?: number, env?: Record<string, string> }} [options] `to`: a file descriptor
 */
export async function run(argv, { output = 'keep', to, env = {} } = {}) {
  const sink = to ?? (output === 'drop' ? openSync('/dev/null', 'w') : 'pipe');
  const start = process.hrtime.bigint();
  const child = spawn(argv[0], argv.slice(1), {
    stdio: ['ignore', sink, 'pipe'],
    env: { ...process.env, ...env },
  });
  running.add(child);
  /** @type {Buffer[]} */
  const pieces = [];
  let complaints = '';
  child.stdout?.on('data', (piece) => pieces.push(piece));
  child.stderr?.on('data', (piece) => (complaints = (complaints + String(piece)).slice(-2000)));
  let seconds = 0;
  child.on('exit', () => (seconds = Number(process.hrtime.bigint() - start) / 1e9));
  try {
    const status = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(code ?? signal));
    });
    if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}: ${complaints}`);
  } finally {
    running.delete(child);
    if (typeof sink === 'number' && sink !== to) closeSync(sink);
  }
  return { seconds, output: Buffer.concat(pieces).toString('utf8') };
}

/** Whether a command runs and succeeds. @param {string[]} argv */
const works = (...argv) =>
  run(argv, { output: 'drop' }).then(
    () => true,
    () => false,
  );

/** Whether a program is there, whatever it says of being asked. @param {string} name */
export const installed = (name) =>
  run([name, '--version'], { output: 'drop' }).then(
    () => true,
    (error) => error.code !== 'ENOENT',
  );

/**
 * How to learn the peak memory of a Node program: by GNU time, or from the process itself.
 *
 * @param {string} file where it is written, in KiB
 */
export async function peakMeter(file) {
  const words = ['/usr/bin/time', '-f', '%M', '-o', file];
  if (await works(...words, 'true')) return { wrap: (/** @type {string[]} */ argv) => [...words, ...argv], env: {} };
  const script = new URL('peak-memory.mjs', import.meta.url).href;
  const wrap = (/** @type {string[]} */ [node, ...rest]) => [node, '--import', script, ...rest];
  return { wrap, env: { TAGSCOPE_BENCH_PEAK: file } };
}

/** The words before a command that keep it on one core, and that core; none where that is not possible. */
export async function pinning() {
  const allowed = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const core = /^Cpus_allowed_list:\s*(\d+)/m.exec(allowed)?.[1] ?? '0';
  const words = ['taskset', '-c', core];
  return (await works(...words, 'true')) ? { core: Number(core), words } : { core: undefined, words: [] };
}

/** @param {number[]} values */
export function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { min: sorted[0], median, max: sorted[sorted.length - 1] };
}

/**
 * Measures commands in turn (A B C A B C …), so that what changes about the machine meanwhile changes for all of them.
 * The first round warms up and is not counted.
 *
 * @param {readonly Command[]} commands
 * @param {number} rounds
 * @param {readonly string[]} pin
 * @param {(text: string) => void} say
 * @returns {Promise<Timing[]>}
 */
export async function inTurn(commands, rounds, pin, say) {
  const seconds = commands.map(() => /** @type {number[]} */ ([]));
  const outputs = commands.map(() => '');
  for (let round = 0; round <= rounds; round++) {
    say(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
    for (const [index, command] of commands.entries()) {
      const done = await run([...(command.allCores === true ? [] : pin), ...command.argv], command);
      outputs[index] = done.output;
      command.after?.();
      if (round > 0) seconds[index].push(command.seconds?.(done.output) ?? done.seconds);
    }
  }
  return commands.map((command, index) => ({
    name: command.name,
    ...spread(seconds[index]),
    seconds: seconds[index],
    output: outputs[index],
  }));
}

/** The reader of text with a thread for each core. */
export const ALL_CORES = 'reader, all cores';
const GAIN_TARGET = 1.6;

/** How many times as fast as one core all of them are; null where there is one. @param {readonly Timing[]} timings */
export function gain(timings) {
  const one = timings.find(({ name }) => name === 'reader, in process');
  const all = timings.find(({ name }) => name === ALL_CORES);
  return one === undefined || all === undefined ? null : { times: one.median / all.median, target: GAIN_TARGET };
}
