import { describe, expect, test } from 'vitest';
import { giveToCpuSlab, takeFromCpuSlab, type SlabPages } from '../src/mm/cpu-slab.ts';
import { KmemCache } from '../src/mm/kmem-cache.ts';
import { Slab } from '../src/mm/slab.ts';
import { caseBytes } from './analyzed.testdata.ts';

/** Events of tasks in a trace of 6.12.117 without CONFIG_SLUB_CPU_PARTIAL; pointers are plain (cases/other-kernels). */
const TRACE = 'other-kernels/traces/k612-thread-nohash.trace.zst';
const TASK = { name: 'task_struct', objectSize: 3392, align: 64, sheaves: false };
const PAGE = 4096;

interface Event {
  readonly kind: 'alloc' | 'free';
  readonly address: number;
  /** Of its slab. */
  readonly base: number;
}

/** What happens to tasks in the trace, with addresses less their upper half, which all share but for tags. */
function events(slabBytes: number): readonly Event[] {
  const text = new TextDecoder('latin1').decode(caseBytes(TRACE));
  return text.split('\n').flatMap((line): Event[] => {
    const match = /: kmem_cache_(alloc|free): .* ptr=[0-9a-f]{8}([0-9a-f]{8}) (.*)/.exec(line);
    if (match === null) return [];
    const [, kind, digits, rest] = match;
    if (!rest.includes('name=task_struct') && !rest.includes('bytes_req=3392 ')) return [];
    const address = Number.parseInt(digits, 16);
    return [{ kind: kind === 'alloc' ? kind : 'free', address, base: address - (address % slabBytes) }];
  });
}

/** Gives the model's allocator the same calls. @returns how often it went to another slab, and for which the kernel did as it does */
function replay(cpuPartial: boolean) {
  const cache = new KmemCache({ ...TASK, cpuPartial }, PAGE, 1);
  const bytes = PAGE << cache.order;
  const slabs: Slab[] = [];
  /** Which slab of the trace one of the model is. */
  const same = new Map<Slab, number>();
  const pages: SlabPages = {
    create: () => {
      const slab = new Slab(cache, slabs.length * bytes, slabs.length);
      slabs.push(slab);
      return slab;
    },
    discard: (slab) => same.delete(slab),
  };
  const slabOf = (address: number): Slab => slabs[Math.floor(address / bytes)];
  const alloc = (): number => takeFromCpuSlab(cache, 0, pages) ?? -1;
  const free = (address: number): void => giveToCpuSlab(cache, 0, slabOf(address), address, pages);

  const all = events(bytes);
  const objects = new Map<number, number>();
  // What is in use when the trace begins: full slabs, and the one that the CPU allocates from.
  const seen = new Set<number>();
  const old = all.filter(({ kind, address }) => {
    const isFirst = !seen.has(address);
    seen.add(address);
    return kind === 'free' && isFirst;
  });
  const current = all[0].base;
  for (const base of new Set([...old.map((event) => event.base).filter((each) => each !== current), current])) {
    const live = old.filter((event) => event.base === base);
    // Tasks that live on have the rest of a full slab.
    const count = base === current ? live.length : cache.objects;
    for (let index = 0; index < count; index++) {
      const object = alloc();
      same.set(slabOf(object), base);
      if (index < live.length) objects.set(live[index].address, object);
    }
  }
  let [right, wrong, last] = [0, 0, current];
  for (const { kind, address, base } of all) {
    if (kind === 'free') {
      free(objects.get(address) ?? -1);
      objects.delete(address);
      continue;
    }
    const object = alloc();
    const slab = slabOf(object);
    objects.set(address, object);
    const known = same.get(slab);
    // A slab that the model makes must be new in the trace too.
    const agrees = known === undefined ? ![...same.values()].includes(base) : known === base;
    if (known === undefined) same.set(slab, base);
    if (base === last) continue;
    last = base;
    if (agrees) right++;
    else wrong++;
  }
  return { right, wrong, cpuPartialSlabs: cache.cpuPartialSlabs };
}

describe('slabs that tasks of 6.12 are taken from (mm/slub.c: ___slab_alloc, __slab_free), beside a trace of it', () => {
  test('the list of the node alone says which slab is next', () => {
    const { right, wrong } = replay(false);
    expect(wrong).toBe(0);
    expect(right).toBeGreaterThan(30);
  });

  test('a CPU that keeps slabs would take others: the trace tells the two apart', () => {
    const { wrong, cpuPartialSlabs } = replay(true);
    expect(cpuPartialSlabs).toBe(6);
    expect(wrong).toBeGreaterThan(10);
  });
});
