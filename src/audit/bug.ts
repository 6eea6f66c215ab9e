import type { Random } from '../base/random.ts';
import { GRANULE_BYTES, roundUp } from '../base/units.ts';
import type { TestKernel } from '../conform/test-kernel.ts';
import { GFP_COMP, gfpUnion } from '../gfp/flags.ts';
import { GFP_HIGHUSER_MOVABLE, GFP_PGTABLE_USER, GFP_VMAP_STACK } from '../gfp/masks.ts';
import { addressOf, offsetBy, resetTag, type Pointer } from '../mte/pointer.ts';
import type { Subject, SubjectAllocator } from './subject.ts';
import { accessTheory, freedTags, freeTheory, type Facts, type Met, type Theory } from './theory.ts';

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

/** Memory of another kind that a bug may go into. */
export type Victim = 'page-table' | 'user-anon' | 'kernel-stack';

/** A kind of bug. */
export interface Bug {
  readonly name: string;
  readonly kind: 'access' | 'free';
  applies(subject: Subject): boolean;
  inject(trial: Trial): Injected;
  /** @param into whether a policy lets memory of a class be tagged */
  theory(facts: Facts, into: (name: Victim) => boolean): Theory;
}

/** The far end of "far out of bounds". */
const FAR_BYTES = 1 << 20;
const RETRIES = 64;

const isSlab = ({ allocator }: Subject): boolean => allocator === 'slab';
const isPage = ({ allocator, stackSized = false }: Subject): boolean => allocator === 'page' && !stackSized;

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

