import type { AllocationClass } from '../base/allocation-class.ts';
import { classId } from '../base/allocation-class.ts';
import { Random } from '../base/random.ts';
import { GFP_ZERO, gfpUnion, type Gfp } from '../gfp/flags.ts';
import { GFP_KERNEL } from '../gfp/masks.ts';
import type { AccessCheck, AccessOutcome } from '../kasan/access-check.ts';
import type { KasanChanges } from '../base/kasan-changes.ts';
import { kasanOf, type Kasan } from '../kasan/kasan.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import { Ledger } from '../kasan/ledger.ts';
import { kasan_poison, kasan_unpoison } from '../kasan/poison.ts';
import type { KasanReport } from '../kasan/report/report.ts';
import { KasanReporter } from '../kasan/report/reporter.ts';
import { kasan_byte_accessible } from '../kasan/slab.ts';
import { StackRing } from '../kasan/stack-ring.ts';
import { Clock } from '../mm/clock.ts';
import { KmemCache } from '../mm/kmem-cache.ts';
import type { CacheDescription } from '../mm/slab-cache.ts';
import { Kernel } from '../mm/kernel.ts';
import type { Kmalloc } from '../mm/kmalloc.ts';
import { kfree_sensitive, krealloc, ksize } from '../mm/krealloc.ts';
import { Mempool, type MempoolElements } from '../mm/mempool.ts';
import { NO_PAGE, PAGE_TYPE } from '../mm/page-map.ts';
import type { PageAllocator } from '../mm/page-allocator.ts';
import type { Site, SiteDescription, SiteTable } from '../mm/site.ts';
import type { BadFree, Slub } from '../mm/slub.ts';
import type { Vmalloc } from '../mm/vmalloc.ts';
import { vm_map_ram, vmap, vunmap, type PageMapping } from '../mm/vmap.ts';
import { vrealloc } from '../mm/vrealloc.ts';
import { AddressSpace, NOT_MAPPED } from '../mte/address-space.ts';
import type { CpuProfile } from '../mte/cpu.ts';
import { addressOf, NULL_POINTER, pointer, tagOf, type Pointer } from '../mte/pointer.ts';
import type { Access } from '../mte/tag-check.ts';
import { KASAN_TAG_INVALID, KASAN_TAG_KERNEL, type Tag } from '../mte/tag-machine.ts';
import { detectorFor } from './detector.ts';
import { MemoryInfo, type KnownArea } from './memory-info.ts';
import { Tracks } from './tracks.ts';

export type { MempoolElements } from '../mm/mempool.ts';

/** What a kernel under test is made of. */
export interface TestKernelOptions {
  readonly config: KernelConfig;
  readonly cpu: CpuProfile;
  /** Everything that chance decides follows from it. */
  readonly seed: number;
  /** Bytes of memory. */
  readonly ram?: number;
  /** Operations before the first test; see `BOOT_OPERATIONS`. */
  readonly bootOperations?: number;
  /** The kernel's own flags decide where this is not given. */
  readonly sites?: (ledger: Ledger) => SiteTable;
  /** What KASAN does otherwise than in Linux 7.3. */
  readonly changes?: KasanChanges | undefined;
}

/**
 * Why nobody noticed what touched memory: its pointer matches all tags, the memory had the pointer's tag, or it was not
 * checked at all.
 */
export type WhyUnnoticed = 'match-all' | 'same tag' | 'not checked';

/** struct kmem_cache, itself an object of a cache (measured: 192 bytes in the configuration of cases/kasan-reports). */
const KMEM_CACHE_BYTES = 192;
/** Pages of a kernel under test whose memory is not given: 64 MiB of 4 KiB ones. */
const DEFAULT_PAGES = 1 << 14;
const CPU = 0;
/** Bytes beside an instrumented variable; the compilers' least. */
const VARIABLE_REDZONE = 32;
const KTHREAD_FRAMES = ['kunit_try_run_case', 'kunit_generic_run_threadfn_adapter', 'kthread', 'ret_from_fork'];
const FIRST_PID = 34;
/** What runs while no test does. */
export const BOOT_FUNCTION = 'start_kernel';
/** Allocations and frees before the first test, and how many of them are frees. */
const BOOT_OPERATIONS = 4000;
const BOOT_FREES = { are: 9, of: 20 } as const;

