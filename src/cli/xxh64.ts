// 64-bit numbers are pairs of 32-bit halves: BigInt is twenty times slower, and a trace has hundreds of megabytes.

/** An unsigned 64-bit number. */
interface U64 {
  hi: number;
  lo: number;
}

const u64 = (value: bigint): U64 => ({ hi: Number(value >> 32n), lo: Number(value & 0xffff_ffffn) });

const PRIME_1 = u64(0x9e3779b185ebca87n);
const PRIME_2 = u64(0xc2b2ae3d27d4eb4fn);
const PRIME_3 = u64(0x165667b19e3779f9n);
const PRIME_4 = u64(0x85ebca77c2b2ae63n);
const PRIME_5 = u64(0x27d4eb2f165667c5n);
const STRIPE = 32;

/** XXH64 with seed 0, of bytes that come in pieces: the content checksum of zstd frames (RFC 8878, section 3.1.1). */
export class Xxh64 {
  readonly #lanes: readonly [U64, U64, U64, U64] = [
    u64(0x60ea27eeadc0b5d6n),
    u64(0xc2b2ae3d27d4eb4fn),
    u64(0n),
    u64(0x61c8864e7a143579n),
  ];
  readonly #rest = new Uint8Array(STRIPE);
  #restLength = 0;
  #length = 0;

  update(bytes: Uint8Array): void {
    this.#length += bytes.length;
    let at = 0;
    if (this.#restLength > 0) {
      at = Math.min(STRIPE - this.#restLength, bytes.length);
      this.#rest.set(bytes.subarray(0, at), this.#restLength);
      this.#restLength += at;
      if (this.#restLength < STRIPE) return;
      this.#stripes(this.#rest, 0, STRIPE);
      this.#restLength = 0;
    }
    const whole = bytes.length - ((bytes.length - at) % STRIPE);
    this.#stripes(bytes, at, whole);
    this.#rest.set(bytes.subarray(whole));
    this.#restLength = bytes.length - whole;
  }

  /** The low half of the hash of all bytes so far. */
  low32(): number {
    const hash = this.#length >= STRIPE ? this.#merged() : { ...PRIME_5 };
    addTo(hash, { hi: Math.floor(this.#length / 2 ** 32), lo: this.#length >>> 0 });
    const view = new DataView(this.#rest.buffer);
    let at = 0;
    for (; at + 8 <= this.#restLength; at += 8) {
      const word = { hi: 0, lo: 0 };
      round(word, view.getUint32(at, true), view.getUint32(at + 4, true));
      xorWith(hash, word);
      rotate(hash, 27);
      multiply(hash, PRIME_1);
      addTo(hash, PRIME_4);
    }
    if (at + 4 <= this.#restLength) {
      const word = { hi: 0, lo: view.getUint32(at, true) };
      multiply(word, PRIME_1);
      xorWith(hash, word);
      rotate(hash, 23);
      multiply(hash, PRIME_2);
      addTo(hash, PRIME_3);
      at += 4;
    }
    for (; at < this.#restLength; at++) {
      const word = { hi: 0, lo: this.#rest[at] };
      multiply(word, PRIME_5);
      xorWith(hash, word);
      rotate(hash, 11);
      multiply(hash, PRIME_1);
    }
    xorShift(hash, 33);
    multiply(hash, PRIME_2);
    xorShift(hash, 29);
    multiply(hash, PRIME_3);
    xorShift(hash, 32);
    return hash.lo;
  }

  #stripes(bytes: Uint8Array, from: number, to: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const [a, b, c, d] = this.#lanes;
    for (let at = from; at < to; at += STRIPE) {
      round(a, view.getUint32(at, true), view.getUint32(at + 4, true));
      round(b, view.getUint32(at + 8, true), view.getUint32(at + 12, true));
      round(c, view.getUint32(at + 16, true), view.getUint32(at + 20, true));
      round(d, view.getUint32(at + 24, true), view.getUint32(at + 28, true));
    }
  }

  #merged(): U64 {
    const hash = { hi: 0, lo: 0 };
    this.#lanes.forEach((lane, index) => {
      const turned = { ...lane };
      rotate(turned, [1, 7, 12, 18][index]);
      addTo(hash, turned);
    });
    for (const lane of this.#lanes) {
      const value = { hi: 0, lo: 0 };
      round(value, lane.lo, lane.hi);
      xorWith(hash, value);
      multiply(hash, PRIME_1);
      addTo(hash, PRIME_4);
    }
    return hash;
  }
}

/** lane = rotl(lane + input * PRIME_2, 31) * PRIME_1 */
function round(lane: U64, lo: number, hi: number): void {
  const keptHi = lane.hi;
  const keptLo = lane.lo;
  lane.hi = hi;
  lane.lo = lo;
  multiply(lane, PRIME_2);
  const sum = lane.lo + keptLo;
  lane.hi = (lane.hi + keptHi + (sum > 0xffff_ffff ? 1 : 0)) >>> 0;
  lane.lo = sum >>> 0;
  rotate(lane, 31);
  multiply(lane, PRIME_1);
}

function multiply(a: U64, b: U64): void {
  const a0 = a.lo & 0xffff;
  const a1 = a.lo >>> 16;
  const b0 = b.lo & 0xffff;
  const b1 = b.lo >>> 16;
  const low = a0 * b0;
  const middle = a1 * b0 + (low >>> 16);
  const other = a0 * b1 + (middle & 0xffff);
  // Below 2^53 each: nothing is rounded.
  const carry = a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(other / 0x10000);
  a.hi = (Math.imul(a.hi, b.lo) + Math.imul(a.lo, b.hi) + carry) >>> 0;
  a.lo = (((other & 0xffff) << 16) | (low & 0xffff)) >>> 0;
}

function addTo(a: U64, b: U64): void {
  const sum = a.lo + b.lo;
  a.hi = (a.hi + b.hi + (sum > 0xffff_ffff ? 1 : 0)) >>> 0;
  a.lo = sum >>> 0;
}

function xorWith(a: U64, b: U64): void {
  a.hi = (a.hi ^ b.hi) >>> 0;
  a.lo = (a.lo ^ b.lo) >>> 0;
}

/** Rotates left by 1 to 31 bits. */
function rotate(a: U64, bits: number): void {
  const { hi, lo } = a;
  a.hi = ((hi << bits) | (lo >>> (32 - bits))) >>> 0;
  a.lo = ((lo << bits) | (hi >>> (32 - bits))) >>> 0;
}

/** a ^= a >> bits */
function xorShift(a: U64, bits: number): void {
  const { hi, lo } = a;
  if (bits >= 32) {
    a.lo = (lo ^ (bits === 32 ? hi : hi >>> (bits - 32))) >>> 0;
    return;
  }
  a.hi = (hi ^ (hi >>> bits)) >>> 0;
  a.lo = (lo ^ ((lo >>> bits) | (hi << (32 - bits)))) >>> 0;
}
