import { addressOf, pointer, tagOf, type Pointer } from '../../mte/pointer.ts';
import { KASAN_TAG_KERNEL } from '../../mte/tag-machine.ts';
import type { StackRing } from '../stack-ring.ts';
import type { AddressInfo, AreaAt, ObjectAt } from './address-info.ts';
import { kernelAddress } from './kernel-address.ts';
import type { AccessReport, KasanReport, MemoryState, SlabObject, StackDump, Track, VmallocRegion } from './report.ts';
import { taintNames, taintText, type RunningTask } from './reporting-kernel.ts';

/** `kasan.fault=` (mm/kasan/report.c). */
export type FaultParameter = 'report' | 'panic' | 'panic_on_write';

/** How the modes differ in what they report; tables of rules, one for each mode. */
export interface ReportRules {
  /** Bytes that one piece of metadata stands for. */
  readonly granule: number;
  /** Whether pointers have tags: they are shown, and the stack ring decides the bug type. */
  readonly tags: boolean;
  /** Where the first bad granule of an access is. */
  firstBadAddress(info: AddressInfo, p: Pointer, size: number): number;
  /** mm/kasan/*.c:kasan_get_alloc_size: what of an object may be accessed, by its metadata. */
  allocSize(info: AddressInfo, object: ObjectAt): number;
  /** The bug type and the stacks of an access. */
  bugType(context: BugContext): BugFinding;
}

/** What a bug type is decided by. */
export interface BugContext {
  readonly info: AddressInfo;
  readonly pointer: Pointer;
  readonly size: number;
  readonly firstBad: number;
  readonly object: ObjectAt | undefined;
  readonly ring: StackRing | undefined;
}

export interface BugFinding {
  readonly type: string;
  readonly allocated?: Track | undefined;
  readonly freed?: Track | undefined;
  readonly state?: SlabObject['state'];
}

/** What a report needs of the kernel around it. */
export interface ReporterOptions {
  readonly rules: ReportRules;
  readonly info: AddressInfo;
  /** Undefined with kasan.stacktrace=off. */
  readonly ring: () => StackRing | undefined;
  readonly fault: FaultParameter;
  /** `kasan_multi_shot`: all reports are printed, not only the first. */
  readonly multiShot: boolean;
  readonly running: () => RunningTask;
  /** The release, as `uname -r` and the rest of the version would tell. */
  readonly release: string;
  readonly hardware: string;
  /** KUnit taints the kernel. */
  readonly test: boolean;
  /** Told of each report that is due. Its text costs more than finding the fault: whoever only counts asks for none. */
  readonly emit: (report: () => KasanReport) => void;
}

/** The kernel stopped: nothing runs after it. */
export class KernelPanic extends Error {
  override readonly name = 'KernelPanic';
}

const PAGE_DUMP_REASON = 'kasan: bad access detected';
const ROWS_AROUND = 2;
const BYTES_PER_ROW = 16;

