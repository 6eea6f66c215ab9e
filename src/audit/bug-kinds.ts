import { GFP_COMP, gfpUnion } from '../gfp/flags.ts';
import { GFP_HIGHUSER_MOVABLE, GFP_PGTABLE_USER, GFP_VMAP_STACK } from '../gfp/masks.ts';
import type { Memory } from './memory.ts';

/** What an access meets. */
export type Met =
  /** The granule of the last byte that is asked for: it has one tag, and no bytes apart. */
  | 'same granule'
  /** Granules that are marked when the memory is given out: behind a kmalloc, behind what is asked for of a vmalloc area. */
  | 'redzone'
  /** Bytes between objects of a cache that its objects do not use. */
  | 'padding'
  /** Memory that was freed, through a pointer that it once had. */
  | 'freed'
  /** Memory that was freed, through a pointer to what lies beside it. */
  | 'freed neighbour'
  /** The redzone of such a neighbour. */
  | 'freed redzone'
  /** An object of a slab that nobody had yet. */
  | 'never used'
  /** Memory that has another owner now. */
  | 'reused'
  /** Memory of a live owner beside one's own. */
  | 'neighbour'
  /** The variable that the compiler or the linker put beside one's own. */
  | 'next variable'
  /** Nothing is mapped there. */
  | 'not mapped'
  /** Whatever happens to lie there. */
  | 'anything';

/** Memory that a page may have become. */
export type Victim = 'page-table' | 'user-anon' | 'kernel-stack';

export const VICTIMS: { readonly [Name in Victim]: Memory } = {
  'page-table': {
    class: 'page-table',
    allocator: 'page',
    route: 'match-all',
    gfp: gfpUnion(GFP_PGTABLE_USER, GFP_COMP),
  },
  'user-anon': { class: 'user-anon', allocator: 'page', route: 'match-all', gfp: GFP_HIGHUSER_MOVABLE },
  'kernel-stack': { class: 'kernel-stack', allocator: 'vmalloc', route: 'match-all', gfp: GFP_VMAP_STACK },
};

/** A bad access. */
export interface BadAccess {
  readonly name: string;
  readonly meets: Met;
  /** How many owners the memory had since; 1 if it is left out. */
  readonly reuses?: number;
  /** The access goes through a pointer whose tag was reset. */
  readonly matchAll?: boolean;
  /** What the page that is met has become. */
  readonly into?: Victim;
}

/** A bad call of a free function: the tag is compared by software. */
export interface BadFree {
  readonly name: string;
  readonly frees: 'double' | 'invalid';
  /** It goes back to a pool of elements (mm/mempool.c), which keeps it. */
  readonly toPool?: boolean;
}

/** The kinds of bug, by the words that results use for them. */
export const BUG_KINDS = [
  { name: 'use after free, at once', meets: 'freed' },
  { name: 'use after free, after reuse', meets: 'reused' },
  { name: 'use after free, 4 reuses', meets: 'reused', reuses: 4 },
  { name: 'use after free, match-all', meets: 'freed', matchAll: true },
  { name: 'overflow within the granule', meets: 'same granule' },
  { name: 'overflow into own redzone', meets: 'redzone' },
  { name: 'overflow into padding', meets: 'padding' },
  { name: 'overflow into live memory', meets: 'neighbour' },
  { name: 'overflow into live memory, match-all', meets: 'neighbour', matchAll: true },
  { name: 'overflow by 16 more, live memory', meets: 'neighbour' },
  { name: 'overflow into freed memory', meets: 'freed neighbour' },
  { name: 'overflow into a new object', meets: 'never used' },
  { name: 'overflow behind the area', meets: 'not mapped' },
  { name: 'overflow into next variable', meets: 'next variable' },
  { name: 'underflow into a redzone', meets: 'redzone' },
  { name: 'underflow into live memory', meets: 'neighbour' },
  { name: 'underflow into freed memory', meets: 'freed neighbour' },
  { name: 'underflow into a freed redzone', meets: 'freed redzone' },
  { name: 'far out of bounds', meets: 'anything' },
  { name: 'freelist pointer, stale pointer', meets: 'freed' },
  { name: 'freelist pointer, from beside', meets: 'freed neighbour' },
  { name: 'stale pointer, now a table', meets: 'freed', into: 'page-table' },
  { name: 'stale pointer, now user page', meets: 'freed', into: 'user-anon' },
  { name: 'stale pointer, now a stack', meets: 'freed', into: 'kernel-stack' },
  { name: 'overflow into a page table', meets: 'freed neighbour', into: 'page-table' },
  { name: 'double free', frees: 'double' },
  { name: 'double free to a mempool', frees: 'double', toPool: true },
  { name: 'invalid free', frees: 'invalid' },
] as const satisfies readonly (BadAccess | BadFree)[];

export type BugName = (typeof BUG_KINDS)[number]['name'];

const KIND_OF = new Map<BugName, BadAccess | BadFree>(BUG_KINDS.map((kind) => [kind.name, kind]));

/** What a kind of bug is. */
export const bugKind = (name: BugName): BadAccess | BadFree => {
  const kind = KIND_OF.get(name);
  if (kind === undefined) throw new RangeError(`no kind of bug "${name}"`);
  return kind;
};
