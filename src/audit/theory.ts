import type { AllocationClass } from '../base/allocation-class.ts';
import { assertUnreachable } from '../base/assert.ts';
import type { FreedTags, KasanChanges } from '../base/kasan-changes.ts';
import { GFP_SKIP_KASAN, gfpHasAll } from '../gfp/flags.ts';
import { changesIn } from '../kasan/kasan.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import { effectiveMask } from '../policy/effective-mask.ts';
import { kasanChanges, type Action, type Policy } from '../policy/policy.ts';
import { policyDecider, slabPagesFor } from '../workload/policy-sites.ts';
import type { Allocation, ConditionName, Decider } from '../policy/decide.ts';
import { bugKind, VICTIMS, type BadAccess, type BadFree, type BugName, type Met } from './bug-kinds.ts';
import type { Memory } from './memory.ts';

/** How a bug shows: by a read, a write, or in a free function. */
export type BugAccess = 'read' | 'write' | 'free';

/** A bug in some memory. */
export interface BugInMemory {
  readonly bug: BugName;
  readonly access: BugAccess;
  readonly memory: Memory;
}

/** The kernel that a bug is in: how it is built and booted, and what it tags. */
export interface RuledKernel {
  readonly config: KernelConfig;
  readonly policy: Policy;
}

/** What share of a bug is detected by the rules, 0 … 1, and why. Where what lies there is not known, two bounds. */
export interface Theory {
  readonly low: number;
  readonly high: number;
  readonly reason: string;
}

/** A share in a word: it is never detected, always, as often as two draws differ, or not decided by what is known. */
export type Certainty = 'never' | 'certain' | 'chance' | 'open';

/** Shares that differ by less are the same: they may be sums in another order. */
export const SAME_SHARE = 1e-9;

export function certainty({ low, high }: Theory): Certainty {
  if (high - low > SAME_SHARE) return 'open';
  if (low >= 1 - SAME_SHARE) return 'certain';
  return high <= SAME_SHARE ? 'never' : 'chance';
}

/** What holds if it is not known which of several bugs it was: the bounds of all. */
export function eitherOf(theories: readonly Theory[]): Theory {
  const reasons = new Set(theories.map(({ reason }) => reason));
  return {
    low: Math.min(...theories.map(({ low }) => low)),
    high: Math.max(...theories.map(({ high }) => high)),
    reason: [...reasons].join('; or '),
  };
}

/**
 * Whether a mismatch is noticed only later, at the next entry to the kernel or switch of task, so that the report has neither
 * address nor stack (`kasan.mode=async`, and writes with `asymm`).
 */
export const isNoticedLater = ({ build, detection }: KernelConfig, access: BugAccess): boolean =>
  build === 'hw-tags' &&
  access !== 'free' &&
  (detection.mode === 'async' || (detection.mode === 'asymm' && access === 'write'));

const exactly = (value: number, reason: string): Theory => ({ low: value, high: value, reason });

const POISONED = exactly(1, 'the memory is poisoned, with a tag that no pointer has');
const SAME_TAG = exactly(0, 'the memory has the tag of the pointer');
const KEPT_TAG = exactly(0, 'its objects keep one tag for the life of their slab');
const MATCH_ALL = exactly(0, 'the pointer has the match-all tag');
const MMU = exactly(1, 'nothing is mapped there: the MMU faults');
const DISTINCT = exactly(1, 'the tag is drawn from those that the memory before and beside do not have');

/** IRG draws from so many tags (GCR_EL1 excludes the other two). */
const TAGS = 14;
const OTHER_DRAW = 1 - 1 / TAGS;
/** Tags to draw from where those of both neighbours are left out too. */
const TAGS_BETWEEN_NEIGHBOURS = TAGS - 2;
const TWO_DRAWS = exactly(OTHER_DRAW, `two tags are drawn from ${TAGS}`);

/**
 * Two tags of SW_TAGS. The lowest bit of its generator (mm/kasan/sw_tags.c: an odd multiplier, an odd increment, modulo
 * 2^32) changes with each draw, and 254 is even: tags that are drawn an odd number of draws apart are never equal, others
 * once in 127.
 */
const SW_TAGS_DRAWS: Theory = {
  low: 126 / 127,
  high: 1,
  reason: 'tags alternate between even and odd: never equal, or once in 127',
};

