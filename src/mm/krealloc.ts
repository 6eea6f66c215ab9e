import { __kasan_krealloc } from '../kasan/krealloc.ts';
import { kasan_byte_accessible } from '../kasan/slab.ts';
import { addressOf, tagOf, type Pointer } from '../mte/pointer.ts';
import type { Kmalloc } from './kmalloc.ts';
import { PAGE_TYPE } from './page-map.ts';
import type { Site } from './site.ts';

/** Told of memory that may not be touched any more (mm/kasan/common.c:__kasan_check_byte): a read of one byte. */
export type CheckByteReporter = (object: Pointer) => void;

/** mm/slab_common.c:__ksize without the check: what the memory of a kmalloc can hold. */
function capacityOf(kmalloc: Kmalloc, object: Pointer): number {
  const { pages } = kmalloc.slub;
  const pfn = Math.floor(addressOf(object) / pages.map.pageSize);
  if (pages.map.type[pfn] === PAGE_TYPE.largeKmalloc) return pages.map.pageSize << pages.map.order[pfn];
  return kmalloc.slub.slabAt(addressOf(object))?.cache.objectSize ?? 0;
}

/** mm/kasan/common.c:__kasan_check_byte. */
function checkByte(kmalloc: Kmalloc, object: Pointer, report: CheckByteReporter): boolean {
  const { kasan } = kmalloc.slub;
  if (!kasan.config.kasan || kasan_byte_accessible(kasan, addressOf(object), tagOf(object))) return true;
  report(object);
  return false;
}

/** mm/slab_common.c:ksize, 7.3: how much may be used after krealloc to it; 0 for memory that was freed. */
export function ksize(kmalloc: Kmalloc, object: Pointer, report: CheckByteReporter): number {
  return checkByte(kmalloc, object, report) ? capacityOf(kmalloc, object) : 0;
}

/**
 * mm/slub.c:krealloc, 7.3: in place where the new size fits, else as new memory.
 *
 * @returns undefined where memory is out, or the old memory was freed
 */
export function krealloc(
  kmalloc: Kmalloc,
  cpu: number,
  object: Pointer,
  size: number,
  site: Site,
  report: CheckByteReporter,
): Pointer | undefined {
  if (!checkByte(kmalloc, object, report)) return undefined;
  const capacity = capacityOf(kmalloc, object);
  if (size <= capacity) {
    const { kasan, ledger } = kmalloc.slub;
    ledger.chargeTo(site.row);
    const isSlab = kmalloc.slub.slabAt(addressOf(object)) !== undefined;
    __kasan_krealloc(kasan, addressOf(object), tagOf(object), size, capacity, isSlab ? 'slab' : 'pages');
    return object;
  }
  const moved = kmalloc.kmalloc(cpu, size, site);
  if (moved === 0) return undefined;
  kmalloc.kfree(cpu, object);
  return moved;
}

/** mm/slab_common.c:kfree_sensitive, 7.3: what is zeroed first is unpoisoned as far as ksize goes, and checked by it. */
export function kfree_sensitive(kmalloc: Kmalloc, cpu: number, object: Pointer, report: CheckByteReporter): void {
  ksize(kmalloc, object, report);
  kmalloc.kfree(cpu, object);
}