const useAfterRealloc = (name: string, times: number): Bug => ({
  name,
  kind: 'access',
  applies: (subject) => subject.allocator !== 'vmalloc',
  inject(trial) {
    if (trial.kernel.isGeneric && isSlab(trial.memory.subject)) return quarantined(trial, times);
    const memory = reallocated(trial, times);
    return memory === undefined ? undefined : { access: memory.stale, cleanUp: () => trial.memory.free(memory.live) };
  },
  theory: (facts) => {
    if (facts.subject.typesafeByRcu === true && facts.build !== 'generic') return accessTheory(facts, 'own');
    // Generic KASAN keeps freed objects in quarantine, so that another object is given out.
    const isQuarantined = facts.build === 'generic' && facts.subject.allocator === 'slab';
    return accessTheory(facts, isQuarantined ? 'freed' : 'other owner');
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

/** An access beside one of two neighbours. */
const beside = (
  name: string,
  address: (pair: { readonly low: Pointer; readonly high: Pointer; readonly slot: number }) => Pointer,
  met: Met,
  freed: 'low' | 'high' | undefined,
): Bug => ({
  name,
  kind: 'access',
  applies: (subject) => isSlab(subject) || isPage(subject),
  inject(trial) {
    const pair = neighbours(trial);
    if (pair === undefined) return undefined;
    const gone = freed === undefined ? undefined : pair[freed];
    if (gone !== undefined) trial.memory.free(gone);
    return {
      access: address({ ...pair, slot: trial.memory.slot }),
      cleanUp: () => {
        for (const p of pair.all) if (p !== gone) trial.memory.free(p);
      },
    };
  },
  theory: (facts) => {
    // A freed object of such a cache keeps its tag, which is not the neighbour's.
    const keepsTag = freed !== undefined && facts.subject.typesafeByRcu === true && facts.build !== 'generic';
    return accessTheory(facts, keepsTag ? 'other owner' : met);
  },
});

/** Stale pointers to a page that has become something else. */
const reusedAs = (name: string, classOf: Victim, gfp: typeof GFP_PGTABLE_USER): Bug => ({
  name,
  kind: 'access',
  applies: isPage,
  inject({ kernel, memory }) {
    const stale = memory.alloc();
    memory.free(stale);
    const page = kernel.alloc_pages(0, gfp, classOf);
    const cleanUp = (): void => kernel.free_pages(page);
    if (page * kernel.pageSize === addressOf(stale)) return { access: stale, cleanUp };
    cleanUp();
    return undefined;
  },
  // Memory that is skipped stays as it was left when it was freed.
  theory: (facts, into) => accessTheory(facts, into(classOf) || facts.build === 'generic' ? 'other owner' : 'freed'),
});

/** The page behind one's own has become something else. */
const overflowInto = (name: string, classOf: Victim, gfp: typeof GFP_PGTABLE_USER): Bug => ({
  name,
  kind: 'access',
  applies: isPage,
  inject(trial) {
    const { kernel, memory } = trial;
    const pair = neighbours(trial);
    if (pair === undefined) return undefined;
    memory.free(pair.high);
    const page = kernel.alloc_pages(0, gfp, classOf);
    const cleanUp = (): void => {
      kernel.free_pages(page);
      for (const p of pair.all) if (p !== pair.high) memory.free(p);
    };
    if (page * kernel.pageSize === addressOf(pair.high)) return { access: offsetBy(pair.low, memory.slot), cleanUp };
    cleanUp();
    return undefined;
  },
  theory: (facts, into) =>
    accessTheory(facts, into(classOf) || facts.build === 'generic' ? 'other owner' : 'freed neighbour'),
});

/** An access at a place in the memory itself. */
const within = (name: string, offset: (subject: Subject) => number, met: (facts: Facts) => Met): Bug => ({
  name,
  kind: 'access',
  applies: (subject) => offset(subject) < subject.slot,
  inject({ memory }) {
    const p = memory.alloc();
    return { access: offsetBy(p, offset(memory.subject)), cleanUp: () => memory.free(p) };
  },
  theory: (facts) => accessTheory(facts, met(facts)),
});

const granuleOf = ({ build }: Facts): number => (build === 'generic' ? 1 : GRANULE_BYTES);

/** What a byte behind the end is: kmalloc poisons the granules that are not asked for; other caches own them. */
const behind = (facts: Facts, offset: number): Met => {
  const end = roundUp(facts.subject.size, granuleOf(facts));
  return offset < end ? 'own' : 'poison';
};

const TABLE = gfpUnion(GFP_PGTABLE_USER, GFP_COMP);

/** Whether something poisoned lies between two neighbours. */
const hasRedzone = ({ subject: { size, slot, allocator }, build }: Facts): boolean =>
  roundUp(size, GRANULE_BYTES) < slot || (build === 'generic' && allocator === 'slab');

const underflow = beside('underflow into freed memory', ({ high }) => offsetBy(high, -1), 'freed neighbour', 'low');
const underflowIntoFreed: Bug = {
  ...underflow,
  // The redzone of a kmalloc is part of its object, and is tagged with it when it is freed; left alone, it stays.
  theory: (facts, into) =>
    hasRedzone(facts) && freedTags(facts) === 'keep' ? accessTheory(facts, 'poison') : underflow.theory(facts, into),
};

/** The bugs that are injected. */
export const BUGS: readonly Bug[] = [
  {
    name: 'use after free, at once',
    kind: 'access',
    applies: () => true,
    inject({ memory }) {
      const p = memory.alloc();
      memory.free(p);
      return { access: p, cleanUp: () => {} };
    },
    theory: (facts) => {
      const { subject } = facts;
      if (subject.allocator === 'vmalloc') return accessTheory(facts, 'not mapped');
      if (subject.typesafeByRcu === true) return accessTheory(facts, 'own');
      return accessTheory(facts, 'freed');
    },
  },
  useAfterRealloc('use after free, after reuse', 1),
  useAfterRealloc('use after free, 4 reuses', 4),
  {
    name: 'use after free, match-all',
    kind: 'access',
    applies: ({ route, allocator }) => route === 'pointer' && allocator !== 'vmalloc',
    inject({ memory }) {
      const p = memory.alloc();
      memory.free(p);
      return { access: resetTag(p), cleanUp: () => {} };
    },
    theory: (facts) =>
      facts.build === 'generic'
        ? accessTheory(facts, facts.subject.typesafeByRcu === true ? 'own' : 'freed')
        : accessTheory({ ...facts, subject: { ...facts.subject, route: 'match-all' } }, 'freed'),
  },
  within(
    'overflow by 1 byte',
    ({ size }) => size,
    (facts) => behind(facts, facts.subject.size),
  ),
  within(
    'overflow into next granule',
    ({ size }) => roundUp(size, GRANULE_BYTES),
    (facts) => behind(facts, roundUp(facts.subject.size, GRANULE_BYTES)),
  ),
  beside('overflow into live memory', ({ low, slot }) => offsetBy(low, slot), 'other owner', undefined),
  beside('overflow by 64, live memory', ({ low, slot }) => offsetBy(low, slot + 16), 'other owner', undefined),
  beside('overflow into freed memory', ({ low, slot }) => offsetBy(low, slot), 'freed neighbour', 'high'),
  {
    ...beside('underflow into live memory', ({ high }) => offsetBy(high, -1), 'other owner', undefined),
    theory: (facts) => accessTheory(facts, hasRedzone(facts) ? 'poison' : 'other owner'),
  },
  underflowIntoFreed,
  {
    name: 'far out of bounds',
    kind: 'access',
    applies: ({ allocator }) => allocator !== 'vmalloc',
    inject({ kernel, memory, random }) {
      const p = memory.alloc();
      const { slot } = memory;
      const distance = slot + random.below(FAR_BYTES);
      const up = addressOf(p) + distance < kernel.ram;
      return { access: offsetBy(p, up ? distance : -distance), cleanUp: () => memory.free(p) };
    },
    theory: (facts) => accessTheory(facts, 'anything'),
  },
  {
    name: 'overflow behind the area',
    kind: 'access',
    applies: ({ allocator }) => allocator === 'vmalloc',
    inject({ memory }) {
      const p = memory.alloc();
      return { access: offsetBy(p, memory.slot), cleanUp: () => memory.free(p) };
    },
    theory: (facts) => accessTheory(facts, 'not mapped'),
  },
  reusedAs('stale pointer, now a table', 'page-table', TABLE),
  reusedAs('stale pointer, now user page', 'user-anon', GFP_HIGHUSER_MOVABLE),
  {
    name: 'stale pointer, now a stack',
    kind: 'access',
    applies: ({ stackSized = false }) => stackSized,
    inject({ kernel, memory }) {
      const stale = memory.alloc();
      memory.free(stale);
      const stack = kernel.vmalloc(kernel.config.threadSize, GFP_VMAP_STACK, 'kernel-stack');
      const cleanUp = (): void => kernel.vfree(stack);
      if ((kernel.vmalloc_to_page(stack) ?? 0) * kernel.pageSize === addressOf(stale))
        return { access: stale, cleanUp };
      cleanUp();
      return undefined;
    },
    theory: (facts, into) =>
      accessTheory(facts, into('kernel-stack') || facts.build === 'generic' ? 'other owner' : 'freed'),
  },
  overflowInto('overflow into a page table', 'page-table', TABLE),
  {
    name: 'double free',
    kind: 'free',
    // Pages of a large kmalloc that were freed have no type any more: kfree warns of that before KASAN looks.
    applies: isSlab,
    inject({ memory }) {
      const p = memory.alloc();
      memory.free(p);
      return { free: () => memory.free(p) };
    },
    theory: (facts) => freeTheory(facts, 'double'),
  },
  {
    name: 'invalid free',
    kind: 'free',
    applies: (subject) => isSlab(subject) || subject.allocator === 'kmalloc-large',
    inject({ memory }) {
      const p = memory.alloc();
      return { free: () => memory.free(offsetBy(p, 1)) };
    },
    theory: (facts) => freeTheory(facts, 'invalid'),
  },
];
