// Recordings as trace.dat to measure on: recorded ones from cases/, repeated until they are large enough.
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decompress } from 'fzstd';

/**
 * @typedef {object} DatFile A trace.dat.
 * @property {string} name
 * @property {string} path
 * @property {number} bytes
 * @property {string} made How it came to be.
 */

const RECIPES = [
  { name: 'trace.dat without stacks', source: 'oracle/traces/trace-dat/baseline-pgtable.v6.dat.zst' },
  { name: 'trace.dat with stacks', source: 'oracle/traces/trace-dat/baseline-thread-stack.v6.dat.zst' },
];

const CASES = new URL('../cases/', import.meta.url);
const PAGE = 4096;
/** Between the end of one repetition and the beginning of the next, in nanoseconds. */
const PAUSE = 1_000_000_000n;

/**
 * Repeats the pages of a version 6 file of one CPU; the time stamp of each page goes on from the repetition before.
 *
 * @param {typeof RECIPES[number]} recipe
 * @param {number} bytes
 * @param {string} folder
 * @returns {DatFile}
 */
function repeated({ name, source }, bytes, folder) {
  const data = Buffer.from(decompress(readFileSync(new URL(source, CASES))));
  // Behind "flyrecord" stand offset and size of the data of the CPU.
  const table = data.indexOf('flyrecord\0') + 10;
  const offset = Number(data.readBigUInt64LE(table));
  const pages = data.subarray(offset, offset + Number(data.readBigUInt64LE(table + 8)));
  const stamps = [];
  for (let at = 0; at < pages.length; at += PAGE) stamps.push(pages.readBigUInt64LE(at));
  const span = stamps[stamps.length - 1] - stamps[0] + PAUSE;
  const times = Math.ceil(bytes / pages.length);

  const path = join(folder, `${name.replaceAll(/\W+/g, '-')}.v6.dat`);
  const head = Buffer.from(data.subarray(0, offset));
  head.writeBigUInt64LE(BigInt(times * pages.length), table + 8);
  writeFileSync(path, head);
  for (let time = 0; time < times; time++) {
    stamps.forEach((stamp, page) => pages.writeBigUInt64LE(stamp + BigInt(time) * span, page * PAGE));
    appendFileSync(path, pages);
  }
  const made =
    `the pages of cases/${source} (one CPU), ${times} times; the time stamps of pages go on, the few absolute ones ` +
    'within pages do not (so some clocks go backwards)';
  return { name, path, bytes: statSync(path).size, made };
}

/**
 * Makes the files, one without stacks and one with them, uncompressed.
 *
 * @param {number} megabytes size of each, at least
 * @param {string} folder where to put them
 */
export const madeDats = (megabytes, folder) => RECIPES.map((recipe) => repeated(recipe, megabytes * 1e6, folder));