/** The kernel's own flags decide. */
const byFlags = (ledger: Ledger): SiteTable => ({
  resolve: (description: SiteDescription): Site => ({
    description,
    row: ledger.row(classId(description.class), description.site, ''),
    gfp: description.gfp,
    skipped: false,
    slabPages: undefined,
    largePages: undefined,
  }),
});

/**
 * A kernel that tests and audits drive: the allocators of `mm/` and the checks of one KASAN mode over one memory, with the
 * functions that the kernel's own tests call, by their names. One CPU.
 */
export class TestKernel {
  readonly config: KernelConfig;
  readonly check: AccessCheck;
  readonly kasan: Kasan;
  readonly pages: PageAllocator;
  readonly slub: Slub;
  readonly kmallocs: Kmalloc;
  readonly vmallocs: Vmalloc;
  readonly info: MemoryInfo;
  readonly granule: number;
  /** Told of every report. Without it none is written out. */
  onReport: ((report: KasanReport) => void) | undefined;
  readonly #reporter: KasanReporter;
  readonly #tracks: Tracks | undefined;
  readonly #ledger: Ledger;
  readonly #random: Random;
  readonly #kernel: Kernel;
  readonly #sites: SiteTable;
  /** The places of tests that were resolved, by function. */
  readonly #resolved = new Map<string, Site[]>();
  readonly #areas = new Map<number, KnownArea>();
  readonly #mappings = new Map<number, PageMapping>();
  readonly #descriptors = new Map<KmemCache, Pointer>();
  readonly #descriptorCache: KmemCache;
  #reports = 0;
  #watching = false;
  #why: WhyUnnoticed = 'not checked';
  #frames: readonly string[] = [];
  #comm = 'swapper/0';
  #pid = 0;
  #tests = 0;

  constructor({
    config,
    cpu,
    seed,
    ram = DEFAULT_PAGES * config.pageSize,
    sites = byFlags,
    bootOperations = BOOT_OPERATIONS,
    changes,
  }: TestKernelOptions) {
    this.config = config;
    this.#random = new Random(seed);
    const space = new AddressSpace(ram, config.pageSize);
    const detector = detectorFor(config, cpu, space, new Random(seed + 1));
    this.granule = detector.reports.granule;
    this.#ledger = new Ledger(detector.counter);
    this.kasan = kasanOf(config, detector.machine, this.#ledger.enter, changes);
    this.#sites = sites(this.#ledger);
    const tracks = config.detection.stacktrace
      ? new Tracks(new StackRing(config.detection.stackRingSize), () => this.#running())
      : undefined;
    this.#tracks = tracks;
    this.#kernel = new Kernel({
      kasan: this.kasan,
      ledger: this.#ledger,
      space,
      sites: this.#sites,
      cpus: 1,
      clock: new Clock(),
      trace: tracks,
    });
    const { slub, vmalloc, pages, kmalloc } = this.#kernel;
    this.pages = pages;
    this.slub = slub;
    this.kmallocs = kmalloc;
    this.vmallocs = vmalloc;
    this.#descriptorCache = new KmemCache(
      { name: 'kmem_cache', objectSize: KMEM_CACHE_BYTES },
      config.pageSize,
      1,
      config.build,
    );
    this.info = new MemoryInfo(
      this.slub,
      space,
      detector.metadata,
      () => this.#areas.values(),
      (pfn) => this.pages.isInBuddy(pfn),
      (address) => tracks?.tracksOf(address) ?? { allocated: undefined, freed: undefined },
    );
    this.#reporter = new KasanReporter({
      rules: detector.reports,
      info: this.info,
      ring: () => tracks?.ring,
      fault: config.detection.fault,
      multiShot: config.detection.multiShot,
      running: () => ({ cpu: CPU, comm: this.#comm, ...this.#running() }),
      release: '7.3.0-tagscope #1 SMP PREEMPT',
      hardware: `tagscope model, ${cpu.name}`,
      test: true,
      emit: (report) => {
        this.#reports++;
        this.onReport?.(report());
      },
    });
    this.check = detector.check(this.#reporter);
    this.slub.reportBadFree = (kind, object) => this.#badFree(kind, object);
    this.#boot(bootOperations);
  }

  /** Reports that were due until now. */
  get reports(): number {
    return this.#reports;
  }

  /** Bytes of memory. */
  get ram(): number {
    return this.vmallocs.space.ram;
  }

