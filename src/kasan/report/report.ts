/** A 64-bit address as the kernel prints it, with the tag in its top byte where it has one. */
export type KernelAddress = bigint;

/** What was done with the address: an access, or handing it to a free function. */
export type AccessKind = 'read' | 'write' | 'free';

/** The access that a report is about. */
export interface ReportedAccess {
  readonly kind: AccessKind;
  /** Bytes; 0 for a fault taken by the hardware, which does not tell, and for a free. Negative sizes wrap around. */
  readonly size: number;
  readonly address: KernelAddress;
  readonly comm: string;
  readonly pid: number;
}

/** A stored stack: where an object was allocated or freed. */
export interface Track {
  readonly pid: number;
  /** With CONFIG_KASAN_EXTRA_INFO: CPU and time since boot, in microseconds. */
  readonly extra?: { readonly cpu: number; readonly microseconds: number } | undefined;
  readonly frames: readonly string[];
}

/** Who ran, and the way to the access. */
export interface StackDump {
  readonly cpu: number;
  readonly uid: number;
  readonly pid: number;
  readonly comm: string;
  /** The rest of the first line: taint, release and version. */
  readonly status: string;
  /** Lines between the first and `Call trace:`, such as `Tainted: [B]=BAD_PAGE` and `Hardware name: …`. */
  readonly details: readonly string[];
  /** With the marks of the unwinder, such as ` (P)`. */
  readonly callTrace: readonly string[];
}

/** The slab object that the address lies in, or beside. */
export interface SlabObject {
  readonly address: KernelAddress;
  readonly cache: string;
  readonly objectSize: number;
  readonly position: 'inside' | 'to the left' | 'to the right';
  /** Bytes into the region, or from its nearer end. */
  readonly distance: number;
  /** Told by generic KASAN only. */
  readonly state?: 'allocated' | 'freed' | undefined;
  readonly regionSize: number;
  readonly regionStart: KernelAddress;
  readonly regionEnd: KernelAddress;
}

/** A variable of an instrumented stack frame. */
export interface StackVariable {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/** The stack that the address lies on. */
export interface TaskStack {
  readonly comm: string;
  readonly pid: number;
  /** Generic KASAN with CONFIG_KASAN_STACK knows the frame. */
  readonly frame?:
    | { readonly offset: number; readonly symbol: string; readonly variables: readonly StackVariable[] }
    | undefined;
}

/** The vmalloc area that the address lies in; `mapping` where the kernel finds none. */
export type VmallocRegion =
  | 'mapping'
  | { readonly pages: number; readonly start: KernelAddress; readonly allocatedAt: string };

/** What `dump_page` tells of the physical page (mm/debug.c). */
export interface PageDump {
  readonly refcount: number;
  readonly mapcount: number;
  readonly mapping: string;
  readonly index: string;
  readonly pfn: number;
  /** Lines between the first and the flags: of a large folio, of a memory cgroup, of a mapping. */
  readonly details: readonly string[];
  /** What stands before `flags:`, such as `anon `. */
  readonly flagsPrefix: string;
  readonly flags: string;
  /** The names of the flags and fields, such as `workingset` and `zone=0`; `kasantag` is apart. */
  readonly flagNames: readonly string[];
  /** The page tag as it is stored: the tag XOR 0xFF. Absent without tag-based KASAN. */
  readonly kasantag?: number | undefined;
  /** The flags' text after the tag, such as ` CMA`. */
  readonly flagsSuffix: string;
  readonly pageType?: { readonly byte: number; readonly name: string } | undefined;
  /** Raw words of struct page, with their labels `raw` and `head`. What is not a kernel's memory has none. */
  readonly raw: readonly string[];
  readonly reason: string;
}

/** A row of metadata: memory tags, or shadow bytes. */
export interface MemoryRow {
  readonly base: KernelAddress;
  readonly bytes: readonly number[];
}

/** The metadata around the first bad address. */
export interface MemoryState {
  /** Five rows; the middle one holds the bad granule. */
  readonly rows: readonly MemoryRow[];
  /** The bad granule's place in the middle row. */
  readonly guilty: number;
}

/** A report of a fault that was noticed later (kasan_report_async): nothing but that it happened. */
export interface AsyncReport {
  readonly kind: 'async';
  readonly bugType: string;
  readonly dump: StackDump;
}

/** A report of an access or a free; sections that do not apply are absent (mm/kasan/report.c, 7.3). */
export interface AccessReport {
  readonly kind: 'access';
  readonly bugType: string;
  /** `%pS` of the instruction: a function, with offset and size where they are known. */
  readonly symbol: string;
  readonly access: ReportedAccess;
  /** Tag-based modes, for an address that has metadata. */
  readonly tags?: { readonly pointer: number; readonly memory: number } | undefined;
  readonly dump: StackDump;
  readonly allocated?: Track | undefined;
  readonly freed?: Track | undefined;
  /** Generic: the last calls that queued work with the object. */
  readonly lastWork?: readonly string[] | undefined;
  readonly secondToLastWork?: readonly string[] | undefined;
  readonly object?: SlabObject | undefined;
  readonly variable?: string | undefined;
  readonly stack?: TaskStack | undefined;
  readonly vmalloc?: VmallocRegion | undefined;
  readonly page?: PageDump | undefined;
  /** Absent where the address has no metadata. */
  readonly memory?: MemoryState | undefined;
}

/** A KASAN report as data; `formatReport` gives the kernel's text of it, and `parseReports` reads that. */
export type KasanReport = AccessReport | AsyncReport;

/** The function of a `%pS` text, without offset and module. */
export const functionOf = (symbol: string): string => /^[^\s+]+/.exec(symbol)?.[0] ?? symbol;