/** How likely the last of `draws` is the first tag again, if each differs from the one before it. */
const returns = (draws: number, tags: number): number =>
  1 / tags + ((tags - 1) / tags) * Math.pow(-1 / (tags - 1), draws);

/** Memory that a policy was asked about already. */
interface DecidedMemory extends Memory {
  readonly action?: Action;
  /** What it says of the pages of the slab that an object is in. */
  readonly slabPages?: Action;
}

/** What no slab is made for. */
const NO_SLAB = { actions: new Set<Action>(['kernel']), hangsOn: new Set<ConditionName>() } as const;

/** What a policy is asked; what is left out of the memory is what no condition but `*` is about. */
const allocationOf = (
  { site = '', frames = [], comm = '', gfp, order = 0 }: Memory,
  name: AllocationClass,
): Allocation => ({ class: name, site, frames, comm, gfp, order });

/** What policies look at, in words. */
export const CONDITION_WORDS: Record<ConditionName, string> = {
  class: 'the class',
  site: 'the call site',
  function: 'the stack',
  comm: 'the command',
  gfp: 'the gfp mask',
  order: 'the order',
};

/**
 * What a kernel under a policy detects, by the rules: which tag an access meets, and what pointer it goes through. Knows
 * nothing of the model, which runs the same bugs and has to agree (`audit.ts`).
 */
export class DetectionRules {
  readonly #config: KernelConfig;
  readonly #changes: KasanChanges;
  readonly #decider: Decider;

  /** @throws UsageError if the policy names flags that Linux 7.3 does not have */
  constructor({ config, policy }: RuledKernel) {
    this.#config = config;
    this.#changes = changesIn(config, kasanChanges(policy));
    this.#decider = policyDecider(policy);
  }

  /** What the policy looks at and is not known of the memory: its decision hangs on that. */
  hangsOn(memory: Memory): ReadonlySet<ConditionName> {
    const { untold = [], class: name } = memory;
    if (name === 'global' || memory.allocator === 'variable') return new Set();
    const { actions, hangsOn } = this.#decider.possible(allocationOf(memory, name), untold);
    return actions.size > 1 ? hangsOn : new Set();
  }

  /** What share of a bug is detected. Where the policy hangs on what is not known of the memory, all that it may be. */
  theory({ bug, access, memory }: BugInMemory): Theory {
    const kind = bugKind(bug);
    const { decided, hangsOn } = this.#decisions(memory);
    if (decided.length === 1) return this.#theory(kind, access, decided[0]);
    const either = eitherOf(decided.map((one) => this.#theory(kind, access, one)));
    if (either.high - either.low <= SAME_SHARE) return either;
    return { ...either, reason: `which rule of the policy applies hangs on ${hangsOn}, which is not known` };
  }

  #theory(kind: BadAccess | BadFree, access: BugAccess, memory: DecidedMemory): Theory {
    if (!('frees' in kind)) return this.#sampled(memory, this.#access(kind, access, memory));
    return kind.toPool === true ? this.#sampled(memory, this.#freeToPool(memory)) : this.#free(kind, memory);
  }

  /** The memory as the policy may have decided on it. */
  #decisions(memory: Memory): { readonly decided: readonly DecidedMemory[]; readonly hangsOn: string } {
    const { untold = [] } = memory;
    if (memory.class === 'global') return { decided: [memory], hangsOn: '' };
    const asked = allocationOf(memory, memory.class);
    const own = this.#decider.possible(asked, untold);
    // The order of slabs is their cache's, and no report or audit tells it.
    const ofSlab = { ...asked, ...slabPagesFor(asked) };
    const pages = memory.allocator === 'slab' ? this.#decider.possible(ofSlab, [...untold, 'order']) : NO_SLAB;
    const decided = [...own.actions].flatMap((action) =>
      [...pages.actions].map((slabPages) => ({ ...memory, action, slabPages })),
    );
    const hangsOn = new Set([...own.hangsOn, ...pages.hangsOn]);
    return { decided, hangsOn: [...hangsOn].map((name) => CONDITION_WORDS[name]).join(' and ') };
  }