  /** Whether an address is mapped; an access to one that is not faults in the MMU, and KASAN has no part in it. */
  isMapped(p: Pointer): boolean {
    return this.vmallocs.space.translate(addressOf(p)) !== NOT_MAPPED;
  }

  get pageSize(): number {
    return this.config.pageSize;
  }

  get kmallocMaxCacheSize(): number {
    return this.config.kmallocMaxCacheSize;
  }

  get isGeneric(): boolean {
    return this.config.build === 'generic';
  }

  get writeOnly(): boolean {
    return this.config.build === 'hw-tags' && this.config.detection.writeOnly;
  }

  /** The least tag that memory gets (include/linux/kasan-tags.h: KASAN_TAG_MIN). */
  get minTag(): Tag {
    return this.config.build === 'hw-tags' ? 0xf0 : 0;
  }

  /** Whether pointers to vmalloc memory have tags. */
  get vmallocIsTagged(): boolean {
    return this.config.build !== 'generic' && this.config.vmalloc;
  }

  /** OOB_TAG_OFF of the kernel's tests: as far as one must go to leave the granule of the end. */
  get oobTagOff(): number {
    return this.isGeneric ? 0 : this.granule;
  }

  // Who runs.

  /** mm/kasan/kasan_test_c.c:kasan_suite_init: all reports are printed. */
  beginSuite(): void {
    this.#reporter.multiShot = true;
  }

  /** Runs a test in its own kernel thread. */
  asTest(name: string, run: () => void): void {
    // KUnit makes two threads for a case.
    this.#pid = FIRST_PID + 2 * this.#tests++;
    this.#comm = 'kunit_try_catch';
    this.#frames = [name, ...KTHREAD_FRAMES];
    run();
  }

  /** Runs something in a function that the running one calls. */
  inside(name: string, run: () => void): void {
    const outer = this.#frames;
    this.#frames = [name, ...outer];
    try {
      run();
    } finally {
      this.#frames = outer;
    }
  }

  /** A whole number below a limit, from the seed. */
  random(limit: number): number {
    return this.#random.below(limit);
  }

  #running(): { readonly pid: number; readonly frames: readonly string[] } {
    return { pid: this.#pid, frames: this.#frames };
  }

