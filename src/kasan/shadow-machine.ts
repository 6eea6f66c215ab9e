import type { Random } from '../base/random.ts';
import { VMALLOC_START } from '../mte/address-space.ts';
import { KASAN_TAG_INVALID, KASAN_TAG_KERNEL, type Tag, type TagMachine } from '../mte/tag-machine.ts';
import type { ModeRules } from './mode-rules.ts';

/** Tags that mm/kasan/sw_tags.c:kasan_random_tag draws from: 0x00 … 0xFD. */
const DRAWN_TAGS = KASAN_TAG_INVALID;

/** What counts the work of a shadow: bytes that are written to it, and pages that are zeroed. */
export interface ShadowCounter {
  countShadow(bytes: number): void;
  clearPages(address: number, size: number): void;
}

/**
 * Shadow memory of the software builds (mm/kasan/shadow.c, 7.3): a byte for each granule of the linear map, and of what
 * vmalloc maps. The hooks drive it as they drive a machine with tags.
 */
export class ShadowMachine implements TagMachine {
  readonly #rules: ModeRules;
  readonly #random: Random;
  readonly #counter: ShadowCounter;
  readonly #linear: Uint8Array;
  #vmalloc: Uint8Array;
  /** The state of the one CPU's generator (mm/kasan/sw_tags.c: prng_state), seeded with a cycle counter. */
  #prng: number;

  /** @param ram bytes of memory */
  constructor(rules: ModeRules, ram: number, random: Random, counter: ShadowCounter) {
    this.#rules = rules;
    this.#random = random;
    this.#counter = counter;
    // Before anything is freed, memory of generic KASAN is accessible, and that of SW_TAGS is not.
    this.#linear = new Uint8Array(ram / rules.granule).fill(rules.tags ? KASAN_TAG_INVALID : 0);
    this.#vmalloc = new Uint8Array(0);
    this.#prng = this.#random.nextUint32();
  }

  /** mm/kasan/sw_tags.c:kasan_random_tag: a linear congruential generator. Generic KASAN has no tags. */
  irg(): Tag {
    if (!this.#rules.tags) return KASAN_TAG_KERNEL;
    this.#prng = (Math.imul(this.#prng, 1664525) + 1013904223) >>> 0;
    return this.#prng % DRAWN_TAGS;
  }

  ldg(address: number): Tag {
    return this.shadow(address);
  }

  /** The shadow byte of the granule at an address. */
  shadow(address: number): number {
    const { granule, poison } = this.#rules;
    if (address < VMALLOC_START) return this.#linear[Math.floor(address / granule)] ?? 0;
    return this.#vmalloc[Math.floor((address - VMALLOC_START) / granule)] ?? poison.vmallocInvalid;
  }

  /**
   * mm/kasan/shadow.c:kasan_poison and kasan_unpoison. Where a size is no whole number of granules, the last one tells how
   * many of its bytes are accessible. Zeroing is left to others.
   */
  setMemTagRange(address: number, size: number, value: Tag, _init: boolean): void {
    const { granule } = this.#rules;
    const isLinear = address < VMALLOC_START;
    const from = (isLinear ? address : address - VMALLOC_START) / granule;
    const whole = Math.floor(size / granule);
    const part = size % granule;
    const shadow = isLinear ? this.#linear : this.#vmallocUpTo(from + whole + 1);
    shadow.fill(value, from, from + whole);
    if (part > 0) shadow[from + whole] = part;
    this.#counter.countShadow(whole + (part > 0 ? 1 : 0));
  }

  clearPages(address: number, size: number): void {
    this.#counter.clearPages(address, size);
  }

  /** Pages for PROT_MTE: there is none without MTE, and the pages are zeroed only. */
  clearPageTags(address: number, size: number, zero: boolean): void {
    if (zero) this.#counter.clearPages(address, size);
  }

  #vmallocUpTo(end: number): Uint8Array {
    if (end > this.#vmalloc.length) {
      const grown = new Uint8Array(Math.max(2 * this.#vmalloc.length, end, 1024));
      grown.fill(this.#rules.poison.vmallocInvalid).set(this.#vmalloc);
      this.#vmalloc = grown;
    }
    return this.#vmalloc;
  }
}
