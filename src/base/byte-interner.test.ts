import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteInterner } from './byte-interner.ts';

const viewOf = (data: Uint8Array): DataView => new DataView(data.buffer, data.byteOffset, data.byteLength);

/** Runs of few distinct bytes, so that many are equal or begin alike. */
const run = fc.uint8Array({ max: 2, maxLength: 12 });

describe('ByteInterner', () => {
  it('gives what a Map of strings gives', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(run, run, fc.nat(10)), { maxLength: 400 }), (keys) => {
        const interner = new ByteInterner();
        const model = new Map<string, number>();
        for (const [first, second, salt] of keys) {
          const data = Uint8Array.of(7, ...first, 9, 9, ...second, 7);
          const start2 = 3 + first.length;
          const id = interner.intern2(data, viewOf(data), 1, 1 + first.length, start2, start2 + second.length, salt);
          const key = `${salt}:${first.join()}|${second.join()}`;
          const known = model.get(key);
          expect(id).toBe(known ?? ~model.size);
          if (known === undefined) model.set(key, model.size);
          expect(interner.size).toBe(model.size);
        }
      }),
    );
  });

  it('finds what was interned as one run, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(run, run, fc.nat(3), fc.boolean()), { maxLength: 300 }), (keys) => {
        const interner = new ByteInterner();
        const model = new Map<string, number>();
        for (const [first, second, salt, adds] of keys) {
          const data = Uint8Array.of(7, ...first, ...second, 7);
          const end1 = 1 + first.length;
          const end2 = end1 + second.length;
          const found = interner.find(viewOf(data), 1, end1, salt);
          expect(found).toBe(model.get(`${salt}:${first.join()}`) ?? -1);
          if (!adds) continue;
          const id = interner.intern2(data, viewOf(data), 1, end1, end1, end2, salt);
          if (second.length === 0) model.set(`${salt}:${first.join()}`, id < 0 ? ~id : id);
        }
      }),
    );
  });

  it('keeps thousands of runs apart through all its growing', () => {
    const interner = new ByteInterner();
    const text = (n: number): Uint8Array =>
      Uint8Array.from(`run ${n} ${'x'.repeat(n % 97)}`, (character) => character.charCodeAt(0));
    for (let n = 0; n < 20_000; n++) {
      const data = text(n);
      expect(interner.intern(data, viewOf(data), 0, data.length)).toBe(~n);
    }
    for (let n = 19_999; n >= 0; n -= 7) {
      const data = text(n);
      expect(interner.intern(data, viewOf(data), 0, data.length)).toBe(n);
    }
    expect(interner.size).toBe(20_000);
  });

  it('takes the empty run and runs of any length', () => {
    const interner = new ByteInterner();
    const data = new Uint8Array(300_000).fill(65);
    expect(interner.intern(data, viewOf(data), 5, 5)).toBe(~0);
    expect(interner.intern(data, viewOf(data), 9, 9)).toBe(0);
    expect(interner.intern(data, viewOf(data), 0, 300_000)).toBe(~1);
    expect(interner.intern(data, viewOf(data), 0, 299_999)).toBe(~2);
    expect(interner.intern(data, viewOf(data), 0, 300_000)).toBe(1);
  });

  it('does not take a key for another whose lengths only hash alike', () => {
    const [longer, shorter] = hashAlike(3);
    const data = new Uint8Array(1 << 17).fill(65);
    const interner = new ByteInterner();
    const intern = ([first, total]: Lengths): number =>
      interner.intern2(data, viewOf(data), 0, first, 0, total - first, 3);
    expect(intern(longer)).toBe(~0);
    expect(intern(shorter)).toBe(~1);
    expect(intern(longer)).toBe(0);
  });
});

type Lengths = readonly [first: number, total: number];

/** Two pairs of lengths, the longer first, that are equal where lengths are kept only in a product of 32 bits. */
function hashAlike(salt: number): readonly [Lengths, Lengths] {
  const product = (first: number): number => Math.imul(salt ^ (first << 8), 0x9e3779b1);
  for (let first1 = 0; first1 < 64; first1++) {
    for (let first2 = first1 + 1; first2 < 8192; first2++) {
      const difference = product(first1) ^ product(first2);
      if (difference <= 0 || difference >= 1 << 16) continue;
      for (let total1 = first1; total1 < 1 << 16; total1++) {
        const total2 = total1 ^ difference;
        if (total2 >= first2 && total2 < total1) {
          return [
            [first1, total1],
            [first2, total2],
          ];
        }
      }
    }
  }
  throw new Error('no lengths hash alike');
}
