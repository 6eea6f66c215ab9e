import { GRANULE_BYTES } from '../base/units.ts';
import { addressOf, tagOf, type Pointer } from './pointer.ts';
import { KASAN_TAG_KERNEL, type Tag } from './tag-machine.ts';

/**
 * What an instruction does with memory. An atomic read-modify-write does both; so does compare-and-swap, which is apart
 * because it is told as a write: the syndrome of a fault says "write" for CAS and "read" for LDADD and its kin (measured:
 * QEMU 10.0.2; the architecture would have it be a read wherever a read would fault as well).
 */
export type Access = 'read' | 'write' | 'atomic' | 'compare-and-swap';

/** ESR_EL1.WnR of a fault: what the kernel takes the access for. */
export const isToldAsWrite = (kind: Access): boolean => kind === 'write' || kind === 'compare-and-swap';

/** SCTLR_EL1.TCF: what a mismatch does at EL1. */
export type TagCheckFault = 'none' | 'sync' | 'async' | 'asymm';

/** How a CPU checks the accesses of the kernel. */
export interface TagCheckSettings {
  readonly tcf: TagCheckFault;
  /** FEAT_MTE_STORE_ONLY (SCTLR_EL1.TCSO): what only reads is not checked. */
  readonly storeOnly: boolean;
}

/** What the checks ask of memory. */
export interface CheckedMemory {
  /** Whether an address is mapped MT_NORMAL_TAGGED; other memory has no tags, and accesses to it are not checked. */
  isTagged(address: number): boolean;
  /** The tag of the granule at an address that is mapped so, as the kernel writes it. */
  tagAt(address: number): Tag;
}

/** No synchronous fault is taken. */
export const NO_FAULT = -1;

/**
 * The tag checks of one CPU (Arm ARM, Memory Tagging Extension): which access mismatches, and whether that is a fault now
 * or a bit in TFSR_EL1. All CPUs of a kernel with MTE have TCMA1 set, so that an address with tag 0xFF is not checked
 * (arch/arm64/mm/proc.S).
 */
export class TagChecks {
  readonly #memory: CheckedMemory;
  #settings: TagCheckSettings;
  /** PSTATE.TCO: checks are suspended. */
  tco = false;
  /** TFSR_EL1.TF1: an access mismatched and nobody has looked since. */
  #tfsr = false;

  constructor(memory: CheckedMemory, settings: TagCheckSettings) {
    this.#memory = memory;
    this.#settings = settings;
  }

  get settings(): TagCheckSettings {
    return this.#settings;
  }

  /** Writes SCTLR_EL1.TCF and TCSO. */
  configure(settings: TagCheckSettings): void {
    this.#settings = settings;
  }

  /** Whether TFSR_EL1.TF1 is set; reading it here clears it, as mte_check_tfsr_el1 does. */
  takeTfsr(): boolean {
    const set = this.#tfsr;
    this.#tfsr = false;
    return set;
  }

  /**
   * Makes an access.
   *
   * @param size in bytes, at least 1
   * @returns the address that FAR_EL1 holds for a synchronous fault, without its tag, or `NO_FAULT`. It is that of the
   * access, or where only a later granule mismatches, the beginning of that one.
   */
  access(p: Pointer, size: number, kind: Access): number {
    const { tcf, storeOnly } = this.#settings;
    const tag = tagOf(p);
    if (tag === KASAN_TAG_KERNEL || tcf === 'none' || this.tco || (storeOnly && kind === 'read')) return NO_FAULT;
    const mismatch = this.#firstMismatch(addressOf(p), size, tag);
    if (mismatch === NO_FAULT) return NO_FAULT;
    if (isSynchronous(tcf, kind, storeOnly)) return mismatch;
    this.#tfsr = true;
    return NO_FAULT;
  }

  #firstMismatch(address: number, size: number, tag: Tag): number {
    const end = address + size;
    for (let at = address; at < end; at += GRANULE_BYTES - (at % GRANULE_BYTES)) {
      if (this.#memory.isTagged(at) && this.#memory.tagAt(at) !== tag) return at;
    }
    return NO_FAULT;
  }
}

/** Asymmetric: a read faults at once, a write later. What reads and writes faults with its read, where that is checked. */
function isSynchronous(tcf: TagCheckFault, kind: Access, storeOnly: boolean): boolean {
  if (tcf === 'asymm') return !isToldAsWrite(kind) && !storeOnly;
  return tcf === 'sync';
}
