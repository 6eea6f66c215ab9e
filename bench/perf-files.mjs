// Recordings of perf to measure on: one from cases/, repeated until it is large enough, and what perf script prints of it.
import { appendFileSync, closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decompress } from 'fzstd';
import { RECORD } from '../dist/formats/perf-data/abi.js';
import { readFileHeader } from '../dist/formats/perf-data/file-header.js';
import { layOut } from '../dist/formats/perf-data/sample-layout.js';
import { MemorySource } from '../dist/formats/byte-source.js';
import { run } from './measure.mjs';

const CASE = new URL('../cases/perf-data/file.data.zst', import.meta.url);
/** Symbols of the kernel that recorded it. */
export const SYMBOLS = fileURLToPath(new URL('../cases/perf-data/x86-6.18.kallsyms', import.meta.url));

/** Offsets in the header (tools/perf/Documentation/perf.data-file-format.txt). */
const DATA_SIZE = 48;

/**
 * A perf.data whose records are those of the recording, again and again, each time later. Header, attributes and the
 * features after the records stay.
 *
 * @param {number} megabytes @param {string} folder @param {string} [name]
 */
export function madePerfData(megabytes, folder, name = 'made') {
  const whole = Buffer.from(decompress(readFileSync(CASE)));
  const { data, features, attributes } = readFileHeader(new MemorySource(whole), 'file.data');
  const layout = layOut(attributes[0]);
  const records = whole.subarray(data.offset, data.offset + data.size);
  const times = timesOf(records, layout);
  const values = times.map((at) => records.readBigUInt64LE(at)).filter((time) => time > 0n);
  const [first, last] = values.reduce(
    ([low, high], time) => [time < low ? time : low, time > high ? time : high],
    [values[0], values[0]],
  );
  const span = last - first + 1000n;

  const path = join(folder, `${name}.perf.data`);
  const repetitions = Math.ceil((megabytes * 1e6) / records.length);
  const added = records.length * (repetitions - 1);
  const head = Buffer.from(whole.subarray(0, data.offset));
  head.writeBigUInt64LE(BigInt(data.size + added), DATA_SIZE);
  writeFileSync(path, head);
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const later = Buffer.from(records);
    for (const at of times) {
      const time = later.readBigUInt64LE(at);
      if (time > 0n) later.writeBigUInt64LE(time + span * BigInt(repetition), at);
    }
    appendFileSync(path, later);
  }
  const rest = Buffer.from(whole.subarray(data.offset + data.size));
  for (let index = 0; index < features.size; index++) {
    rest.writeBigUInt64LE(rest.readBigUInt64LE(index * 16) + BigInt(added), index * 16);
  }
  appendFileSync(path, rest);
  return {
    name: 'perf.data',
    path,
    bytes: statSync(path).size,
    symbols: SYMBOLS,
    made: `cases/perf-data/file.data, its records ${repetitions} times, each time later; nothing else is changed`,
  };
}

/** Where the times of records are. @param {Buffer} records @param {ReturnType<typeof layOut>} layout */
function timesOf(records, layout) {
  const places = [];
  for (let at = 0; at < records.length; at += records.readUInt16LE(at + 6)) {
    const type = records.readUInt32LE(at);
    if (type === RECORD.SAMPLE) places.push(at + 8 + layout.time);
    if (type === RECORD.FORK) places.push(at + 24);
    // Records of the kernel end with fields of a sample.
    if (type < RECORD.HEADER_ATTR && type !== RECORD.SAMPLE) {
      places.push(at + records.readUInt16LE(at + 6) - layout.timeFromEnd);
    }
  }
  return places;
}

/**
 * What perf script prints of a perf.data.
 *
 * @param {string} data @param {string[]} words options of perf script @param {string} path where to put it
 */
export async function printed(data, words, path) {
  const to = openSync(path, 'w');
  try {
    await run(['perf', 'script', '-f', '-i', data, ...words], { to });
  } finally {
    closeSync(to);
  }
  return statSync(path).size;
}