  /** Whether memory is tagged: with hardware tags that is what a policy decides; the software builds have no flag for it. */
  tags(memory: DecidedMemory): boolean {
    const { build, kasan, vmalloc } = this.#config;
    if (memory.allocator === 'variable' || memory.class === 'global') return false;
    if (build !== 'hw-tags') return true;
    // With kasan.vmalloc=off areas are mapped untagged, and their pointers match all.
    if (!kasan || (memory.allocator === 'vmalloc' && !vmalloc)) return false;
    const { gfp } = memory;
    const action = memory.action ?? this.#decider.decide(allocationOf(memory, memory.class));
    // Slab tags by hooks of its own, which see no flags; tags that objects keep are given with the pages (setup_object).
    if (memory.allocator === 'slab') return action !== 'skip' && !(keepsTag(memory) && memory.slabPages === 'skip');
    return !gfpHasAll(effectiveMask(gfp, action), GFP_SKIP_KASAN);
  }

  /** Of how many such allocations one is tagged: more than 1 where pages are sampled. */
  sampledOf({ allocator, order = 0 }: Memory): number {
    const { build, pageAllocSample, pageAllocSampleOrder } = this.#config;
    const sample = this.#changes.sample ?? { every: pageAllocSample, order: pageAllocSampleOrder };
    const isOfPages = allocator === 'page' || (allocator === 'kmalloc-large' && this.#changes.largeKmalloc === 'pages');
    return build === 'hw-tags' && isOfPages && order >= sample.order ? sample.every : 1;
  }

  /** What becomes of the tags of memory when it is freed; typesafe objects apart, which stay as they are. */
  #freedTags(memory: Memory): FreedTags {
    const { freedObjects, freedPages } = this.#changes;
    if (memory.allocator !== 'slab') return freedPages;
    // Objects with a constructor have no other tag to be given.
    return memory.cache === 'ctor' && freedObjects === 'redraw' ? 'poison' : freedObjects;
  }

