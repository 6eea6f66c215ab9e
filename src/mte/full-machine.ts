import type { Random } from '../base/random.ts';
import { NOT_MAPPED, VMALLOC_START, type AddressSpace } from './address-space.ts';
import type { CountingMachine } from './counting-machine.ts';
import type { Tag, TagMachine } from './tag-machine.ts';
import type { TagMemory } from './tag-memory.ts';

/** GCR_EL1.EXCL of a HW_TAGS kernel excludes 14 and 15 (arch/arm64/include/asm/sysreg.h): IRG gives 0 … 13. */
const IRG_TAGS = 14;
/** The kernel sets the upper half of a tag byte (mte_get_ptr_tag). */
const TAG_BASE = 0xf0;

/**
 * The machine that owns tag memory. It executes what it is asked for, and counts it by the same code as the machine that
 * only counts.
 */
export class FullMachine implements TagMachine {
  readonly counter: CountingMachine;
  readonly memory: TagMemory;
  readonly space: AddressSpace;
  readonly #random: Random;

  constructor(counter: CountingMachine, memory: TagMemory, space: AddressSpace, random: Random) {
    this.counter = counter;
    this.memory = memory;
    this.space = space;
    this.#random = random;
  }

  irg(excluded = 0): Tag {
    this.counter.irg();
    if (excluded === 0) return TAG_BASE + this.#random.below(IRG_TAGS);
    const left = Array.from({ length: IRG_TAGS }, (_, tag) => tag).filter((tag) => (excluded & (1 << tag)) === 0);
    // Where no tag is left the instruction gives 0 (Arm ARM, ChooseNonExcludedTag).
    return left.length === 0 ? TAG_BASE : TAG_BASE + left[this.#random.below(left.length)];
  }

  ldg(address: number): Tag {
    this.counter.ldg(address);
    return this.memoryTag(address);
  }

  /** What LDG would give, without executing it. Where memory has no tags that is 0 (Arm ARM, LDG). */
  memoryTag(address: number): Tag {
    if (!this.space.isTagged(address)) return TAG_BASE;
    return TAG_BASE + this.memory.get(this.space.translate(address));
  }

  setMemTagRange(address: number, size: number, tag: Tag, init: boolean): void {
    this.counter.setMemTagRange(address, size, tag, init);
    this.#fill(address, size, tag & 0xf);
  }

  clearPages(address: number, size: number): void {
    this.counter.clearPages(address, size);
  }

  clearPageTags(address: number, size: number, zero: boolean): void {
    this.counter.clearPageTags(address, size, zero);
    this.#fill(address, size, 0);
  }

  #fill(address: number, size: number, tag: number): void {
    if (address < VMALLOC_START) {
      this.memory.fill(address, size, tag);
      return;
    }
    const { pageSize } = this.space;
    for (let at = address; at < address + size;) {
      const end = Math.min(address + size, at - (at % pageSize) + pageSize);
      const physical = this.space.translate(at);
      // On memory that is not mapped Tagged a tag store changes no tag (Arm ARM).
      if (physical !== NOT_MAPPED && this.space.isTagged(at)) this.memory.fill(physical, end - at, tag);
      at = end;
    }
  }
}
