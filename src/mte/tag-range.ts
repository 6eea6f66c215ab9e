import { GRANULE_BYTES } from '../base/units.ts';
import type { CpuProfile } from './cpu.ts';

/**
 * How many single-granule stores `mte_set_mem_tag_range` executes for a range (arch/arm64/include/asm/mte-kasan.h, 7.3).
 *
 * The function does not test whether the range begins a block: with at least two blocks of memory it tags up to the end
 * of the first block granule by granule, then block by block, then the rest granule by granule. Less than two blocks
 * are tagged by granules alone, and so is everything where DC GVA is prohibited.
 *
 * @param address where the range begins; only its position in a block matters
 * @param size in bytes, a multiple of 16
 */
export function rangeStores(cpu: CpuProfile, address: number, size: number): number {
  const block = cpu.dcBlock;
  if (cpu.dzp || size < 2 * block) return size / GRANULE_BYTES;
  const offset = address & (block - 1);
  return (block - offset + ((offset + size) & (block - 1))) / GRANULE_BYTES;
}

/** How many block operations (DC GVA or DC GZVA) it executes; see `rangeStores`. */
export function rangeBlocks(cpu: CpuProfile, address: number, size: number): number {
  const block = cpu.dcBlock;
  if (cpu.dzp || size < 2 * block) return 0;
  return Math.floor(((address & (block - 1)) + size) / block) - 1;
}

/** Both together, for a range whose instructions are counted without regard to their kind. */
export const rangeInstructions = (cpu: CpuProfile, address: number, size: number): number =>
  rangeStores(cpu, address, size) + rangeBlocks(cpu, address, size);
