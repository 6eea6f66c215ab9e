import type { Random } from '../base/random.ts';
import { GRANULE_BYTES, roundUp } from '../base/units.ts';
import type { MempoolElements, TestKernel } from '../conform/test-kernel.ts';
import type { KasanBuild } from '../kasan/kernel-config.ts';
import { addressOf, offsetBy, resetTag, type Pointer } from '../mte/pointer.ts';
import { VICTIMS, type BugName, type Victim } from './bug-kinds.ts';
import type { Subject, SubjectAllocator } from './subject.ts';

/** What a trial works with. */
export interface Trial {
  readonly kernel: TestKernel;
  readonly memory: SubjectAllocator;
  readonly random: Random;
}

/** The access that a trial ends with, or a call of a free function. Undefined where the trial could not be set up. */
export type Injected =
  | { readonly access: Pointer; readonly cleanUp: () => void }
  | { readonly free: () => void }
  | undefined;

/** How a kind of bug is made on the model. */
export interface Injection {
  readonly bug: BugName;
  readonly kind: 'access' | 'free';
  /** Each trial needs a cache that nobody has used yet. */
  readonly ownCache?: boolean;
  applies(subject: Subject, build: KasanBuild): boolean;
  inject(trial: Trial): Injected;
}

/** The far end of "far out of bounds". */
const FAR_BYTES = 1 << 20;
const RETRIES = 64;
const POINTER_BYTES = 8;

const isSlab = ({ allocator }: Subject): boolean => allocator === 'slab';
const isPage = ({ allocator, order = 0 }: Subject): boolean => allocator === 'page' && order === 0;
const isFreed = ({ allocator }: Subject): boolean => allocator !== 'variable';
const isReused = ({ allocator }: Subject): boolean => allocator !== 'vmalloc' && allocator !== 'variable';

/** Frees an object and allocates again until the same memory comes back. */
function reallocated(
  { memory }: Trial,
  times: number,
): { readonly stale: Pointer; readonly live: Pointer } | undefined {
  const stale = memory.alloc();
  memory.free(stale);
  for (let turn = 1; turn < times; turn++) {
    const between = memory.alloc();
    if (addressOf(between) !== addressOf(stale)) {
      memory.free(between);
      return undefined;
    }
    memory.free(between);
  }
  const live = memory.alloc();
  if (addressOf(live) === addressOf(stale)) return { stale, live };
  memory.free(live);
  return undefined;
}

/** Generic KASAN gives out other objects while a freed one waits in quarantine. */
function quarantined({ memory }: Trial, times: number): Injected {
  const stale = memory.alloc();
  memory.free(stale);
  const live = Array.from({ length: times }, () => memory.alloc());
  return {
    access: stale,
    cleanUp: () => {
      for (const p of live) memory.free(p);
    },
  };
}

const useAfterRealloc = (bug: BugName, times: number): Injection => ({
  bug,
  kind: 'access',
  applies: isReused,
  inject(trial) {
    if (trial.kernel.isGeneric && isSlab(trial.memory.subject)) return quarantined(trial, times);
    const memory = reallocated(trial, times);
    return memory === undefined ? undefined : { access: memory.stale, cleanUp: () => trial.memory.free(memory.live) };
  },
});

/** An access to memory that was just freed, through what is left of its pointer. */
const useAfterFree = (
  bug: BugName,
  applies: Injection['applies'],
  access: (stale: Pointer, subject: Subject) => Pointer,
): Injection => ({
  bug,
  kind: 'access',
  applies,
  inject({ memory }) {
    const p = memory.alloc();
    memory.free(p);
    return { access: access(p, memory.subject), cleanUp: () => {} };
  },
});

/** Two neighbours of one kind: the second one begins where the slot of the first ends. */
function neighbours({
  memory,
}: Trial): { readonly all: Pointer[]; readonly low: Pointer; readonly high: Pointer } | undefined {
  const all: Pointer[] = [];
  const byAddress = new Map<number, Pointer>();
  const { slot } = memory;
  for (let made = 0; made < RETRIES; made++) {
    const p = memory.alloc();
    all.push(p);
    byAddress.set(addressOf(p), p);
    const high = byAddress.get(addressOf(p) + slot);
    if (high !== undefined) return { all, low: p, high };
    const low = byAddress.get(addressOf(p) - slot);
    if (low !== undefined) return { all, low, high: p };
  }
  for (const p of all) memory.free(p);
  return undefined;
}

interface Neighbours {
  readonly low: Pointer;
  readonly high: Pointer;
  readonly slot: number;
  readonly subject: Subject;
}

/** An access beside one of two neighbours. */
const beside = (
  bug: BugName,
  address: (pair: Neighbours) => Pointer,
  freed: 'low' | 'high' | undefined,
  applies: Injection['applies'] = (subject) => isSlab(subject) || isPage(subject),
): Injection => ({
  bug,
  kind: 'access',
  applies,
  inject(trial) {
    const pair = neighbours(trial);
    if (pair === undefined) return undefined;
    const gone = freed === undefined ? undefined : pair[freed];
    if (gone !== undefined) trial.memory.free(gone);
    return {
      access: address({ ...pair, slot: trial.memory.slot, subject: trial.memory.subject }),
      cleanUp: () => {
        for (const p of pair.all) if (p !== gone) trial.memory.free(p);
      },
    };
  },
});

