// perf.data and what perf script prints, beside perf script and perf kmem.
import { rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { availableParallelism } from 'node:os';
import { ALL_CORES, gain, inTurn, installed } from './measure.mjs';
import { madePerfData, printed } from './perf-files.mjs';

/** MB/s of the reader of text. */
const TEXT_TARGET = 200;

/** What is printed of a perf.data of which size, beside the sizes of other traces: callchains are long. */
const TEXTS = [
  { name: 'perf script text with callchains', part: 0.25, words: [] },
  { name: 'perf script text without callchains', part: 1, words: ['-F', 'comm,tid,cpu,time,event,trace'] },
];

/**
 * @param {object} tools
 * @param {string | undefined} tools.file a perf.data of the user's
 * @param {number} tools.megabytes
 * @param {number} tools.runs
 * @param {string} tools.folder
 * @param {string[]} tools.pin
 * @param {string[]} tools.notes
 * @param {(text: string) => void} tools.say
 * @param {(mode: string, format: string, file: string, symbols?: string) => string[]} tools.inProcess
 * @param {(file: string, symbols?: string) => string[]} tools.report
 * @param {any} tools.row
 */
export async function measurePerf({ file, megabytes, runs, folder, pin, notes, say, inProcess, report, row }) {
  say('making a perf.data');
  const data =
    file === undefined
      ? madePerfData(megabytes, folder)
      : { name: basename(file), path: file, bytes: statSync(file).size, symbols: undefined, made: 'as given' };
  const hasPerf = await installed('perf');
  if (!hasPerf) notes.push('perf is not installed: tagscope was measured on perf.data alone, and not on its text.');
  const ownSeconds = (/** @type {string} */ output) => JSON.parse(output).seconds;
  const symbols = data.symbols === undefined ? [] : ['--kallsyms', data.symbols];

  say(`${data.name}: ${(data.bytes / 1e6).toFixed(0)} MB`);
  const timings = await inTurn(
    [
      { name: 'wc -c', argv: ['sh', '-c', 'cat "$0" | wc -c', data.path], output: 'drop' },
      ...(hasPerf
        ? [
            // -f: the file may be somebody else's.
            { name: 'perf script', argv: ['perf', 'script', '-f', '-i', data.path, ...symbols], output: 'drop' },
            { name: 'perf kmem stat', argv: ['perf', 'kmem', '-f', '-i', data.path, 'stat'], output: 'drop' },
          ]
        : []),
      {
        name: 'reader, in process',
        argv: inProcess('read', 'perf-data', data.path, data.symbols),
        seconds: ownSeconds,
      },
      {
        name: 'reader + replay, in process',
        argv: inProcess('replay', 'perf-data', data.path, data.symbols),
        seconds: ownSeconds,
      },
      { name: 'tagscope report --json -q', argv: report(data.path, data.symbols) },
    ],
    runs,
    pin,
    (text) => say(`  ${text}`),
  );
  const { events } = JSON.parse(timings.at(-2)?.output ?? '{}');
  const measured = {
    ...data,
    events,
    rows: timings.map((timing) => row(timing, { bytes: data.bytes, events, peers: timings.slice(0, hasPerf ? 3 : 1) })),
  };
  const texts = [];
  if (hasPerf) {
    for (const { name, part, words } of TEXTS) {
      const { path } = file === undefined && part < 1 ? madePerfData(megabytes * part, folder, 'part') : data;
      texts.push(await measureText(name, path, [...symbols, ...words]));
    }
  }
  return { data: measured, texts };

  /** @param {string} path */
  function allCores(path) {
    const argv = inProcess('threads', 'perf-script', path);
    return { name: ALL_CORES, argv, seconds: ownSeconds, allCores: true };
  }

  /** @param {string} name @param {string} from @param {string[]} words */
  async function measureText(name, from, words) {
    const path = join(folder, 'perf.script');
    say(name);
    const bytes = await printed(from, words, path);
    const rows = await inTurn(
      [
        { name: 'wc -c', argv: ['sh', '-c', 'cat "$0" | wc -c', path], output: 'drop' },
        { name: 'wc -l', argv: ['wc', '-l', path], output: 'drop' },
        { name: 'reader, in process', argv: inProcess('read', 'perf-script', path), seconds: ownSeconds },
        ...(availableParallelism() > 1 ? [allCores(path)] : []),
        { name: 'reader + replay, in process', argv: inProcess('replay', 'perf-script', path), seconds: ownSeconds },
        { name: 'tagscope report --json -q', argv: report(path) },
      ],
      runs,
      pin,
      (text) => say(`  ${text}`),
    );
    rmSync(path);
    const { events: read } = JSON.parse(rows.at(-2)?.output ?? '{}');
    return {
      name,
      bytes,
      allCores: gain(rows),
      rows: rows.map((timing) =>
        row(timing, {
          bytes,
          events: read,
          peers: rows.slice(0, 2),
          ...(timing.name === 'reader, in process' ? { target: TEXT_TARGET } : {}),
        }),
      ),
    };
  }
}
