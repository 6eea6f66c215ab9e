import type { KmemCache } from './kmem-cache.ts';
import type { Slab } from './slab.ts';

/** What a CPU has of a cache (mm/slub.c: struct kmem_cache_cpu, before 7.0). */
export interface CpuSlab {
  /** The slab that objects are taken from. */
  slab: Slab | undefined;
  /** Addresses of its free objects, the next one last. */
  readonly freelist: number[];
  /** Slabs with free objects that no list of the node has, the one that came last first out. */
  partial: Slab[];
}

export const newCpuSlab = (): CpuSlab => ({ slab: undefined, freelist: [], partial: [] });

/** mm/slub.c:set_cpu_partial: slabs that a CPU keeps, as if each were half full. */
export function cpuPartialSlabs({ size, objects }: { size: number; objects: number }, pageSize: number): number {
  const wanted = size >= pageSize ? 6 : size >= 1024 ? 24 : size >= 256 ? 52 : 120;
  return Math.ceil((wanted * 2) / objects);
}

/** Who makes slabs and gives their pages back. */
export interface SlabPages {
  /** mm/slub.c:new_slab. Undefined where memory is out. */
  create(): Slab | undefined;
  /** mm/slub.c:discard_slab */
  discard(slab: Slab): void;
}

/**
 * mm/slub.c:___slab_alloc, 6.12: the address of an object, from the slab of the CPU, those that it keeps, those of the node,
 * or a new one.
 */
export function takeFromCpuSlab(cache: KmemCache, cpu: number, pages: SlabPages): number | undefined {
  const own = cache.cpuSlabs[cpu];
  if (own.freelist.length === 0 && !refill(cache, own, pages)) return undefined;
  return own.freelist.pop();
}

/** mm/slub.c:do_slab_free and __slab_free, 6.12. */
export function giveToCpuSlab(cache: KmemCache, cpu: number, slab: Slab, address: number, pages: SlabPages): void {
  const own = cache.cpuSlabs[cpu];
  if (slab === own.slab) {
    own.freelist.push(address);
    return;
  }
  const wasFull = slab.free === 0;
  slab.give(slab.objectAt(address));
  // The slab of another CPU: that one will find it.
  if (cache.cpuSlabs.some((other) => other.slab === slab)) return;
  if (wasFull) {
    if (cache.cpuPartialSlabs > 0) putCpuPartial(cache, own, slab, pages);
    else cache.nodePartial.add(slab);
    return;
  }
  if (!cache.nodePartial.has(slab) || slab.free < cache.objects || cache.nodePartial.size < cache.minPartial) return;
  cache.nodePartial.delete(slab);
  pages.discard(slab);
}

function refill(cache: KmemCache, own: CpuSlab, pages: SlabPages): boolean {
  // get_freelist: what others have freed of the slab meanwhile.
  if (own.slab !== undefined && own.slab.free > 0) return take(own, own.slab);
  own.slab = undefined;
  const kept = own.partial.pop() ?? getPartialNode(cache, own);
  const slab = kept ?? pages.create();
  return slab !== undefined && take(own, slab);
}

/** All free objects of a slab become those of the CPU, in the order of its freelist. */
function take(own: CpuSlab, slab: Slab): true {
  own.slab = slab;
  const addresses: number[] = [];
  while (slab.free > 0) addresses.push(slab.take());
  own.freelist.push(...addresses.toReversed());
  return true;
}

/** mm/slub.c:get_partial_node: the first slab of the node's list, and some more where the CPU keeps such. */
function getPartialNode(cache: KmemCache, own: CpuSlab): Slab | undefined {
  const more = cache.cpuPartialSlabs === 0 ? 0 : Math.floor(cache.cpuPartialSlabs / 2) + 1;
  const [first, ...others] = firstOf(cache.nodePartial, 1 + more);
  if (first === undefined) return undefined;
  cache.nodePartial.delete(first);
  for (const slab of others) {
    cache.nodePartial.delete(slab);
    own.partial.push(slab);
  }
  return first;
}

function firstOf(slabs: ReadonlySet<Slab>, wanted: number): Slab[] {
  const first: Slab[] = [];
  for (const slab of slabs) {
    if (first.length === wanted) break;
    first.push(slab);
  }
  return first;
}

/** mm/slub.c:put_cpu_partial: where the CPU keeps enough, all that it keeps goes to the node (__put_partials). */
function putCpuPartial(cache: KmemCache, own: CpuSlab, slab: Slab, pages: SlabPages): void {
  if (own.partial.length >= cache.cpuPartialSlabs) {
    const flushed = own.partial.toReversed();
    own.partial = [];
    for (const each of flushed) {
      if (each.free === cache.objects && cache.nodePartial.size >= cache.minPartial) pages.discard(each);
      else cache.nodePartial.add(each);
    }
  }
  own.partial.push(slab);
}
