import type { AddressInfo, AreaAt, ObjectAt, ObjectTracks } from '../kasan/report/address-info.ts';
import type { PageDump } from '../kasan/report/report.ts';
import { VMALLOC_START, type AddressSpace } from '../mte/address-space.ts';
import { NOT_LISTED } from '../mm/slab.ts';
import type { Slub } from '../mm/slub.ts';
import { PAGE_TYPE, type PageMap } from '../mm/page-map.ts';
import type { VmArea } from '../mm/vmalloc.ts';

/** An area, and who called vmalloc for it. */
export interface KnownArea {
  readonly area: VmArea;
  readonly caller: string;
}

// Bits of page->flags (include/linux/page-flags.h, 7.3, in the configuration of the reports in cases/kasan-reports).
const PG_HEAD = 1n << 6n;
/** SL_partial of a slab: it is listed by its node. */
const PG_WORKINGSET = 1n << 9n;
/** The tag lies below the zone's two bits, with 4 bits for hardware tags and 8 for software tags (KASAN_TAG_WIDTH). */
const KASANTAG_END = 62n;
const KASANTAG_WIDTH = { 'hw-tags': 4n, 'sw-tags': 8n, generic: 0n } as const;
const KERNEL_TAG = 0xff;

/** Types as `page_type` prints them (include/linux/page-flags.h: enum pagetype). */
const SLAB_TYPE = { byte: 0xf5, name: 'slab' };
const LARGE_KMALLOC_TYPE = { byte: 0xf8, name: 'unknown' };
const BUDDY_TYPE = { byte: 0xf0, name: 'buddy' };

/** Where RAM begins in the machine whose page numbers are shown (QEMU virt: 1 GiB). */
const FIRST_PFN = 0x40000;

/** What reports ask, answered by the model's allocators. */
export class MemoryInfo implements AddressInfo {
  readonly #slub: Slub;
  readonly #space: AddressSpace;
  readonly #metadata: (address: number) => number;
  readonly #areas: () => Iterable<KnownArea>;
  readonly #isInBuddy: (pfn: number) => boolean;
  readonly #tracksOf: (address: number) => ObjectTracks;

  constructor(
    slub: Slub,
    space: AddressSpace,
    metadata: (address: number) => number,
    areas: () => Iterable<KnownArea>,
    isInBuddy: (pfn: number) => boolean,
    tracksOf: (address: number) => ObjectTracks,
  ) {
    this.#slub = slub;
    this.#space = space;
    this.#metadata = metadata;
    this.#areas = areas;
    this.#isInBuddy = isInBuddy;
    this.#tracksOf = tracksOf;
  }

  hasMetadata(address: number): boolean {
    return address < this.#space.ram || address >= VMALLOC_START;
  }

  metadata(address: number): number {
    return this.#metadata(address);
  }

  objectAt(address: number): ObjectAt | undefined {
    const slab = address < this.#space.ram ? this.#slub.slabAt(address) : undefined;
    if (slab === undefined) return undefined;
    const { cache, base } = slab;
    return { address: base + slab.objectAt(address) * cache.size, cacheName: cache.name, objectSize: cache.objectSize };
  }

  tracksOf({ address }: ObjectAt): ObjectTracks {
    return this.#tracksOf(address);
  }

  areaAt(address: number): AreaAt | 'mapping' | undefined {
    if (address < VMALLOC_START) return undefined;
    for (const { area, caller } of this.#areas()) {
      if (address >= area.address && address < area.address + area.mapped + this.#space.pageSize)
        return { start: area.pointer, pages: area.pfns.length, caller };
    }
    return 'mapping';
  }

  pageAt(address: number): Omit<PageDump, 'reason'> | undefined {
    const physical = this.#space.translate(address);
    if (physical < 0) return undefined;
    const { pages } = this.#slub;
    const { map } = pages;
    const slab = this.#slub.slabAt(physical);
    const page = Math.floor(physical / map.pageSize);
    const isLarge = map.type[page] === PAGE_TYPE.largeKmalloc;
    // The kernel shows the first page of a block: include/linux/mm.h:virt_to_head_page.
    const pfn = slab?.pfn ?? (isLarge ? largeKmallocHead(map, page) : page);
    const order = slab?.cache.order ?? (isLarge ? map.order[pfn] : 0);
    const width = KASANTAG_WIDTH[this.#slub.kasan.config.build];
    const kasantag = map.kasanTag[pfn] ^ KERNEL_TAG;
    const isPartial = slab !== undefined && slab.place !== NOT_LISTED;
    const names = [...(isPartial ? ['workingset'] : []), ...(order > 0 ? ['head'] : [])];
    const bits =
      (width === 0n ? 0n : BigInt(kasantag) << (KASANTAG_END - width)) |
      (order > 0 ? PG_HEAD : 0n) |
      (isPartial ? PG_WORKINGSET : 0n);
    const type =
      slab !== undefined ? SLAB_TYPE : isLarge ? LARGE_KMALLOC_TYPE : this.#isInBuddy(pfn) ? BUDDY_TYPE : undefined;
    return {
      refcount: address >= VMALLOC_START ? 1 : 0,
      mapcount: 0,
      mapping: '0000000000000000',
      index: '0x0',
      pfn: FIRST_PFN + pfn,
      details: order > 0 ? [`head: order:${order} mapcount:0 entire_mapcount:0 nr_pages_mapped:0 pincount:0`] : [],
      flagsPrefix: '',
      flags: `0x${bits.toString(16)}`,
      flagNames: [...names, 'zone=0'],
      ...(this.#slub.kasan.rules.tags ? { kasantag } : {}),
      flagsSuffix: '',
      ...(type === undefined ? {} : { pageType: type }),
      raw: [],
    };
  }
}

/** The first page of a large kmalloc. */
function largeKmallocHead(map: PageMap, page: number): number {
  let pfn = page;
  while (pfn > 0 && map.type[pfn - 1] === PAGE_TYPE.largeKmalloc && map.order[pfn] === 0) pfn--;
  return pfn;
}
