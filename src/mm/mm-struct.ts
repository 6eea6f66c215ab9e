import { NULL_POINTER, type Pointer } from '../mte/pointer.ts';
import type { Kernel } from './kernel.ts';
import { MapleTree } from './maple-tree.ts';
import { MmuGather } from './mmu-gather.ts';
import { OutOfMemory } from './out-of-memory.ts';
import { NO_PAGE, PAGE_TYPE } from './page-map.ts';
import { KmemCache } from './kmem-cache.ts';
import { PageTables, pgdBytes, taskSize } from './page-tables.ts';
import type { Site } from './site.ts';
import { vmaTreeMemory, type VmaTreeMemory } from './vma-tree-memory.ts';
import { Vma, type AnonVma } from './vma.ts';

/** arch/arm64/mm/pgd.c:pgtable_cache_init: pgds that are smaller than a page, aligned to their size. */
const pgdCache = (kernel: Kernel, size: number): KmemCache =>
  kernel.cache(
    'pgd_cache',
    () =>
      new KmemCache(
        {
          name: 'pgd_cache',
          objectSize: size,
          align: size,
          sheaves: kernel.release.sheaves,
          cpuPartial: kernel.config.slubCpuPartial,
        },
        kernel.config.pageSize,
        kernel.cpus,
        kernel.config.build,
      ),
  );

/** An address space: `struct mm_struct`, its areas, its page tables and the pages that they map (mm/, kernel/fork.c, 7.3). */
export class MmStruct {
  readonly #kernel: Kernel;
  readonly #memory: Pointer;
  readonly #pgd: number | Pointer;
  readonly #pgdIsPage: boolean;
  readonly #treeMemory: VmaTreeMemory;
  readonly #tables: PageTables;
  #tree: MapleTree<Vma, Pointer>;
  /** Where the next mapping goes: below the lowest one (mm/mmap.c, top down; there are no holes to fill before that). */
  mmapBase: number;

