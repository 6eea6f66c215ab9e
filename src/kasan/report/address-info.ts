import type { Pointer } from '../../mte/pointer.ts';
import type { PageDump, Track } from './report.ts';

/** A slab object as `nearest_obj` finds it (mm/slab.h): the slot that an address lies in, allocated or not. */
export interface ObjectAt {
  readonly address: number;
  readonly cacheName: string;
  /** `object_size` of the cache. */
  readonly objectSize: number;
}

/** A vmalloc area as `find_vm_area` finds it. */
export interface AreaAt {
  /** `vm_struct.addr`, with its tag. */
  readonly start: Pointer;
  readonly pages: number;
  /** The caller that it was allocated by. */
  readonly caller: string;
}

/** Where generic KASAN keeps the stacks of an object: in the object itself. */
export interface ObjectTracks {
  readonly allocated: Track | undefined;
  readonly freed: Track | undefined;
}

/** What a report asks of memory and of the allocators. Addresses are untagged. */
export interface AddressInfo {
  /** mm/kasan/kasan.h:addr_has_metadata. */
  hasMetadata(address: number): boolean;
  /** The metadata of the granule at an address: a memory tag as it prints, or a shadow byte. */
  metadata(address: number): number;
  objectAt(address: number): ObjectAt | undefined;
  /** `mapping` for a vmalloc address that no area is known for; undefined for any other address. */
  areaAt(address: number): AreaAt | 'mapping' | undefined;
  pageAt(address: number): Omit<PageDump, 'reason'> | undefined;
  /** Generic only. */
  tracksOf?(object: ObjectAt): ObjectTracks;
}
