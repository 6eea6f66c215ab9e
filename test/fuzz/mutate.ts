import type { Random } from './random.ts';

/** What number fields are replaced by: the edges of the types that a reader or the kernel may use. */
const EXTREMES: readonly string[] = `
  0 -0 -1 1 00000000000000000000001 0x 0x0 0xg (nil) (null) (____ptrval____) . - + 1e9 1.5 NaN Infinity
  127 128 255 256 32767 32768 65535 65536 2147483647 2147483648 4294967295 4294967296 -2147483648
  9007199254740991 9007199254740992 9223372036854775807 9223372036854775808 -9223372036854775808
  18446744073709551615 18446744073709551616 999999999999999999999999999999
  0xffffffff 0x100000000 0xfffffffffffff 0x10000000000000 0xffffffffffffffff 0x10000000000000000
`
  .trim()
  .split(/\s+/);

/** What binary numbers are replaced by: edges of types, sizes of pages and files, and what is one too many. */
const EXTREME_WORDS: readonly bigint[] = [
  0n,
  1n,
  2n,
  3n,
  4n,
  7n,
  8n,
  15n,
  16n,
  17n,
  27n,
  28n,
  29n,
  30n,
  31n,
  255n,
  256n,
  4079n,
  4080n,
  4081n,
  4095n,
  4096n,
  4097n,
  8192n,
  65_535n,
  65_536n,
  1n << 20n,
  1n << 24n,
  1n << 26n,
  (1n << 27n) - 1n,
  1n << 27n,
  1n << 28n,
  1n << 30n,
  (1n << 31n) - 1n,
  1n << 31n,
  (1n << 32n) - 1n,
  1n << 32n,
  (1n << 53n) - 1n,
  1n << 53n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
];

const NEWLINE = 10;
const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;
const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** `data` with [start, end) replaced. */
function splice(data: Uint8Array, start: number, end: number, replacement: Uint8Array): Uint8Array {
  const result = new Uint8Array(data.length - (end - start) + replacement.length);
  result.set(data.subarray(0, start));
  result.set(replacement, start);
  result.set(data.subarray(end), start + replacement.length);
  return result;
}

/** A line, newline included; for binary data some run of bytes. */
function someLine(data: Uint8Array, random: Random): readonly [start: number, end: number] {
  const at = random.below(data.length);
  const start = at === 0 ? 0 : data.lastIndexOf(NEWLINE, at - 1) + 1;
  const newline = data.indexOf(NEWLINE, at);
  return [start, newline < 0 ? data.length : newline + 1];
}

function someRange(data: Uint8Array, random: Random, limit: number): readonly [start: number, end: number] {
  const start = random.below(data.length);
  return [start, Math.min(data.length, start + 1 + random.below(limit))];
}

