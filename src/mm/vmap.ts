import { __kasan_poison_vmalloc, __kasan_unpoison_vmap } from '../kasan/vmalloc.ts';
import { pointer, type Pointer } from '../mte/pointer.ts';
import type { VmRange, Vmalloc } from './vmalloc.ts';

/** Pages that somebody else owns, mapped in a row. */
export interface PageMapping extends VmRange {
  /** What the caller gets. */
  readonly pointer: Pointer;
  readonly pfns: readonly number[];
}

/** mm/vmalloc.c:vmap, 7.3, with PAGE_KERNEL. Undefined where memory or addresses are out. */
export function vmap(vmalloc: Vmalloc, cpu: number, pfns: readonly number[]): PageMapping | undefined {
  const { pageSize } = vmalloc.space;
  const range = vmalloc.get_vm_area(cpu, pfns.length * pageSize, pageSize);
  return range && mapPages(vmalloc, cpu, range, pfns);
}

/**
 * mm/vmalloc.c:vm_map_ram, 7.3, as far as pages with a range of their own go: small mappings share blocks of addresses in
 * the kernel, which changes neither marks nor pages.
 */
export function vm_map_ram(vmalloc: Vmalloc, cpu: number, pfns: readonly number[]): PageMapping | undefined {
  const { pageSize } = vmalloc.space;
  const range = vmalloc.alloc_vmap_area(cpu, pfns.length * pageSize, pageSize);
  return range && mapPages(vmalloc, cpu, range, pfns);
}

/** mm/vmalloc.c:vunmap and vm_unmap_ram: the pages stay with their owner. */
export function vunmap(vmalloc: Vmalloc, cpu: number, mapping: PageMapping): void {
  const { slub } = vmalloc.kmalloc;
  const { pageSize } = vmalloc.space;
  const { address, pfns } = mapping;
  slub.pages.trace?.free_vmap_area_noflush(cpu, address);
  __kasan_poison_vmalloc(slub.kasan, address, pfns.length * pageSize);
  for (let page = 0; page < pfns.length; page++) vmalloc.space.unmap(address + page * pageSize);
  vmalloc.release(cpu, mapping, pfns.length * pageSize);
}

/** The mapping is untagged, so that HW_TAGS checks nothing there; SW_TAGS and generic mark it. */
function mapPages(vmalloc: Vmalloc, cpu: number, range: VmRange, pfns: readonly number[]): PageMapping {
  const { pageSize } = vmalloc.space;
  pfns.forEach((pfn, page) => vmalloc.space.map(range.address + page * pageSize, pfn, false));
  vmalloc.ensureTables(cpu, range.address, pfns.length * pageSize);
  const tag = __kasan_unpoison_vmap(vmalloc.kmalloc.slub.kasan, range.address, pfns.length * pageSize);
  return { ...range, pfns, pointer: pointer(tag, range.address) };
}
