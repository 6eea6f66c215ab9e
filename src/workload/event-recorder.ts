import { gfpContext } from '../gfp/context.ts';
import { formatGfp } from '../gfp/format.ts';
import type { Gfp } from '../gfp/flags.ts';
import type { Clock } from '../mm/clock.ts';
import type { Site } from '../mm/site.ts';
import type { SlabCache } from '../mm/slab-cache.ts';
import type { Tracepoints } from '../mm/tracepoints.ts';
import { VMALLOC_START } from '../mte/address-space.ts';
import { addressOf, tagOf, type Pointer } from '../mte/pointer.ts';
import { EventTableBuilder } from '../trace/event-table-builder.ts';
import { NO_FIELDS, NO_STACK, type EventShape, type EventTable } from '../trace/event-table.ts';
import { EVENT, type EventType } from '../trace/event-type.ts';
import { noLosses } from '../trace/losses.ts';

/** Upper halves of kernel addresses of 48 bits (arch/arm64/include/asm/memory.h): the linear map, and vmalloc's range. */
const LINEAR_HI = 0xffff_0000;
const VMALLOC_HI = 0xffff_8000;
const HALF = 2 ** 32;

/**
 * Writes the model's operations down as the events of a trace with stacks and plain pointers, which the replay can read.
 * Unlike a kernel's own trace it has an event for every free, also for those that leave none there.
 */
export class EventRecorder implements Tracepoints {
  readonly #builder = new EventTableBuilder();
  readonly #clock: Clock;
  readonly #context = gfpContext({ major: 7, minor: 3 }, { hwTags: true, lockdep: false, slabObjExt: false });
  readonly #shapes = new Map<string, number>();
  readonly #origins: number[] = [];
  readonly #stacks = new Map<Site, number>();
  readonly #byType = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What was recorded. */
  table(): EventTable {
    return this.#builder.finish({
      byType: this.#byType,
      totalEvents: this.#builder.length,
      baseSeconds: 0,
      losses: noLosses(),
    });
  }

  mm_page_alloc(cpu: number, pfn: number, order: number, site: Site): void {
    this.#add('mm_page_alloc', cpu, 0, pfn, { order, gfp: this.#mask(site.description.gfp) }, site);
  }

  mm_page_free(cpu: number, pfn: number, order: number): void {
    this.#add('mm_page_free', cpu, 0, pfn, { order });
  }

  kmem_cache_alloc(cpu: number, object: Pointer, cache: SlabCache, requested: number, site: Site): void {
    const shape = {
      callSite: site.description.site,
      cache: cache.kmalloc ? '' : cache.name,
      bytesReq: requested,
      bytesAlloc: cache.size,
      gfp: this.#mask(site.description.gfp),
    };
    this.#addPointer(cache.kmalloc ? 'kmalloc' : 'kmem_cache_alloc', cpu, object, shape, site);
  }

  kmem_cache_free(cpu: number, object: Pointer, cache: SlabCache): void {
    const shape = { cache: cache.kmalloc ? '' : cache.name };
    this.#addPointer(cache.kmalloc ? 'kfree' : 'kmem_cache_free', cpu, object, shape);
  }

  kmalloc_large(cpu: number, object: Pointer, requested: number, allocated: number, site: Site): void {
    const { description } = site;
    const shape = {
      callSite: description.site,
      bytesReq: requested,
      bytesAlloc: allocated,
      gfp: this.#mask(description.gfp),
    };
    this.#addPointer('kmalloc', cpu, object, shape, site);
  }

  kfree_large(cpu: number, object: Pointer): void {
    this.#addPointer('kfree', cpu, object, {});
  }

  alloc_vmap_area(cpu: number, address: number, size: number): void {
    const [hi, lo] = halves(address, 0xff);
    this.#add('alloc_vmap_area', cpu, hi, lo, { areaBytes: size });
  }

  free_vmap_area_noflush(cpu: number, address: number): void {
    const [hi, lo] = halves(address, 0xff);
    this.#add('free_vmap_area_noflush', cpu, hi, lo, {});
  }

  task_newtask(cpu: number, pid: number, site: Site): void {
    this.#add('task_newtask', cpu, 0, pid, {}, site);
  }

  sched_process_exit(cpu: number, pid: number): void {
    this.#add('sched_process_exit', cpu, 0, pid, {});
  }

  #addPointer(type: EventType, cpu: number, object: Pointer, shape: Partial<EventShape>, site?: Site): void {
    const [hi, lo] = halves(addressOf(object), tagOf(object));
    this.#add(type, cpu, hi, lo, shape, site);
  }

  #add(type: EventType, cpu: number, hi: number, lo: number, fields: Partial<EventShape>, site?: Site): void {
    const shape: EventShape = { ...NO_FIELDS, ...fields, type: EVENT[type] };
    const event = this.#builder.add(this.#clock.now, this.#origin(cpu), this.#shape(shape), hi | 0, lo | 0);
    this.#byType.set(type, (this.#byType.get(type) ?? 0) + 1);
    const stack = site === undefined ? NO_STACK : this.#stack(site);
    if (stack !== NO_STACK) this.#builder.setStack(event, stack);
  }

  #shape(shape: EventShape): number {
    const key = Object.values(shape).join('\0');
    const known = this.#shapes.get(key) ?? this.#builder.addShape(shape);
    this.#shapes.set(key, known);
    return known;
  }

  #origin(cpu: number): number {
    this.#origins[cpu] ??= this.#builder.addOrigin({ comm: 'bench', pid: 1, cpu, softirq: false, hardirq: false });
    return this.#origins[cpu];
  }

  #stack(site: Site): number {
    const known = this.#stacks.get(site) ?? this.#builder.stacks.add(site.description.frames);
    this.#stacks.set(site, known);
    return known;
  }

  /** The mask that 7.3 passes, as its tracepoints print it. */
  #mask(mask: Gfp): string {
    return formatGfp(mask, this.#context);
  }
}

/** A kernel address in two halves, with a tag in its top byte. */
function halves(address: number, tag: number): readonly [hi: number, lo: number] {
  const offset = address >= VMALLOC_START ? address - VMALLOC_START : address;
  const hi = (address >= VMALLOC_START ? VMALLOC_HI : LINEAR_HI) + Math.floor(offset / HALF);
  return [(hi & 0x00ff_ffff) | (tag << 24), offset % HALF];
}
