import { __kasan_vrealloc } from '../kasan/vmalloc.ts';
import { tagOf } from '../mte/pointer.ts';
import type { Site } from './site.ts';
import type { VmArea, Vmalloc } from './vmalloc.ts';

/**
 * mm/vmalloc.c:vrealloc_node_align, 7.3: in place where the pages are enough, else as a new area. Pages that become
 * superfluous are freed, and the page allocator poisons them.
 *
 * @returns undefined where memory is out
 */
export function vrealloc(vmalloc: Vmalloc, cpu: number, area: VmArea, size: number, site: Site): VmArea | undefined {
  const { pageSize } = vmalloc.space;
  if (size <= area.pfns.length * pageSize) {
    const { kasan, ledger } = vmalloc.kmalloc.slub;
    ledger.chargeTo(area.row);
    __kasan_vrealloc(kasan, area.address, tagOf(area.pointer), area.size, size);
    area.size = size;
    vmalloc.giveBackPages(cpu, area, Math.ceil(size / pageSize));
    return area;
  }
  const moved = vmalloc.vmalloc(cpu, size, pageSize, site);
  if (moved !== undefined) vmalloc.vfree(cpu, area);
  return moved;
}
