// A Perfetto trace to measure on: the recorded piece of cases/perfetto, repeated until it is large enough.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const CASE = new URL('../cases/perfetto/x86-kmem.pftrace', import.meta.url);

/** @param {Buffer} data @param {number} at @returns {[value: bigint, next: number]} */
function varint(data, at) {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = data[at++];
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return [value, at];
  }
}

/** @param {bigint} value */
function toVarint(value) {
  const bytes = [];
  for (; value > 0x7fn; value >>= 7n) bytes.push(Number(value & 0x7fn) | 0x80);
  bytes.push(Number(value));
  return Buffer.from(bytes);
}

/**
 * The fields of a message: what stands before the value (tag, and length of bytes), and the value.
 *
 * @param {Buffer} data
 */
function fields(data) {
  const found = [];
  for (let at = 0; at < data.length;) {
    const [tag, afterTag] = varint(data, at);
    const [value, next] = varint(data, afterTag);
    const end = (tag & 7n) === 2n ? next + Number(value) : next;
    const content = end > next ? data.subarray(next, end) : null;
    found.push({ field: Number(tag >> 3n), tag: toVarint(tag), value, content });
    at = end;
  }
  return found;
}

/** @param {Buffer} tag @param {Buffer} content */
const lengthDelimited = (tag, content) => Buffer.concat([tag, toVarint(BigInt(content.length)), content]);

/**
 * A message with the times of its events moved: a packet (depth 0) has a bundle in field 1, that has events in field 2,
 * and those their time in field 1.
 *
 * @param {Buffer} message @param {bigint} shift @param {number} depth @returns {Buffer}
 */
function later(message, shift, depth) {
  const nested = [1, 2, 0][depth];
  return Buffer.concat(
    fields(message).map(({ field, tag, value, content }) => {
      if (content === null) {
        const isTime = (depth === 2 && field === 1) || (depth === 1 && field === 10 && value > 0n);
        return Buffer.concat([tag, toVarint(isTime ? value + shift : value)]);
      }
      return lengthDelimited(tag, field === nested ? later(content, shift, depth + 1) : content);
    }),
  );
}

/**
 * @param {number} megabytes size, at least
 * @param {string} folder where to put it
 */
export function madePerfetto(megabytes, folder) {
  const packets = fields(readFileSync(CASE)).map(({ content }) => content ?? Buffer.alloc(0));
  const bundles = packets.filter((packet) => fields(packet).some(({ field }) => field === 1));
  const others = packets.filter((packet) => !bundles.includes(packet));
  const write = (/** @type {Buffer[]} */ all) =>
    Buffer.concat(all.map((packet) => lengthDelimited(Buffer.from([0x0a]), packet)));
  const path = join(folder, 'made.pftrace');
  const file = openSync(path, 'w');
  let bytes = writeSync(file, write(others));
  let times = 0;
  try {
    // The piece spans less than two seconds.
    for (; bytes < megabytes * 1e6; times++) {
      const shift = BigInt(times) * 2_000_000_000n;
      bytes += writeSync(file, write(bundles.map((packet) => later(packet, shift, 0))));
    }
  } finally {
    closeSync(file);
  }
  const made =
    `cases/perfetto/x86-kmem.pftrace, its bundles ${times} times, each two seconds later; nothing else is changed ` +
    '(so pages that a piece leaves allocated are allocated again)';
  return { name: 'Perfetto', path, bytes, made };
}
