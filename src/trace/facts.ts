import { EVENT } from './event-type.ts';
import { BATCH_MASK, BATCH_SHIFT, type EventTable } from './event-table.ts';

/** How a trace prints pointers. `hashed` ones are usable as identities only (`%p` without no_hash_pointers). */
export type PointerStyle = 'plain' | 'hashed' | 'none';

/** What a trace shows of the kernel that recorded it. */
export interface TraceFacts {
  /** The kernel has KASAN HW_TAGS: it prints gfp flags that only such a kernel has, or pointers with tags. */
  readonly hwTags: boolean;
  readonly pointers: PointerStyle;
  /** Some events have stack traces. */
  readonly stacks: boolean;
  /** The trace tells what runs in interrupt context from what runs in the task below it. */
  readonly interrupts: boolean;
}

/**
 * Whether a pointer, by its upper half, is an address of a 64-bit kernel: its highest bits are set, or below a tag bit 55 is,
 * however many bits addresses have. Hashed pointers have 32 bits.
 */
export const isKernelAddress = (hi: number): boolean => hi >>> 28 === 0xf || (hi & BIT_55) !== 0;

/** Whether it has a tag of MTE: bits 59:56 are not all set, and those around them are. */
const isTagged = (hi: number): boolean => hi >>> 28 === 0xf && hi >>> 24 !== 0xff && (hi & BIT_55) !== 0;

const BIT_55 = 0x00800000;

/** How many events are looked at for the style of pointers. */
const SAMPLE = 4096;

export function traceFacts(table: EventTable): TraceFacts {
  const namesHwTags = table.shapes.some((shape) => /__GFP_SKIP_(?:ZERO|KASAN)\b/.test(shape.gfp));
  let plain = 0;
  let hashed = 0;
  let tagged = 0;
  for (let index = 0, seen = 0; index < table.length && seen < SAMPLE; index++) {
    const batch = table.batches[index >> BATCH_SHIFT];
    const row = index & BATCH_MASK;
    const { type } = table.shapes[batch.shape[row]];
    const hi = batch.keyHi[row];
    if (type !== EVENT.kmalloc && type !== EVENT.kmem_cache_alloc) continue;
    if (hi === 0 && batch.keyLo[row] === 0) continue;
    seen++;
    if (!isKernelAddress(hi)) hashed++;
    else if (isTagged(hi)) tagged++;
    else plain++;
  }
  const interrupts = table.origins.some((origin) => origin.softirq || origin.hardirq);
  const pointers = plain + tagged === 0 && hashed === 0 ? 'none' : plain + tagged > hashed ? 'plain' : 'hashed';
  return { hwTags: namesHwTags || tagged > hashed, pointers, stacks: table.stacks.length > 0, interrupts };
}
