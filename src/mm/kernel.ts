import type { Kasan } from '../kasan/kasan.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import type { Ledger } from '../kasan/ledger.ts';
import type { AddressSpace } from '../mte/address-space.ts';
import type { Pointer } from '../mte/pointer.ts';
import type { Clock } from './clock.ts';
import { durations, type Durations } from './durations.ts';
import type { Interrupts } from './interrupts.ts';
import { kernelCaches, type KernelCaches } from './kernel-caches.ts';
import { kernelStacks, type KernelStacks } from './kernel-stack.ts';
import { Kmalloc } from './kmalloc.ts';
import type { KmemCache } from './kmem-cache.ts';
import { PageAllocator } from './page-allocator.ts';
import { PageMap } from './page-map.ts';
import { PidIdr } from './pid-idr.ts';
import { PidTable } from './pid-table.ts';
import type { Rcu } from './rcu.ts';
import { release, type Release } from './release.ts';
import { VmallocScs, type ShadowCallStacks } from './shadow-call-stack.ts';
import type { SiteTable } from './site.ts';
import { kernelSites, type KernelSites } from './sites.ts';
import { Slub } from './slub.ts';
import { Softirqs } from './softirq.ts';
import { TickInterrupts } from './tick-interrupts.ts';
import type { Tracepoints } from './tracepoints.ts';
import { UserPages } from './user-pages.ts';
import { Vmalloc } from './vmalloc.ts';
import { WorkQueue } from './work-queue.ts';

/** Memory that the kernel image, memblock and per-CPU data take at boot. */
const BOOT_BYTES = 32 << 20;
/** Pids that a small system has given out before its first program runs, and tasks that are left of them. */
const BOOT_PIDS = 43;
const BOOT_TASKS = 34;
/** The same of a kernel with CONFIG_MEMCG and CONFIG_NUMA, which has more threads of its own: assumed. */
const BOOT_TASKS_OF_MORE = 60;
/** Tasks that boot started and that ended, and those that it started after them (6.12.117: free places in the slabs of tasks). */
const ENDED_BOOT_TASKS = 4;
const LAST_BOOT_TASKS = 2;

export interface KernelOptions {
  readonly kasan: Kasan;
  readonly ledger: Ledger;
  /** What of the machine addresses mean; made for the same memory. */
  readonly space: AddressSpace;
  readonly sites: SiteTable;
  readonly cpus: number;
  readonly clock: Clock;
  /** Somebody who sees every operation, from boot on. */
  readonly trace: Tracepoints | undefined;
}

/** A kernel that has booted: its allocators, and what they all need. */
export class Kernel {
  readonly config: KernelConfig;
  readonly kasan: Kasan;
  readonly ledger: Ledger;
  readonly space: AddressSpace;
  readonly cpus: number;
  readonly clock: Clock;
  readonly trace: Tracepoints | undefined;
  readonly durations: Durations;
  /** What its release does. */
  readonly release: Release;
  readonly rcu: Rcu;
  readonly work = new WorkQueue();
  readonly map: PageMap;
  readonly pages: PageAllocator;
  readonly slub: Slub;
  readonly kmalloc: Kmalloc;
  readonly caches: KernelCaches;
  readonly vmalloc: Vmalloc;
  readonly sites: KernelSites;
  readonly stacks: KernelStacks;
  /** Undefined without CONFIG_SHADOW_CALL_STACK. */
  readonly shadowCallStacks: ShadowCallStacks | undefined;
  readonly pids: PidIdr;
  readonly pidTable: PidTable;
  readonly userPages: UserPages;
  readonly #interrupts: Interrupts;
  readonly #otherCaches = new Map<string, KmemCache>();