  /** kernel/fork.c:mm_init: the pgd comes first. */
  constructor(kernel: Kernel, cpu: number, mmapBase: number) {
    this.#kernel = kernel;
    const { slub, pages, caches, sites, config } = kernel;
    this.#memory = slub.alloc(cpu, caches.mm, sites.mm);
    const pgdSize = pgdBytes(config.pageSize, config.vaBits);
    this.#pgdIsPage = pgdSize === config.pageSize;
    this.#pgd = this.#pgdIsPage
      ? pages.alloc_pages(cpu, 0, sites.pgd)
      : slub.alloc(cpu, pgdCache(kernel, pgdSize), sites.smallPgd);
    if (this.#memory === NULL_POINTER || this.#pgd === NO_PAGE || this.#pgd === NULL_POINTER)
      throw new OutOfMemory('an address space', '-ENOMEM');
    if (this.#pgdIsPage) kernel.map.type[this.#pgd] = PAGE_TYPE.table;
    this.#treeMemory = vmaTreeMemory(kernel);
    this.#tables = new PageTables(kernel);
    this.#tree = new MapleTree<Vma, Pointer>(this.#treeMemory, taskSize(config.vaBits), NULL_POINTER);
    this.mmapBase = mmapBase;
  }

  /** The areas, by address. */
  get vmas(): Vma[] {
    return this.#tree.values();
  }

  /** Adds an area that a program begins with. */
  addInitial(
    cpu: number,
    start: number,
    size: number,
    options: { anonPages?: number; filePages?: number; copyOnFork?: boolean } = {},
  ): Vma {
    const vma = this.#vma(cpu, this.#kernel.sites.vmaAlloc, start, start + size, options);
    this.#store(cpu, vma.start, vma.end, vma);
    vma.filePages = options.filePages ?? 0;
    if (vma.filePages > 0 || vma.copyOnFork) this.#ensure(cpu, start);
    for (let page = 0; page < (options.anonPages ?? 0); page++)
      this.fault(cpu, vma, start + page * this.#kernel.config.pageSize);
    return vma;
  }

  /**
   * kernel/fork.c:dup_mmap: a copy that shares its pages.
   *
   * @throws OutOfMemory
   */
  duplicate(cpu: number): MmStruct {
    const kernel = this.#kernel;
    const { slub, caches, sites, clock, durations } = kernel;
    const copy = new MmStruct(kernel, cpu, this.mmapBase);
    copy.#treeMemory.cpu = cpu;
    copy.#tree = this.#tree.duplicate(copy.#treeMemory, () => slub.alloc(cpu, caches.mapleNode, sites.mapleDup));
    for (const vma of this.vmas) {
      const child = copy.#vma(cpu, sites.vmaDupFork, vma.start, vma.end, vma);
      child.hugeEnd = vma.hugeEnd;
      copy.#tree.replace(vma, child);
      if (vma.chains.length > 0) this.#anon_vma_fork(cpu, vma, child);
      if (vma.chains.length === 0 && !vma.copyOnFork) continue;
      kernel.userPages.duplicate(vma.pages, child.pages);
      if (vma.copyOnFork) child.filePages = vma.filePages;
      clock.spend(child.pages.mapped * durations.copyPte);
      kernel.interruptible(cpu);
      this.#copy_page_range(cpu, vma, copy);
    }
    return copy;
  }

  /**
   * mm/mmap.c:do_mmap of anonymous memory, below what is mapped already. Next to a reservation another one becomes part
   * of it.
   *
   * @param align of the start: huge pages want theirs
   */
  mmap(
    cpu: number,
    size: number,
    { guard = false, align = this.#kernel.config.pageSize }: { guard?: boolean; align?: number } = {},
  ): Vma {
    const start = Math.floor((this.mmapBase - size) / align) * align;
    if (start < 0) throw new OutOfMemory('addresses', '-ENOMEM');
    const end = start + size;
    this.mmapBase = start;
    const above = guard ? this.#tree.find(end) : undefined;
    if (above?.guard === true) {
      above.start = start;
      this.#store(cpu, start, above.end, above);
      return above;
    }
    const vma = this.#vma(cpu, this.#kernel.sites.vmaAlloc, start, end, { guard });
    this.#store(cpu, start, end, vma);
    return vma;
  }

  /** mm/mprotect.c: a range in the middle of a reservation becomes usable; what is around it is split off (mm/vma.c:__split_vma). */
  mprotect(cpu: number, reserved: Vma, start: number, end: number): Vma {
    const { sites } = this.#kernel;
    const vma = this.#vma(cpu, sites.vmaDupSplit, start, reserved.end, {});
    const reservedEnd = reserved.end;
    reserved.end = start;
    this.#store(cpu, start, reservedEnd, vma);
    if (end < reservedEnd) {
      const rest = this.#vma(cpu, sites.vmaDupSplit, end, reservedEnd, { guard: true });
      vma.end = end;
      this.#store(cpu, end, reservedEnd, rest);
    }
    return vma;
  }

  /**
   * mm/memory.c:do_anonymous_page: a first write to a page.
   *
   * @throws OutOfMemory
   */
  fault(cpu: number, vma: Vma, address: number): void {
    this.#beginFault(cpu, vma, address);
    const { pages, sites } = this.#kernel;
    const pfn = pages.alloc_pages(cpu, 0, sites.anon);
    if (pfn === NO_PAGE) throw new OutOfMemory('a page for a program', 'OOM');
    vma.pages.add(pfn);
  }

  /**
   * mm/huge_memory.c:do_huge_pmd_anonymous_page: a first write where an aligned huge page fits into the area and all before it
   * is huge too.
   *
   * @returns false where there is no room for one, in the area or in memory: then it falls back to a small page
   * @throws OutOfMemory
   */
  faultHuge(cpu: number, vma: Vma, address: number): boolean {
    const { pages, sites } = this.#kernel;
    if (address % this.hugeBytes !== 0 || address + this.hugeBytes > vma.end) return false;
    if (address !== Math.max(vma.start, vma.hugeEnd)) return false;
    this.#beginFault(cpu, vma, address);
    const pfn = pages.alloc_pages(cpu, this.#hugeOrder, sites.huge);
    if (pfn === NO_PAGE) return false;
    vma.pages.add(pfn);
    vma.hugeEnd = address + this.hugeBytes;
    return true;
  }

  #beginFault(cpu: number, vma: Vma, address: number): void {
    const { clock, durations } = this.#kernel;
    clock.spend(durations.anonFault);
    this.#ensure(cpu, address);
    if (vma.chains.length === 0) this.#anon_vma_prepare(cpu, vma);
  }

  /** mm/memory.c:wp_page_copy: a write to the nth page of an area that is shared with another address space. */
  writeShared(cpu: number, vma: Vma, index: number): void {
    const { pages, sites, userPages, clock, durations } = this.#kernel;
    const shared = vma.pages.single[index];
    if (shared === undefined || !userPages.isShared(shared)) return;
    clock.spend(durations.anonFault);
    const pfn = pages.alloc_pages(cpu, 0, sites.cow);
    if (pfn === NO_PAGE) throw new OutOfMemory('a page for a program', 'OOM');
    vma.pages.replace(index, pfn);
    if (userPages.unmap(shared)) userPages.free(cpu, shared);
  }

  /** Bytes of a huge page: what one leaf table maps. */
  get hugeBytes(): number {
    return this.#tables.leafBytes;
  }

  get #hugeOrder(): number {
    return Math.log2(this.hugeBytes / this.#kernel.config.pageSize);
  }

  /** mm/vma.c:do_vmi_align_munmap, for whole areas. */
  munmap(cpu: number, start: number, end: number): void {
    const kernel = this.#kernel;
    const { slub, caches, sites } = kernel;
    const vmas: Vma[] = [];
    for (let vma = this.#tree.find(start); vma !== undefined && vma.start < end; vma = this.#tree.find(vma.end))
      vmas.push(vma);
    // Areas on their way out are listed in a tree of their own: its first entry needs no node.
    const detached = vmas.length > 1 ? slub.alloc(cpu, caches.mapleNode, sites.mapleDetach) : NULL_POINTER;
    this.#store(cpu, start, end, undefined);
    const gather = new MmuGather(kernel, cpu);
    for (const vma of vmas) this.#unlink(cpu, vma, gather);
    const below = this.#tree.neighbours(start);
    this.#tables.free_pgd_range(gather, start, end, below.before, below.after);
    gather.finish();
    for (const vma of vmas) this.#vm_area_free(cpu, vma);
    if (detached !== NULL_POINTER) slub.free(cpu, detached);
  }

  /** mm/mmap.c:exit_mmap. */
  exit(cpu: number): void {
    const kernel = this.#kernel;
    const { slub, clock, durations } = kernel;
    const gather = new MmuGather(kernel, cpu);
    const vmas = this.vmas;
    for (const vma of vmas) {
      clock.spend(vma.pages.mapped * durations.zapPte);
      kernel.interruptible(cpu);
      this.#unlink(cpu, vma, gather);
    }
    this.#tables.free_pgtables(gather);
    gather.finish();
    for (const vma of vmas) this.#freeVma(cpu, vma);
    for (const node of this.#tree.nodes()) if (node !== NULL_POINTER) slub.free(cpu, node);
  }

  /** kernel/fork.c:__mmdrop: the last user is gone. */
  drop(cpu: number): void {
    const { pages, slub } = this.#kernel;
    if (this.#pgdIsPage) pages.free_pages(cpu, this.#pgd);
    else slub.free(cpu, this.#pgd as Pointer);
    slub.free(cpu, this.#memory);
  }

  #store(cpu: number, start: number, end: number, vma: Vma | undefined): void {
    this.#treeMemory.cpu = cpu;
    this.#tree.store(start, end, vma);
  }

  #vma(cpu: number, site: Site, start: number, end: number, options: { guard?: boolean; copyOnFork?: boolean }): Vma {
    const { slub, caches, release } = this.#kernel;
    const memory = slub.alloc(cpu, caches.vma, site);
    if (memory === NULL_POINTER) throw new OutOfMemory('a vm_area_struct', '-ENOMEM');
    const vma = new Vma(memory, start, end, options);
    if (!release.typesafeVmas) vma.lock = slub.alloc(cpu, caches.vmaLock, site);
    return vma;
  }

  /** mm/vma.c:vm_area_free. Before 6.15 an area that readers may still look at is freed by RCU, with its lock. */
  #vm_area_free(cpu: number, vma: Vma): void {
    const { rcu, release } = this.#kernel;
    if (release.typesafeVmas) this.#freeVma(cpu, vma);
    else rcu.call_rcu(cpu, { rcuCallback: (onCpu) => this.#freeVma(onCpu, vma) });
  }

  #freeVma(cpu: number, { memory, lock }: Vma): void {
    const { slub } = this.#kernel;
    if (lock !== NULL_POINTER) slub.free(cpu, lock);
    slub.free(cpu, memory);
  }

  #ensure(cpu: number, address: number): void {
    if (!this.#tables.ensure(cpu, address)) throw new OutOfMemory('a page table', 'OOM');
  }

  /** mm/rmap.c:__anon_vma_prepare. */
  #anon_vma_prepare(cpu: number, vma: Vma): void {
    const { slub, caches, sites } = this.#kernel;
    const chain = slub.alloc(cpu, caches.anonVmaChain, sites.anonVmaPrepare);
    const anonVma: AnonVma = { memory: slub.alloc(cpu, caches.anonVma, sites.anonVmaPrepare), users: 1 };
    vma.link({ memory: chain, anonVma });
  }

  /** mm/rmap.c:anon_vma_fork: the child is linked to all that its parent is linked to, and gets one of its own. */
  #anon_vma_fork(cpu: number, parent: Vma, child: Vma): void {
    const { slub, caches, sites } = this.#kernel;
    const own: AnonVma = { memory: slub.alloc(cpu, caches.anonVma, sites.anonVmaFork), users: 1 };
    const ownChain = slub.alloc(cpu, caches.anonVmaChain, sites.anonVmaFork);
    for (const { anonVma } of parent.chains) {
      anonVma.users++;
      child.link({ memory: slub.alloc(cpu, caches.anonVmaChain, sites.anonVmaClone), anonVma });
    }
    child.link({ memory: ownChain, anonVma: own });
  }

  /** mm/memory.c:copy_page_range: the child needs a table where its parent has one for the area. */
  #copy_page_range(cpu: number, vma: Vma, copy: MmStruct): void {
    const { leafBytes } = this.#tables;
    const first = Math.floor(vma.start / leafBytes);
    const last = Math.floor((vma.end - 1) / leafBytes);
    for (let leaf = first; leaf <= last; leaf++)
      if (this.#tables.hasLeaf(leaf * leafBytes)) copy.#ensure(cpu, leaf * leafBytes);
  }

  /** An area's pages go, and its links (mm/rmap.c:unlink_anon_vmas). */
  #unlink(cpu: number, vma: Vma, gather: MmuGather): void {
    const { slub, userPages } = this.#kernel;
    gather.removeMapped(vma.filePages);
    userPages.zap(vma.pages, gather);
    this.#tables.zap_deposited_tables(cpu, vma.start, vma.hugeEnd);
    for (const { memory, anonVma } of vma.chains) {
      if (--anonVma.users === 0) slub.free(cpu, anonVma.memory);
      slub.free(cpu, memory);
    }
  }
}
