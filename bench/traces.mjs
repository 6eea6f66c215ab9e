// Traces to measure on: recorded ones from cases/, repeated until they are large enough, or a file of the user's.
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { decompress } from 'fzstd';

/**
 * @typedef {object} TraceFile A trace in text, uncompressed.
 * @property {string} name
 * @property {string} path
 * @property {number} bytes
 * @property {string} made How it came to be.
 */

/** What is repeated; the two of each list take turns. */
const RECIPES = [
  {
    name: 'without stacks',
    sources: ['oracle/traces/baseline-thread-nohash.trace.zst', 'oracle/traces/baseline-pgtable-nohash.trace.zst'],
  },
  { name: 'with stacks', sources: ['pgtable/trace.zst', 'oracle/traces/baseline-mixed-stack.trace.zst'] },
];

const CASES = new URL('../cases/', import.meta.url);

/** `bench-44      [000] .....     0.541719: `: up to the seconds, the blanks before them, the seconds. */
const SECONDS = /^(.{2,128}?\[\d+\] \S+ )( *)(\d+)(?=\.\d+: )/gm;

/** @param {Uint8Array} data @param {string} name */
function plain(data, name) {
  if (name.endsWith('.zst')) return decompress(data);
  return name.endsWith('.gz') ? gunzipSync(data) : data;
}

/** A recorded trace without its header, and the seconds that it spans. @param {string} file */
function source(file) {
  const whole = Buffer.from(plain(readFileSync(new URL(file, CASES)), file)).toString('latin1');
  // The header announces the number of entries of this recording alone.
  const text = whole.replace(/^#.*\n/gm, '');
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const match of text.matchAll(SECONDS)) {
    first = Math.min(first, Number(match[3]));
    last = Math.max(last, Number(match[3]));
  }
  return { text, first, last };
}

/** Adds to all time stamps, and keeps the columns. @param {string} text @param {number} shift */
const later = (text, shift) =>
  text.replace(SECONDS, (_, before, blanks, seconds) => {
    const width = blanks.length + seconds.length;
    return before + String(Number(seconds) + shift).padStart(width);
  });

/** @param {typeof RECIPES[number]} recipe @param {number} bytes @param {string} folder @returns {TraceFile} */
function repeated({ name, sources }, bytes, folder) {
  const path = join(folder, `${name.replace(' ', '-')}.trace`);
  const parts = sources.map((file) => source(file));
  let size = 0;
  let second = 0;
  let times = 0;
  writeFileSync(path, '# tracer: nop\n#\n');
  for (; size < bytes; times++) {
    const { text, first, last } = parts[times % parts.length];
    // Each repetition begins in the second after the one in which the last ended.
    const data = Buffer.from(later(text, second - first), 'latin1');
    appendFileSync(path, data);
    size += data.length;
    second += last - first + 1;
  }
  const files = sources.map((file) => `cases/${file}`).join(' and ');
  const made =
    `${files} in turn, ${times} pieces in all, each whole and without its header; ` +
    'the seconds of the time stamps of each piece go on from the piece before, nothing else is changed ' +
    '(so pages that a piece leaves allocated are allocated again, which missedPageFrees counts)';
  return { name, path, bytes: statSync(path).size, made };
}

/**
 * Makes the traces, one without stacks and one with them.
 *
 * @param {number} megabytes size of each, at least
 * @param {string} folder where to put them
 */
export const madeTraces = (megabytes, folder) => RECIPES.map((recipe) => repeated(recipe, megabytes * 1e6, folder));

/** A trace that exists, decompressed into `folder` if it is compressed. @param {string} file @param {string} folder */
export function givenTrace(file, folder) {
  const name = basename(file);
  if (!/\.(?:zst|gz)$/.test(name)) return { name, path: file, bytes: statSync(file).size, made: 'as given' };
  const path = join(folder, `given-${name.replace(/\.\w+$/, '')}`);
  writeFileSync(path, plain(readFileSync(file), name));
  return { name, path, bytes: statSync(path).size, made: 'as given, decompressed first' };
}