/** mm/kasan/report.c, 7.3: decides whether something is reported, and makes the report. */
export class KasanReporter {
  /** Set while KUnit runs (kasan_save_enable_multi_shot). */
  multiShot: boolean;
  readonly #options: ReporterOptions;
  #reported = false;
  #badPage = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.multiShot = options.multiShot;
  }

  /**
   * mm/kasan/report.c:kasan_report.
   *
   * @param size bytes of the access; 0 where the hardware does not tell
   * @param symbol the function that made the access
   * @returns whether it was printed
   */
  kasan_report(p: Pointer, size: number, isWrite: boolean, symbol: string): boolean {
    if (this.#suppressed()) return false;
    this.#options.emit(() => this.#report(p, size, isWrite ? 'write' : 'read', undefined, symbol));
    this.#end(isWrite);
    return true;
  }

  /** mm/kasan/report.c:kasan_report_invalid_free. For kasan.fault it counts as a write. */
  kasan_report_invalid_free(p: Pointer, type: 'invalid-free' | 'double-free', symbol: string): void {
    if (this.#suppressed()) return;
    this.#options.emit(() => this.#report(p, 0, 'free', type, symbol));
    this.#end(true);
  }

  /** mm/kasan/report.c:kasan_report_async. For kasan.fault it counts as a write. */
  kasan_report_async(): void {
    if (this.#suppressed()) return;
    this.#options.emit(() => ({ kind: 'async', bugType: 'invalid-access', dump: this.#dump() }));
    this.#end(true);
  }

  /** mm/kasan/report.c:report_enabled. */
  #suppressed(): boolean {
    if (this.multiShot) return false;
    const reportedBefore = this.#reported;
    this.#reported = true;
    return reportedBefore;
  }

  /** mm/kasan/report.c:end_report, without what has no meaning in a model. */
  #end(isWrite: boolean): void {
    this.#badPage = true;
    const { fault } = this.#options;
    if (fault === 'panic' || (fault === 'panic_on_write' && isWrite)) {
      throw new KernelPanic(`Kernel panic - not syncing: kasan.fault=${fault} set ...`);
    }
  }

  #dump(): StackDump {
    const { running, release, hardware, test } = this.#options;
    const { cpu, pid, comm, frames } = running();
    const taints = { badPage: this.#badPage, test };
    const names = taintNames(taints);
    return {
      cpu,
      uid: 0,
      pid,
      comm,
      status: `${taintText(taints)} ${release}`,
      details: [...(names === undefined ? [] : [names]), `Hardware name: ${hardware}`],
      callTrace: frames,
    };
  }

  #report(
    p: Pointer,
    size: number,
    kind: 'read' | 'write' | 'free',
    type: string | undefined,
    symbol: string,
  ): AccessReport {
    const { rules, info, ring, running } = this.#options;
    const { comm, pid } = running();
    const address = addressOf(p);
    const head = {
      kind: 'access' as const,
      symbol,
      access: { kind, size, address: kernelAddress(p), comm, pid },
      dump: this.#dump(),
    };
    const firstBad = kind === 'free' ? address : rules.firstBadAddress(info, p, size);
    const object = info.hasMetadata(address) ? info.objectAt(address) : undefined;
    const found = rules.bugType({ info, pointer: p, size, firstBad, object, ring: ring() });
    const bugType = type ?? found.type;
    if (!info.hasMetadata(address)) return { ...head, bugType };
    const area = info.areaAt(address);
    const page = info.pageAt(address);
    return {
      ...head,
      bugType,
      ...(rules.tags ? { tags: { pointer: tagOf(p), memory: info.metadata(firstBad) } } : {}),
      ...(object === undefined
        ? {}
        : {
            allocated: found.allocated,
            freed: found.freed,
            object: slabObject(rules, info, object, address, found.state),
          }),
      ...(area === undefined ? {} : { vmalloc: vmallocRegion(area) }),
      ...(page === undefined ? {} : { page: { ...page, reason: PAGE_DUMP_REASON } }),
      memory: memoryState(rules, info, firstBad),
    };
  }
}

const untagged = (address: number): bigint => kernelAddress(pointer(KASAN_TAG_KERNEL, address));

const vmallocRegion = (area: AreaAt | 'mapping'): VmallocRegion =>
  area === 'mapping' ? area : { pages: area.pages, start: kernelAddress(area.start), allocatedAt: area.caller };

/** mm/kasan/report.c:describe_object_addr. */
function slabObject(
  rules: ReportRules,
  info: AddressInfo,
  object: ObjectAt,
  address: number,
  state: SlabObject['state'],
): SlabObject {
  const { address: start, cacheName, objectSize } = object;
  const size = rules.allocSize(info, object) || objectSize;
  const [position, distance] =
    address < start
      ? (['to the left', start - address] as const)
      : address >= start + size
        ? (['to the right', address - (start + size)] as const)
        : (['inside', address - start] as const);
  return {
    address: untagged(start),
    cache: cacheName,
    objectSize,
    position,
    distance,
    ...(state === undefined ? {} : { state }),
    regionSize: size,
    regionStart: untagged(start),
    regionEnd: untagged(start + size),
  };
}

/** mm/kasan/report.c:print_memory_metadata. */
function memoryState({ granule }: ReportRules, info: AddressInfo, firstBad: number): MemoryState {
  const rowSize = BYTES_PER_ROW * granule;
  const middle = firstBad - (firstBad % rowSize);
  const rows = Array.from({ length: 2 * ROWS_AROUND + 1 }, (_, index) => {
    const base = middle + (index - ROWS_AROUND) * rowSize;
    return {
      base: untagged(base),
      bytes: Array.from({ length: BYTES_PER_ROW }, (_column, column) => info.metadata(base + column * granule)),
    };
  });
  return { rows, marked: ROWS_AROUND, guilty: Math.floor((firstBad - middle) / granule) };
}
