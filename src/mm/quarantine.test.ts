import { describe, expect, test } from 'vitest';
import { KmemCache } from './kmem-cache.ts';
import { Quarantine } from './quarantine.ts';

const CACHE = new KmemCache({ name: 'x', objectSize: 4000 }, 4096, 1);
const RAM = 256 << 20;

describe('the quarantine of generic KASAN (modes.md section 6)', () => {
  test('holds up to a thirty-second of memory, and gives back the oldest first', () => {
    const evicted: number[] = [];
    const quarantine = new Quarantine(RAM, 1, (_cpu, _cache, address) => evicted.push(address));
    let address = 0;
    while (evicted.length === 0 && address < 1e6) {
      quarantine.put(0, CACHE, address++);
      quarantine.reduce(0);
    }
    const waiting = address * CACHE.size;
    // Between the limit without the CPU's own megabyte, and the limit with one batch and that megabyte more.
    expect(waiting).toBeGreaterThan(RAM / 32 - (1 << 20));
    expect(waiting).toBeLessThan(RAM / 32 + (2 << 20));
    expect(evicted.slice(0, 3)).toEqual([0, 1, 2]);
  });

  test('nothing is given back before the first megabyte', () => {
    const evicted: number[] = [];
    const quarantine = new Quarantine(RAM, 1, (_cpu, _cache, address) => evicted.push(address));
    for (let address = 0; address < (1 << 20) / CACHE.size; address++) {
      quarantine.put(0, CACHE, address);
      quarantine.reduce(0);
    }
    expect(evicted).toEqual([]);
  });
});