/** Stale pointers to a page that has become something else. */
const reusedAs = (bug: BugName, classOf: Victim): Injection => ({
  bug,
  kind: 'access',
  applies: isPage,
  inject({ kernel, memory }) {
    const stale = memory.alloc();
    memory.free(stale);
    const page = kernel.alloc_pages(0, VICTIMS[classOf].gfp, classOf);
    const cleanUp = (): void => kernel.free_pages(page);
    if (page * kernel.pageSize === addressOf(stale)) return { access: stale, cleanUp };
    cleanUp();
    return undefined;
  },
});

/** An access at a place in the memory itself. */
const within = (
  bug: BugName,
  offset: (subject: Subject) => number,
  applies: Injection['applies'] = (subject) => offset(subject) < subject.slot,
): Injection => ({
  bug,
  kind: 'access',
  applies,
  inject({ memory }) {
    const p = memory.alloc();
    return { access: offsetBy(p, offset(memory.subject)), cleanUp: () => memory.free(p) };
  },
});

/** Bytes of the granules that memory is given. */
const granuleBytes = ({ size }: Subject): number => roundUp(size, GRANULE_BYTES);
const hasPartialGranule = ({ size }: Subject): boolean => size % GRANULE_BYTES !== 0;
const hasMarkedEnd = (subject: Subject): boolean => {
  const { cache, allocator, slot } = subject;
  return (
    (cache === 'kmalloc' || allocator === 'kmalloc-large' || allocator === 'vmalloc') && granuleBytes(subject) < slot
  );
};
const hasPadding = (subject: Subject): boolean =>
  isSlab(subject) && subject.cache !== 'kmalloc' && granuleBytes(subject) < subject.slot;
/** The elements of a pool of such memory. */
function elementsOf({ allocator, cache, size, route, class: name, order = 0 }: Subject): MempoolElements | undefined {
  if ((allocator === 'slab' && cache === 'kmalloc') || allocator === 'kmalloc-large') return { kind: 'kmalloc', size };
  const isPages = allocator === 'page' && route === 'pointer' && name === 'driver/other';
  return isPages ? { kind: 'pages', order } : undefined;
}

/** Whether something marked lies right before the memory: the end of the neighbour's, or generic KASAN's redzone. */
const hasRedzoneBefore = (subject: Subject, build: KasanBuild): boolean =>
  isSlab(subject) && (build === 'generic' || hasMarkedEnd(subject));

/**
 * mm/slub.c:calculate_sizes: where a freed object keeps the pointer to the next one. It lies in the middle, or behind the
 * object where that must stay as it is.
 */
const freelistPointer = ({ size, cache }: Subject): number =>
  cache === 'ctor' || cache === 'typesafe-by-rcu'
    ? roundUp(size, POINTER_BYTES)
    : Math.floor(size / 2 / POINTER_BYTES) * POINTER_BYTES;

const ofNeighbour = ({ low, slot }: Neighbours): Pointer => offsetBy(low, slot);