  /**
   * Of sampled allocations only some have a pointer that is checked. What such a pointer meets was mostly not tagged again: it
   * is poison then, or what has another tag; or it has the pointer's still, where freed memory keeps its tag.
   */
  #sampled(memory: Memory, theory: Theory): Theory {
    const every = this.sampledOf(memory);
    if (every === 1 || theory.high === 0) return theory;
    const reason = `one of ${every} such allocations has a tag, the others match all; ${theory.reason}`;
    const least = this.#freedTags(memory) === 'keep' ? 0 : Math.min(theory.low, OTHER_DRAW);
    return { low: least / every, high: 1 / every, reason };
  }

  #access(kind: BadAccess, access: BugAccess, memory: DecidedMemory): Theory {
    const { build, detection, kasan } = this.#config;
    if (isUnmapped(kind.meets, memory)) return MMU;
    if (build === 'generic') return this.#generic(kind, memory);
    if (kind.meets === 'next variable') return this.#variable(memory);
    if (build === 'hw-tags' && !kasan) return exactly(0, 'KASAN is off');
    if (build === 'hw-tags' && detection.writeOnly && access === 'read') return exactly(0, 'reads are not checked');
    if (kind.matchAll === true || memory.route === 'match-all') return MATCH_ALL;
    if (!this.tags(memory)) return exactly(0, 'the memory is skipped: its pointer has the match-all tag');
    return kind.into === undefined ? this.#met(kind, memory) : this.#become(kind, memory, VICTIMS[kind.into]);
  }

  /** A page that has become something else. What is skipped stays as it was left when it was freed. */
  #become(kind: BadAccess, memory: DecidedMemory, into: Memory): Theory {
    if (!this.tags(into)) return this.#met(kind, memory);
    // vmalloc draws for an area as a whole, whatever its pages had before.
    return into.allocator === 'page' ? this.#met({ ...kind, meets: 'reused' }, memory) : this.#draws(memory, 'any');
  }

  #met(kind: BadAccess, memory: DecidedMemory): Theory {
    const { meets } = kind;
    const isTypesafe = memory.allocator === 'slab' && memory.cache === 'typesafe-by-rcu';
    switch (meets) {
      case 'same granule':
        return SAME_TAG;
      case 'redzone':
        return POISONED;
      case 'padding':
        return this.#newSlab(memory);
      case 'freed':
        return isTypesafe ? exactly(0, 'a freed object keeps its tag') : this.#freed(memory);
      case 'freed neighbour':
        return isTypesafe ? this.#draws(memory, 'any') : this.#freedNeighbour(memory);
      case 'freed redzone':
        // It is marked when memory is given out; a free that writes nothing leaves it, others take it for a part of the object.
        return this.#freedTags(memory) === 'keep' ? POISONED : this.#freedNeighbour(memory);
      case 'never used':
        return this.#neverUsed(memory);
      case 'reused':
        return keepsTag(memory) ? KEPT_TAG : this.#reused(memory, kind.reuses ?? 1);
      case 'neighbour':
        return this.#draws(memory, keepsTag(memory) ? 'any' : this.#changes.draws);
      case 'anything':
        return this.#anything();
      case 'not mapped':
        return MMU;
      case 'next variable':
        return this.#variable(memory);
      default:
        return assertUnreachable(meets);
    }
  }

  /** Two tags that were drawn one after the other, the second perhaps so that it differs. */
  #draws(memory: Memory, draws: KasanChanges['draws']): Theory {
    if (this.#config.build === 'sw-tags') return SW_TAGS_DRAWS;
    return draws === 'distinct' && memory.allocator !== 'vmalloc' ? DISTINCT : TWO_DRAWS;
  }

  #freed(memory: Memory): Theory {
    switch (this.#freedTags(memory)) {
      case 'poison':
        return POISONED;
      case 'keep':
        return exactly(0, 'freed memory keeps the tag that the pointer has');
      case 'redraw':
        return this.#changes.draws === 'distinct'
          ? DISTINCT
          : exactly(OTHER_DRAW, `freed memory gets a new tag; two tags are drawn from ${TAGS}`);
    }
  }

  #freedNeighbour(memory: Memory): Theory {
    const tags = this.#freedTags(memory);
    if (tags === 'poison') return POISONED;
    if (this.#changes.draws === 'distinct' && memory.cache !== 'ctor') return DISTINCT;
    const what = tags === 'keep' ? 'freed memory keeps its tag' : 'freed memory gets a new tag';
    return exactly(OTHER_DRAW, `${what}; two tags are drawn from ${TAGS}`);
  }

  /** The memory has had other owners since. Where each tag differs from the one before, the first may come again later. */
  #reused(memory: Memory, reuses: number): Theory {
    if (this.#config.build === 'sw-tags') return SW_TAGS_DRAWS;
    // The hooks of large kmallocs find poison, and pages that do not tell what tag they had.
    const isByHooks = memory.allocator === 'kmalloc-large' && this.#changes.largeKmalloc === 'hooks';
    if (this.#changes.draws !== 'distinct' || memory.allocator === 'vmalloc' || isByHooks) return TWO_DRAWS;
    if (reuses === 1) return DISTINCT;
    const bounds = [TAGS, TAGS_BETWEEN_NEIGHBOURS].map((tags) => 1 - returns(reuses, tags));
    return {
      low: Math.min(...bounds),
      high: Math.max(...bounds),
      reason: `each owner's tag differs from the one before it, and the first may come again after that`,
    };
  }

  /** What nobody was given yet of a slab. */
  #newSlab({ slabPages }: DecidedMemory): Theory {
    return (this.#changes.newSlabs === 'leave' || slabPages === 'skip') && this.#config.build === 'hw-tags'
      ? {
          low: OTHER_DRAW,
          high: 1,
          reason: `a new slab has the tags that its pages came with: poison, or one that is equal once in ${TAGS}`,
        }
      : POISONED;
  }

  #neverUsed(memory: DecidedMemory): Theory {
    // A constructor finds its object unpoisoned, and it is poisoned again after that (mm/slub.c:setup_object).
    if (memory.cache === 'ctor') return POISONED;
    const isTypesafe = memory.cache === 'typesafe-by-rcu';
    if (isTypesafe || this.#changes.freedObjects !== 'redraw') return this.#newSlab(memory);
    return this.#changes.draws === 'distinct'
      ? DISTINCT
      : exactly(OTHER_DRAW, `each object of a new slab gets a tag; two tags are drawn from ${TAGS}`);
  }

  #anything(): Theory {
    if (this.#config.build === 'sw-tags') return SW_TAGS_DRAWS;
    // That tags two objects away are equal a little more often where neighbours differ does not count over a megabyte.
    return { low: OTHER_DRAW, high: 1, reason: `poison, or a tag that is equal once in ${TAGS}` };
  }

  /** A variable of a stack frame, the image or a CPU. CONFIG_KASAN_STACK is for the software builds, globals for generic. */
  #variable({ class: name }: Memory): Theory {
    const { build } = this.#config;
    if (build === 'sw-tags' && name === 'kernel-stack')
      return exactly(1, 'the compiler gives variables that lie side by side different tags');
    return exactly(0, 'nothing sets it apart from its neighbour, and no tag is in its address');
  }

  #generic(kind: BadAccess, memory: Memory): Theory {
    const accessible = exactly(0, 'the bytes are accessible, whoever owns them');
    const poisoned = exactly(1, 'the bytes are poisoned');
    if (kind.into !== undefined) return accessible;
    switch (kind.meets) {
      case 'freed':
        return memory.cache === 'typesafe-by-rcu' ? accessible : poisoned;
      case 'reused':
        // Freed objects wait in quarantine, so that another object is given out.
        return memory.allocator === 'slab' ? poisoned : accessible;
      case 'neighbour':
        return accessible;
      case 'same granule':
      case 'redzone':
      case 'padding':
      case 'freed neighbour':
      case 'freed redzone':
      case 'never used':
        return poisoned;
      case 'next variable':
        return memory.class === 'percpu' ? accessible : exactly(1, 'the compiler puts redzones between variables');
      case 'anything':
        return { low: 0, high: 1, reason: 'accessible or not, as it happens' };
      case 'not mapped':
        return MMU;
      default:
        return assertUnreachable(kind.meets);
    }
  }

  /**
   * An element that waits in a pool already. The pool has KASAN compare its tag, that of `struct page` for pages, before it is
   * poisoned until somebody takes it (mm/kasan/common.c:__kasan_mempool_poison_object, check_slab_allocation;
   * __kasan_mempool_poison_pages, check_page_allocation).
   */
  #freeToPool(memory: DecidedMemory): Theory {
    const { build, kasan } = this.#config;
    if (build === 'hw-tags' && !kasan) return exactly(0, 'KASAN is off');
    if (memory.cache === 'typesafe-by-rcu' && build !== 'generic') return exactly(0, 'a freed object keeps its tag');
    if (build === 'generic') return exactly(1, 'the bytes are poisoned');
    if (memory.route === 'match-all' || !this.tags(memory)) return exactly(0, 'a match-all pointer passes every check');
    // What waits is always poisoned: a policy that gives freed memory a tag does so where the allocator has it back.
    return build === 'hw-tags' && this.#freedTags(memory) === 'keep' ? this.#freed(memory) : POISONED;
  }

  /** A pointer that is passed to a free function. */
  #free({ frees }: BadFree, memory: DecidedMemory): Theory {
    const { build, kasan } = this.#config;
    if (memory.allocator === 'page' || memory.allocator === 'vmalloc')
      return exactly(0, 'the tag is not looked at when pages are freed');
    if (build === 'hw-tags' && !kasan) return exactly(0, 'KASAN is off');
    if (frees === 'invalid') return exactly(1, 'the pointer is not the beginning of its memory');
    if (memory.allocator === 'kmalloc-large')
      return exactly(0, 'kfree finds no kmalloc there, and warns before KASAN looks');
    const isTypesafe = memory.cache === 'typesafe-by-rcu';
    if (build === 'generic')
      return exactly(1, isTypesafe ? 'the object waits for its grace period' : 'the bytes are poisoned');
    if (memory.route === 'match-all' || !this.tags(memory)) return exactly(0, 'a match-all pointer passes every check');
    if (build === 'sw-tags') return POISONED;
    return isTypesafe ? exactly(0, 'a freed object keeps its tag') : this.#freed(memory);
  }
}

/** Objects that have one tag for the life of their slab (mm/kasan/common.c:assign_tag). */
const keepsTag = ({ allocator, cache }: Memory): boolean =>
  allocator === 'slab' && (cache === 'ctor' || cache === 'typesafe-by-rcu');

/** vmalloc areas have an unmapped page behind them, and none of their own when they are freed. */
const isUnmapped = (meets: Met, { allocator }: Memory): boolean =>
  meets === 'not mapped' || (allocator === 'vmalloc' && (meets === 'freed' || meets === 'neighbour'));
