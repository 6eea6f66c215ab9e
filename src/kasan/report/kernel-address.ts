import { VMALLOC_START } from '../../mte/address-space.ts';
import { addressOf, tagOf, type Pointer } from '../../mte/pointer.ts';
import type { KernelAddress } from './report.ts';

// Where arm64 with 48 bits of virtual addresses has its linear map and vmalloc area (arch/arm64/include/asm/memory.h);
// bits 63 to 56 hold the tag.
const LINEAR_MAP = 0x00ff_0000_0000_0000n;
const VMALLOC_AREA = 0x00ff_8000_8000_0000n;
const TAG_SHIFT = 56n;

/** A pointer of the model as a kernel of 48-bit addresses would print it. */
export function kernelAddress(p: Pointer): KernelAddress {
  const address = addressOf(p);
  const untagged =
    address < VMALLOC_START ? LINEAR_MAP + BigInt(address) : VMALLOC_AREA + BigInt(address - VMALLOC_START);
  return (BigInt(tagOf(p)) << TAG_SHIFT) | untagged;
}
