import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { U64Map } from './u64-map.ts';

interface Operation {
  readonly kind: 'set' | 'delete' | 'get';
  readonly hi: number;
  readonly lo: number;
  readonly value: number;
}

/** Runs the operations on a map and on a Map and compares every answer, and all contents at the end. */
function compare(operations: Iterable<Operation>): void {
  const map = new U64Map();
  const model = new Map<string, number>();
  for (const { kind, hi, lo, value } of operations) {
    const key = `${hi}:${lo}`;
    const before = model.get(key) ?? -1;
    if (kind === 'set') {
      expect(map.set(hi, lo, value)).toBe(before);
      model.set(key, value);
    } else if (kind === 'delete') {
      expect(map.delete(hi, lo)).toBe(before);
      model.delete(key);
    } else {
      expect(map.get(hi, lo)).toBe(before);
    }
    expect(map.size).toBe(model.size);
  }
  const contents = new Map<string, number>();
  map.forEach((value, hi, lo) => contents.set(`${hi >>> 0}:${lo >>> 0}`, value));
  expect(contents).toEqual(model);
}

const u32 = fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0xffff_ffff, 0x8000_0000));
const operation = fc.record<Operation>({
  kind: fc.constantFrom('set', 'set', 'delete', 'get'),
  hi: u32,
  lo: u32,
  value: fc.nat(0x7fff_ffff),
});

/** The map's own hash: keys with the same lower bits compete for the same slots whatever the table's size. */
function slotOf(hi: number, lo: number): number {
  let hash = Math.imul(lo ^ Math.imul(hi, 0x9e3779b1), 0x85ebca6b);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Keys that fall on a few neighbouring slots at the end of the table and at its beginning. */
const COLLIDING: readonly number[] = Array.from({ length: 300_000 }, (_, lo) => lo).filter(
  (lo) => ((slotOf(0, lo) + 4) & 1023) < 8,
);

describe('U64Map', () => {
  it('gives what a Map gives', () => {
    fc.assert(fc.property(fc.array(operation, { maxLength: 300 }), compare));
  });

  it('gives what a Map gives for keys that compete for the same slots', () => {
    expect(COLLIDING.length).toBeGreaterThan(500);
    const competing = fc.record<Operation>({
      kind: fc.constantFrom('set', 'delete', 'get'),
      hi: fc.constant(0),
      lo: fc.constantFrom(...COLLIDING.slice(0, 60)),
      value: fc.nat(100),
    });
    fc.assert(fc.property(fc.array(competing, { maxLength: 400, size: 'max' }), compare), { numRuns: 300 });
  });

  it('gives what a Map gives through many deletions', () => {
    function* shortLives(): Generator<Operation> {
      for (let n = 0; n < 20_000; n++) {
        yield { kind: 'set', hi: n & 3, lo: COLLIDING[n % COLLIDING.length], value: n };
        if (n >= 200)
          yield { kind: 'delete', hi: (n - 200) & 3, lo: COLLIDING[(n - 200) % COLLIDING.length], value: 0 };
      }
    }
    compare(shortLives());
  });

  it('grows, and shrinks to nothing', () => {
    const map = new U64Map();
    for (let n = 0; n < 100_000; n++) expect(map.set(0xffff_0000, n * 4096, n)).toBe(-1);
    expect(map.size).toBe(100_000);
    for (let n = 0; n < 100_000; n++) expect(map.delete(0xffff_0000, n * 4096)).toBe(n);
    expect(map.size).toBe(0);
    let left = 0;
    map.forEach(() => left++);
    expect(left).toBe(0);
  });

  it('keeps halves apart', () => {
    const map = new U64Map();
    map.set(1, 2, 12);
    map.set(2, 1, 21);
    map.set(0, 0, 0);
    expect([map.get(1, 2), map.get(2, 1), map.get(0, 0), map.get(1, 1)]).toEqual([12, 21, 0, -1]);
  });
});