  constructor({ kasan, ledger, space, sites, cpus, clock, trace }: KernelOptions) {
    const { pageSize, detection } = kasan.config;
    this.config = kasan.config;
    this.kasan = kasan;
    this.ledger = ledger;
    this.space = space;
    this.release = release(kasan.config.version);
    this.cpus = cpus;
    this.clock = clock;
    this.trace = trace;
    this.durations = durations(detection.stacktrace && kasan.config.kasan ? 'recorded' : 'none', this.release);
    this.#interrupts = this.release.preemptLazy
      ? new TickInterrupts(this.clock, this.durations, this.work, cpus)
      : new Softirqs(this.clock, this.durations, this.work, cpus);
    this.rcu = this.#interrupts.rcu;
    this.map = new PageMap(space.ram / pageSize, pageSize);
    this.pages = new PageAllocator(kasan, ledger, this.map, cpus, BOOT_BYTES / pageSize, trace);
    this.sites = kernelSites(sites);
    this.slub = new Slub(this.pages, this.rcu, this.clock, this.durations, this.sites);
    if (kasan.rules.objectMetadata) this.slub.addQuarantine(space.ram, cpus);
    this.kmalloc = new Kmalloc(this.slub, cpus, this.release);
    this.slub.sheafMemory = (cpu, size, site) => this.kmalloc.kmalloc(cpu, size, site);
    this.caches = kernelCaches(this.config, this.release, cpus);
    this.vmalloc = new Vmalloc(
      this.kmalloc,
      space,
      this.caches.vmapArea,
      {
        vmStruct: this.sites.vmStruct,
        vmapArea: this.sites.vmapArea,
        pagesArray: this.sites.pagesArray,
        pageTable: this.sites.kernelPageTable,
      },
      this.work,
      cpus,
    );
    const { vmalloc, kmalloc, rcu } = this;
    this.stacks = kernelStacks({ vmalloc, kmalloc, rcu, sites: this.sites, cpus, release: this.release });
    const { scs, scsVmStruct, scsVmapArea, scsPagesArray, kernelPageTable } = this.sites;
    const metadata = {
      vmStruct: scsVmStruct,
      vmapArea: scsVmapArea,
      pagesArray: scsPagesArray,
      pageTable: kernelPageTable,
    };
    this.shadowCallStacks = this.config.shadowCallStack
      ? new VmallocScs(vmalloc, { area: scs, metadata }, cpus)
      : undefined;
    this.pids = new PidIdr(
      this.slub,
      this.rcu,
      this.caches.radixNode,
      this.sites.radixExtend,
      this.sites.radixNode,
      BOOT_PIDS,
      0,
    );
    const bootTasks = this.config.memcg && this.config.numa ? BOOT_TASKS_OF_MORE : BOOT_TASKS;
    this.pidTable = new PidTable(this.kmalloc, this.rcu, this.work, this.sites.bucketTable, bootTasks);
    this.userPages = new UserPages(this.pages);
    if (!this.release.sheaves) this.#bootTasks(bootTasks);
  }

  /** What boot leaves in slabs: kernel threads (kernel/fork.c:copy_process), of which some have ended by now. */
  #bootTasks(left: number): void {
    const { slub, caches, sites } = this;
    const fork = (): readonly Pointer[] => [
      slub.alloc(0, caches.taskStruct, sites.taskStruct),
      slub.alloc(0, caches.cred, sites.cred),
      slub.alloc(0, caches.sighand, sites.sighand),
      slub.alloc(0, caches.signal, sites.signal),
      slub.alloc(0, caches.pid, sites.pid),
    ];
    for (let task = LAST_BOOT_TASKS; task < left; task++) fork();
    const ended = Array.from({ length: ENDED_BOOT_TASKS }, fork);
    for (let task = 0; task < LAST_BOOT_TASKS; task++) fork();
    for (const object of ended.flat()) slub.free(0, object);
  }

  /** A cache that only some workloads need, by its name; made when it is first asked for. */
  cache(name: string, create: () => KmemCache): KmemCache {
    const known = this.#otherCaches.get(name) ?? create();
    this.#otherCaches.set(name, known);
    return known;
  }

  /**
   * A place where the CPU can be interrupted: ticks that are due run RCU callbacks, and workers run what was put off.
   *
   * @returns whether there was a tick: then another task may be scheduled
   */
  interruptible(cpu: number): boolean {
    return this.#interrupts.interruptible(cpu);
  }

  /** The task that ran sleeps or has ended, and another one of the workload goes on. */
  taskSwitch(cpu: number): void {
    this.#interrupts.taskSwitch(cpu);
  }

  /** Nothing runs until all callbacks have been invoked: what kernel/rcu/tree.c:rcu_barrier waits for. */
  settle(cpu: number): void {
    while (this.rcu.pending > 0) {
      this.clock.idle();
      this.interruptible(cpu);
    }
    this.work.run(cpu);
  }
}