type Mutation = (data: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  function flipBits(data, random) {
    const result = data.slice();
    for (let n = 1 + random.below(8); n > 0; n--) result[random.below(result.length)] ^= 1 << random.below(8);
    return result;
  },
  function setBytes(data, random) {
    const result = data.slice();
    const value = random.pick([0, 9, 10, 13, 32, 35, 45, 58, 60, 61, 62, 91, 93, 128, 255]);
    for (let n = 1 + random.below(8); n > 0; n--) result[random.below(result.length)] = value;
    return result;
  },
  function truncate(data, random) {
    return data.slice(0, random.below(data.length + 1));
  },
  function behead(data, random) {
    return data.slice(random.below(data.length));
  },
  function spliceFromOther(data, random, other) {
    const [start, end] = someRange(data, random, 400);
    const [from, to] = someRange(other, random, 2000);
    return splice(data, start, end, other.subarray(from, to));
  },
  function repeatLine(data, random) {
    const [start, end] = someLine(data, random);
    const wanted = 1 + random.below(random.chance(0.1) ? 500 : 5);
    // A long line is not made many: that takes long and shows nothing more.
    const times = Math.max(1, Math.min(wanted, Math.floor(500_000 / (end - start))));
    const repeated = new Uint8Array((end - start) * times);
    for (let n = 0; n < times; n++) repeated.set(data.subarray(start, end), n * (end - start));
    return splice(data, end, end, repeated);
  },
  function deleteLine(data, random) {
    const [start, end] = someLine(data, random);
    return splice(data, start, end, new Uint8Array(0));
  },
  function moveLine(data, random) {
    const [start, end] = someLine(data, random);
    const line = data.slice(start, end);
    const [to] = someLine(data, random);
    return splice(data, to, to, line);
  },
  function joinLines(data, random) {
    const [, end] = someLine(data, random);
    return splice(data, end - 1, end, new Uint8Array(0));
  },
  function longLine(data, random) {
    const [start, end] = someLine(data, random);
    const filler = random.pick([65, 32, 48, 58, 61, 91, 45, 40]);
    const at = start + random.below(end - start);
    return splice(data, at, at, new Uint8Array(random.pick([100, 5000, 65_000, 66_000, 200_000])).fill(filler));
  },
  function extremeNumber(data, random) {
    const from = random.below(data.length);
    let start = from;
    while (start < data.length && !isDigit(data[start])) start++;
    let end = start;
    while (end < data.length && /[0-9a-fx]/i.test(String.fromCharCode(data[end]))) end++;
    return splice(data, start, end, bytes(random.pick(EXTREMES)));
  },
  function deleteRange(data, random) {
    const [start, end] = someRange(data, random, 64);
    return splice(data, start, end, new Uint8Array(0));
  },
  function duplicateRange(data, random) {
    const [start, end] = someRange(data, random, 64);
    return splice(data, end, end, data.slice(start, end));
  },
  function carriageReturns(data, random) {
    const [, end] = someLine(data, random);
    return splice(data, end - 1, end - 1, bytes('\r'));
  },
];

/** For formats that say where things are: what does not move them. */
const IN_PLACE: readonly Mutation[] = [
  function extremeWord(data, random) {
    const result = data.slice();
    const size = random.pick([1, 2, 4, 8]);
    const value = random.pick(EXTREME_WORDS);
    // Numbers of binary formats stand at multiples of their size, most of them.
    const at = random.below(result.length);
    const start = random.chance(0.8) ? at - (at % Math.min(4, size)) : at;
    for (let byte = 0; byte < size && start + byte < result.length; byte++) {
      result[start + byte] = Number((value >> BigInt(8 * byte)) & 0xffn);
    }
    return result;
  },
  function copyOver(data, random) {
    const result = data.slice();
    const [start, end] = someRange(data, random, 64);
    result.copyWithin(random.below(data.length), start, end);
    return result;
  },
  ...MUTATIONS.filter(({ name }) => name === 'flipBits' || name === 'setBytes' || name === 'truncate'),
];

/**
 * `seedInput` after one to six mutations.
 *
 * @param inPlace whether most of them should leave everything where it is
 */
export function mutate(seedInput: Uint8Array, random: Random, other: Uint8Array, inPlace = false): Uint8Array {
  let data = seedInput;
  for (let n = 1 + random.below(6); n > 0 && data.length > 0; n--) {
    const mutations = inPlace && random.chance(0.97) ? IN_PLACE : MUTATIONS;
    data = random.pick(mutations)(data, random, other);
  }
  return data;
}

/** Chunk sizes for one run: whole, one size, or a new one each time. */
export function* chunks(data: Uint8Array, random: Random): Generator<Uint8Array> {
  const fixed = random.pick([0, 0, 1 + random.below(300), 4096, 1 << 16, data.length + 1]);
  for (let at = 0; at < data.length;) {
    // Short chunks of long inputs take long and show nothing more.
    const size = Math.max(fixed > 0 ? fixed : 1 + random.below(5000), Math.ceil(data.length / 2000));
    yield data.subarray(at, at + size);
    at += size;
  }
}