  get #function(): string {
    return this.#frames[0] ?? BOOT_FUNCTION;
  }

  // Accesses.

  /** Runs something, and looks at the tags of what it touches. @returns why the last of it could go unnoticed */
  watch(run: () => void): WhyUnnoticed {
    this.#watching = true;
    this.#why = 'not checked';
    run();
    this.#watching = false;
    return this.#why;
  }

  /** Before it is touched: a free may change the tag. */
  #touch(p: Pointer): void {
    if (!this.#watching) return;
    const tag = tagOf(p);
    const matchAll = !this.isGeneric && tag === KASAN_TAG_KERNEL;
    this.#why = matchAll ? 'match-all' : this.info.metadata(addressOf(p)) === tag ? 'same tag' : 'not checked';
  }

  /** The running function accesses memory; `symbol` names the one that it calls for it. */
  access(p: Pointer, size: number, kind: Access, symbol = this.#function, fixup = false): AccessOutcome {
    this.#touch(p);
    return this.check.access({ pointer: p, size, kind, symbol, fixup });
  }

  read(p: Pointer, size = 1): void {
    this.access(p, size, 'read');
  }

  write(p: Pointer, size = 1): void {
    this.access(p, size, 'write');
  }

  memset(p: Pointer, size: number): void {
    this.access(p, size, 'write', this.#assembly('__memset'));
  }

  /** A copy of a struct that the compiler makes: instructions of the running function. */
  copyStruct(to: Pointer, from: Pointer, size: number): void {
    this.read(from, size);
    this.write(to, size);
  }

  memmove(to: Pointer, from: Pointer, size: number): void {
    // On arm64 memmove and memcpy are one function.
    this.access(from, size, 'read', this.#assembly('__memcpy'));
    this.access(to, size, 'write', this.#assembly('__memcpy'));
  }

  /** A function of lib/string.c or arch/arm64/lib that reads byte by byte until it finds what it looks for. */
  scan(name: string, p: Pointer, size: number): void {
    this.access(p, size, 'read', this.check.checksAssembly ? `__pi_${name}` : name);
  }

  /** Who is told to access memory: the function in assembly that does it, or where compilers check, its caller. */
  #assembly(symbol: string): string {
    return this.check.checksAssembly ? symbol : this.#function;
  }

  /** lib/string.c:strscpy, of a string with `length` bytes. @returns whether it was copied whole */
  strscpy(source: Pointer, length: number): boolean {
    const word = 8;
    for (let at = 0; at <= length; at += word) this.#load_unaligned_zeropad((source + at) as Pointer, word);
    return true;
  }

  /** A copy between user memory and the kernel's, done by a function of arch/arm64/lib. */
  copyUser(symbol: string, p: Pointer, size: number, kind: 'read' | 'write'): void {
    this.access(p, size, kind, symbol);
  }

  /** mm/kasan/shadow.c:__kasan_check_read and __kasan_check_write: what a function says it is going to touch. */
  checkRange(symbol: string, p: Pointer, size: number, kind: 'read' | 'write'): void {
    this.access(p, size, kind, symbol);
  }

  /**
   * arch/arm64/include/asm/word-at-a-time.h: a load that may go beyond its page. With TCO where faults come later, else
   * with an entry in the exception table; the handler reads the aligned word again (arch/arm64/mm/extable.c).
   */
  #load_unaligned_zeropad(p: Pointer, word: number): void {
    if (!this.check.checksAssembly) return;
    if (this.check.asyncFaultPossible) {
      this.check.suspended(() => this.access(p, word, 'read'));
      return;
    }
    if (this.access(p, word, 'read', this.#function, true) !== 'fixed up') return;
    const aligned = pointer(tagOf(p), addressOf(p) - (addressOf(p) % word));
    this.access(aligned, word, 'read', 'fixup_exception');
  }

  /** Gives the granules of a range a tag, as the kernel's own test of memory tags does. */
  poison(p: Pointer, size: number, tag: Tag): void {
    kasan_poison(this.kasan, addressOf(p), size, tag, false);
  }

  /**
   * A variable of `size` bytes that the compiler instruments: what lies beside it may not be touched. With tags it has
   * one, and whole granules.
   *
   * @param left and right: what generic KASAN marks both sides with
   */
  instrumentedVariable(size: number, left: number, right: number): Pointer {
    const at = this.alloc_pages(0) * this.pageSize + VARIABLE_REDZONE;
    const tag = this.kasan.machine.irg();
    const { tags } = this.kasan.rules;
    const end = Math.ceil(size / this.granule) * this.granule;
    const [before, behind] = tags ? [KASAN_TAG_INVALID, KASAN_TAG_INVALID] : [left, right];
    kasan_poison(this.kasan, at - VARIABLE_REDZONE, VARIABLE_REDZONE, before, false);
    kasan_unpoison(this.kasan, at, size, tag, false);
    kasan_poison(this.kasan, at + end, VARIABLE_REDZONE, behind, false);
    return pointer(tag, at);
  }

  /** How likely a tag that is drawn now is that of the memory at an address. Poison and match-all are never drawn. */
  collisionProbability(p: Pointer): number {
    const tag = this.info.metadata(addressOf(p));
    if (this.isGeneric || tag >= KASAN_TAG_INVALID) return 0;
    return 1 / (KASAN_TAG_INVALID - this.minTag);
  }

  // The page allocator.

  /** @returns the number of the first page */
  alloc_pages(order: number, gfp: Gfp = GFP_KERNEL, name: AllocationClass = 'driver/other'): number {
    const pfn = this.pages.alloc_pages(CPU, order, this.#site(name, this.#function, gfp));
    if (pfn === NO_PAGE) throw new RangeError('the test kernel is out of memory');
    return pfn;
  }

  page_address(pfn: number): Pointer {
    return pointer(this.pages.map.kasanTag[pfn], pfn * this.pageSize);
  }

  free_pages(pfn: number): void {
    this.pages.free_pages(CPU, pfn);
  }

  // kmalloc.

  kmalloc(size: number, { zero = false }: { readonly zero?: boolean } = {}): Pointer {
    const gfp = zero ? gfpUnion(GFP_KERNEL, GFP_ZERO) : GFP_KERNEL;
    const name = size > this.kmallocMaxCacheSize ? 'kmalloc-large' : 'slab-object';
    return this.#found(this.kmallocs.kmalloc(CPU, size, this.#site(name, this.#function, gfp)));
  }

  kfree(p: Pointer): void {
    this.#touch(p);
    this.kmallocs.kfree(CPU, p);
  }

  kfree_sensitive(p: Pointer): void {
    this.#touch(p);
    kfree_sensitive(this.kmallocs, CPU, p, (object) => this.#checkByteFailed(object));
  }

  krealloc(p: Pointer, size: number): Pointer | undefined {
    this.#touch(p);
    const name = size > this.kmallocMaxCacheSize ? 'kmalloc-large' : 'slab-object';
    const site = this.#site(name, this.#function);
    const result = krealloc(this.kmallocs, CPU, p, size, site, (object) => this.#checkByteFailed(object));
    const cache = this.slub.slabAt(addressOf(p))?.cache;
    if (result === p && cache !== undefined) this.#tracks?.saveAllocation('__kasan_krealloc', p, cache.objectSize);
    return result;
  }

  ksize(p: Pointer): number {
    this.#touch(p);
    return ksize(this.kmallocs, p, (object) => this.#checkByteFailed(object));
  }

  // Caches.

  kmem_cache_create(
    name: string,
    objectSize: number,
    flags: Pick<CacheDescription, 'align' | 'ctor' | 'typesafeByRcu'> = {},
  ): KmemCache {
    const cache = new KmemCache({ name, objectSize, ...flags }, this.pageSize, 1, this.config.build);
    const descriptor = this.slub.alloc(CPU, this.#descriptorCache, this.#site('slab-object', 'kmem_cache_create'));
    this.#descriptors.set(cache, this.#found(descriptor));
    return cache;
  }

  kmem_cache_alloc(cache: KmemCache): Pointer {
    return this.#found(this.slub.alloc(CPU, cache, this.#site('slab-object', this.#function)));
  }

  kmem_cache_free(cache: KmemCache, p: Pointer): void {
    this.#touch(p);
    if (!cache.typesafeByRcu || !this.kasan.rules.slubRcuDebug) {
      this.slub.free(CPU, p);
      return;
    }
    // mm/slub.c:slab_free_after_rcu_debug: what is right to free is freed when nobody can be reading it any more.
    const slab = this.slub.slabAt(addressOf(p));
    const start = slab === undefined ? -1 : slab.base + slab.objectAt(addressOf(p)) * cache.size;
    if (start !== addressOf(p)) this.#badFree('invalid-free', p);
    else if (!kasan_byte_accessible(this.kasan, addressOf(p), tagOf(p))) this.#badFree('double-free', p);
    else this.call_rcu(() => this.slub.free(CPU, p));
  }

  /** mm/slab_common.c:kmem_cache_destroy: the cache's own memory is checked first. */
  kmem_cache_destroy(cache: KmemCache): void {
    const descriptor = this.#descriptors.get(cache) ?? NULL_POINTER;
    this.#touch(descriptor);
    if (!kasan_byte_accessible(this.kasan, addressOf(descriptor), tagOf(descriptor))) {
      this.#checkByteFailed(descriptor);
      return;
    }
    this.slub.free(CPU, descriptor);
  }

  // Pools.

  mempool_create(min: number, elements: MempoolElements): Mempool {
    const name = elements.kind === 'pages' ? 'driver/other' : 'slab-object';
    return new Mempool(this.kmallocs, CPU, elements, min, this.#site(name, this.#function), {
      bad: (kind, element) => this.#reporter.kasan_report_invalid_free(element, kind, 'mempool_free'),
      poisoned: (element, cache) => this.#tracks?.saveFree('__kasan_mempool_poison_object', element, cache.objectSize),
      unpoisoned: (element, cache) =>
        this.#tracks?.saveAllocation('__kasan_mempool_unpoison_object', element, cache.objectSize),
    });
  }

  mempool_alloc_preallocated(pool: Mempool): Pointer {
    return this.#found(pool.allocPreallocated(CPU) ?? NULL_POINTER);
  }

  mempool_free(element: Pointer, pool: Mempool): void {
    this.#touch(element);
    pool.free(CPU, element);
  }

  // vmalloc.

  vmalloc(size: number, gfp: Gfp = GFP_KERNEL, name: AllocationClass = 'vmalloc'): Pointer {
    const area = this.vmallocs.vmalloc(CPU, size, this.pageSize, this.#site(name, this.#function, gfp));
    if (area === undefined) throw new RangeError('the test kernel is out of memory');
    this.#areas.set(area.address, { area, caller: this.#function });
    return area.pointer;
  }

  vfree(p: Pointer): void {
    const known = this.#areas.get(addressOf(p));
    if (known === undefined) return;
    this.#areas.delete(addressOf(p));
    this.vmallocs.vfree(CPU, known.area);
  }

  vrealloc(p: Pointer, size: number): Pointer | undefined {
    const known = this.#areas.get(addressOf(p));
    if (known === undefined) return undefined;
    const area = vrealloc(this.vmallocs, CPU, known.area, size, this.#site('vmalloc', this.#function));
    if (area === undefined) return undefined;
    this.#areas.delete(addressOf(p));
    this.#areas.set(area.address, { area, caller: known.caller });
    return area.pointer;
  }

  is_vmalloc_addr(p: Pointer): boolean {
    return this.vmallocs.space.isVmalloc(p);
  }

  /** @returns the number of the page that an address is mapped to */
  vmalloc_to_page(p: Pointer): number | undefined {
    const physical = this.vmallocs.space.translate(addressOf(p));
    return physical === NOT_MAPPED ? undefined : Math.floor(physical / this.pageSize);
  }

  /** vmap of one page. */
  vmap(pfn: number): Pointer {
    return this.#mapped(vmap(this.vmallocs, CPU, [pfn]));
  }

  /** vm_map_ram of one page. */
  vm_map_ram(pfn: number): Pointer {
    return this.#mapped(vm_map_ram(this.vmallocs, CPU, [pfn]));
  }

  /** vunmap, or vm_unmap_ram. */
  vunmap(p: Pointer): void {
    const mapping = this.#mappings.get(addressOf(p));
    if (mapping === undefined) return;
    this.#mappings.delete(addressOf(p));
    vunmap(this.vmallocs, CPU, mapping);
  }

  #mapped(mapping: PageMapping | undefined): Pointer {
    if (mapping === undefined) throw new RangeError('the test kernel is out of memory');
    this.#mappings.set(mapping.address, mapping);
    return mapping.pointer;
  }

  // RCU.

  call_rcu(callback: () => void): void {
    this.#kernel.rcu.call_rcu(CPU, { rcuCallback: callback });
  }

  /** kernel/rcu/tree.c:rcu_barrier: waits until all callbacks have run. */
  rcu_barrier(): void {
    this.#kernel.settle(CPU);
  }

  // The rest.

  #site(name: AllocationClass, site: string, gfp: Gfp = GFP_KERNEL): Site {
    let atPlace = this.#resolved.get(site);
    if (atPlace === undefined) this.#resolved.set(site, (atPlace = []));
    const known = atPlace.find(({ description }) => description.class === name && description.gfp === gfp);
    if (known !== undefined) return known;
    const made = this.#sites.resolve({ class: name, site, frames: [site], gfp });
    atPlace.push(made);
    return made;
  }

  #found(p: Pointer): Pointer {
    if (p === NULL_POINTER) throw new RangeError('the test kernel is out of memory');
    return p;
  }

  #badFree(kind: BadFree, object: Pointer): void {
    this.#tracks?.refuse();
    const { map } = this.pages;
    const isLarge = map.type[Math.floor(addressOf(object) / map.pageSize)] === PAGE_TYPE.largeKmalloc;
    this.#reporter.kasan_report_invalid_free(object, kind, isLarge ? 'kfree' : this.#function);
  }

  #checkByteFailed(object: Pointer): void {
    this.#reporter.kasan_report(object, 1, false, this.#function);
  }

  /**
   * What a kernel has done by the time that its tests run: it has allocated and freed objects of all sizes. So what lies
   * beside a test's object is sometimes free and sometimes not, of its own cache or of another, and had owners before, as
   * the seed decides.
   */
  #boot(operations: number): void {
    const { caches } = this.kmallocs;
    const live: Pointer[] = [];
    for (let operation = 0; operation < operations; operation++) {
      if (live.length > 0 && this.random(BOOT_FREES.of) < BOOT_FREES.are) {
        const [freed] = live.splice(this.random(live.length), 1);
        this.kfree(freed);
        continue;
      }
      const cache = this.random(caches.length);
      const least = cache === 0 ? 1 : caches[cache - 1].objectSize + 1;
      live.push(this.kmalloc(least + this.random(caches[cache].objectSize - least + 1)));
    }
  }
}
