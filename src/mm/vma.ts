import { NULL_POINTER, type Pointer } from '../mte/pointer.ts';
import { AnonymousPages } from './user-pages.ts';

/** `struct anon_vma`: kept as long as an area, its own or that of a child, is linked to it. */
export interface AnonVma {
  readonly memory: Pointer;
  users: number;
}

/** `struct anon_vma_chain`: the link of an area to an anon_vma. */
export interface AnonVmaChain {
  readonly memory: Pointer;
  readonly anonVma: AnonVma;
}

const NO_CHAINS: readonly AnonVmaChain[] = [];

/** `struct vm_area_struct`. */
export class Vma {
  readonly memory: Pointer;
  /** Its `struct vma_lock`, where that is an object of its own (before 6.15). */
  lock: Pointer = NULL_POINTER;
  start: number;
  end: number;
  /** Reserved only, as the guard below a thread's stack (PROT_NONE). */
  readonly guard: boolean;
  /** Copied by fork even without anonymous pages (VM_COPY_ON_FORK: vvar and its kin). */
  readonly copyOnFork: boolean;
  #chains: AnonVmaChain[] | undefined;
  readonly pages = new AnonymousPages();
  /** Entries that map pages of files or of the kernel image. */
  filePages = 0;
  /** Up to where it is mapped by huge pages, which come first; 0 if there are none. */
  hugeEnd = 0;

  constructor(memory: Pointer, start: number, end: number, options: { guard?: boolean; copyOnFork?: boolean } = {}) {
    this.memory = memory;
    this.start = start;
    this.end = end;
    this.guard = options.guard ?? false;
    this.copyOnFork = options.copyOnFork ?? false;
  }

  /** The anon_vmas that it is linked to, its own the last. */
  get chains(): readonly AnonVmaChain[] {
    return this.#chains ?? NO_CHAINS;
  }

  link(chain: AnonVmaChain): void {
    if (this.#chains === undefined) this.#chains = [chain];
    else this.#chains.push(chain);
  }
}