/** How the bugs are made. */
export const INJECTIONS: readonly Injection[] = [
  useAfterFree('use after free, at once', isFreed, (p) => p),
  useAfterRealloc('use after free, after reuse', 1),
  useAfterRealloc('use after free, 4 reuses', 4),
  useAfterFree(
    'use after free, match-all',
    (subject) => subject.route === 'pointer' && isReused(subject),
    (p) => resetTag(p),
  ),
  within('overflow within the granule', ({ size }) => size, hasPartialGranule),
  within('overflow into own redzone', granuleBytes, hasMarkedEnd),
  within('overflow into padding', granuleBytes, hasPadding),
  within(
    'overflow into next variable',
    ({ size }) => size,
    ({ allocator }) => allocator === 'variable',
  ),
  beside('overflow into live memory', ofNeighbour, undefined),
  beside(
    'overflow into live memory, match-all',
    (pair) => resetTag(ofNeighbour(pair)),
    undefined,
    (subject) => isSlab(subject),
  ),
  beside('overflow by 16 more, live memory', (pair) => offsetBy(ofNeighbour(pair), GRANULE_BYTES), undefined),
  beside('overflow into freed memory', ofNeighbour, 'high'),
  {
    bug: 'overflow into a new object',
    kind: 'access',
    ownCache: true,
    // Which objects of a kmalloc cache were never given out depends on all that came before.
    applies: (subject) => isSlab(subject) && subject.cache !== 'kmalloc',
    inject({ memory, kernel }) {
      const p = memory.alloc();
      const { slot } = memory;
      const slab = kernel.slub.slabAt(addressOf(p));
      const cleanUp = (): void => memory.free(p);
      for (const distance of [slot, -slot]) {
        const at = addressOf(p) + distance - (slab?.base ?? 0);
        if (at >= 0 && at < slot * memory.objectsOfSlab) return { access: offsetBy(p, distance), cleanUp };
      }
      cleanUp();
      return undefined;
    },
  },
  beside('underflow into a redzone', ({ high }) => offsetBy(high, -1), undefined, hasRedzoneBefore),
  beside(
    'underflow into live memory',
    ({ high }) => offsetBy(high, -1),
    undefined,
    (subject, build) =>
      (isSlab(subject) || isPage(subject)) && !hasRedzoneBefore(subject, build) && !hasPadding(subject),
  ),
  beside(
    'underflow into freed memory',
    ({ high }) => offsetBy(high, -1),
    'low',
    (subject) => (isSlab(subject) || isPage(subject)) && !hasPadding(subject) && !hasMarkedEnd(subject),
  ),
  beside(
    'underflow into a freed redzone',
    ({ high }) => offsetBy(high, -1),
    'low',
    (subject) => isSlab(subject) && hasMarkedEnd(subject),
  ),
  {
    bug: 'far out of bounds',
    kind: 'access',
    applies: isReused,
    inject({ kernel, memory, random }) {
      const p = memory.alloc();
      const { slot } = memory;
      const distance = slot + random.below(FAR_BYTES);
      const up = addressOf(p) + distance < kernel.ram;
      return { access: offsetBy(p, up ? distance : -distance), cleanUp: () => memory.free(p) };
    },
  },
  {
    bug: 'overflow behind the area',
    kind: 'access',
    applies: ({ allocator }) => allocator === 'vmalloc',
    inject({ memory }) {
      const p = memory.alloc();
      return { access: offsetBy(p, memory.slot), cleanUp: () => memory.free(p) };
    },
  },
  useAfterFree('freelist pointer, stale pointer', isSlab, (p, subject) => offsetBy(p, freelistPointer(subject))),
  beside(
    'freelist pointer, from beside',
    (pair) => offsetBy(ofNeighbour(pair), freelistPointer(pair.subject)),
    'high',
    isSlab,
  ),
  reusedAs('stale pointer, now a table', 'page-table'),
  reusedAs('stale pointer, now user page', 'user-anon'),
  {
    bug: 'stale pointer, now a stack',
    kind: 'access',
    applies: ({ stackSized = false }) => stackSized,
    inject({ kernel, memory }) {
      const stale = memory.alloc();
      memory.free(stale);
      const stack = kernel.vmalloc(kernel.config.threadSize, VICTIMS['kernel-stack'].gfp, 'kernel-stack');
      const cleanUp = (): void => kernel.vfree(stack);
      if ((kernel.vmalloc_to_page(stack) ?? 0) * kernel.pageSize === addressOf(stale))
        return { access: stale, cleanUp };
      cleanUp();
      return undefined;
    },
  },
  {
    bug: 'overflow into a page table',
    kind: 'access',
    applies: isPage,
    inject(trial) {
      const { kernel, memory } = trial;
      const pair = neighbours(trial);
      if (pair === undefined) return undefined;
      memory.free(pair.high);
      const page = kernel.alloc_pages(0, VICTIMS['page-table'].gfp, 'page-table');
      const cleanUp = (): void => {
        kernel.free_pages(page);
        for (const p of pair.all) if (p !== pair.high) memory.free(p);
      };
      if (page * kernel.pageSize === addressOf(pair.high)) return { access: offsetBy(pair.low, memory.slot), cleanUp };
      cleanUp();
      return undefined;
    },
  },
  {
    bug: 'double free',
    kind: 'free',
    // Pages of a large kmalloc that were freed have no type any more: kfree warns of that before KASAN looks.
    applies: isSlab,
    inject({ memory }) {
      const p = memory.alloc();
      memory.free(p);
      return { free: () => memory.free(p) };
    },
  },
  {
    bug: 'double free to a mempool',
    kind: 'free',
    // Vmalloc areas and pages that are reached without a tag are in no pool, and a pool of one kind will do for caches.
    applies: (subject) => elementsOf(subject) !== undefined,
    inject({ kernel, memory }) {
      const elements = elementsOf(memory.subject);
      if (elements === undefined) return undefined;
      // mm/mempool.c:mempool_alloc asks the allocator first; a pool that lacks elements keeps what comes back.
      const p = memory.alloc();
      const pool = kernel.mempool_create(2, elements);
      kernel.mempool_alloc_preallocated(pool);
      kernel.mempool_alloc_preallocated(pool);
      kernel.mempool_free(p, pool);
      return { free: () => kernel.mempool_free(p, pool) };
    },
  },
  {
    bug: 'invalid free',
    kind: 'free',
    applies: (subject) => isSlab(subject) || subject.allocator === 'kmalloc-large',
    inject({ memory }) {
      const p = memory.alloc();
      return { free: () => memory.free(offsetBy(p, 1)) };
    },
  },
];
