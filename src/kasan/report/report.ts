/** A 64-bit address as the kernel prints it, with the tag in its top byte where it has one. */
export type KernelAddress = bigint;

/** What was done with the address: an access, or handing it to a free function. */
export type AccessKind = 'read' | 'write' | 'free';

/** The access that a report is about. What is optional is not told by every kernel, or was cut off. */
export interface ReportedAccess {
  readonly kind: AccessKind | undefined;
  /** Bytes; 0 for a fault taken by the hardware, which does not tell, and for a free. Negative sizes wrap around. */
  readonly size: number;
  /** Absent for a wrong free up to Linux 6.1. */
  readonly address?: KernelAddress | undefined;
  readonly comm?: string | undefined;
  readonly pid?: number | undefined;
}

/** A stored stack: where an object was allocated or freed. */
export interface Track {
  readonly pid: number | undefined;
  /** With CONFIG_KASAN_EXTRA_INFO: CPU and time since boot, in microseconds. */
  readonly extra?: { readonly cpu: number; readonly microseconds: number } | undefined;
  readonly frames: readonly string[];
  /** The kernel says that it has none: "(stack is not available)". */
  readonly unavailable?: true | undefined;
}

/** Who ran, and the way to the access. */
export interface StackDump {
  readonly cpu?: number | undefined;
  /** Since Linux 6.11. */
  readonly uid?: number | undefined;
  readonly pid?: number | undefined;
  readonly comm?: string | undefined;
  /** The rest of the first line: taint, release and version. */
  readonly status: string;
  /** Lines between the first and `Call trace:`, such as `Tainted: [B]=BAD_PAGE` and `Hardware name: …`. */
  readonly details: readonly string[];
  /** With the marks of the unwinder, such as ` (P)`. */
  readonly callTrace: readonly string[];
  /** What stands among the frames and is none: ` <TASK>`, registers of an interrupted context, words of the stack. */
  readonly asides?: readonly string[] | undefined;
}

/** The slab object that the address lies in, or beside. What is optional may be cut off. */
export interface SlabObject {
  readonly address: KernelAddress;
  readonly cache?: string | undefined;
  readonly objectSize?: number | undefined;
  /** Up to Linux 4.11 it is not told, and follows from the addresses. */
  readonly position?: 'inside' | 'to the left' | 'to the right' | undefined;
  /** Bytes into the region, or from its nearer end. */
  readonly distance?: number | undefined;
  /** Told by generic KASAN only, since Linux 6.4. */
  readonly state?: 'allocated' | 'freed' | undefined;
  readonly regionSize?: number | undefined;
  readonly regionStart?: KernelAddress | undefined;
  readonly regionEnd?: KernelAddress | undefined;
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
  /** Generic KASAN with CONFIG_KASAN_STACK knows the frame; Linux 5.0 to 5.19 print it alone. */
  readonly frame?:
    | { readonly offset: number; readonly symbol: string; readonly variables: readonly StackVariable[] }
    | undefined;
}

/** A vmalloc area, with what the kernel's version tells of it. */
export interface VmallocArea {
  readonly start: KernelAddress;
  /** Since Linux 6.16. */
  readonly pages?: number | undefined;
  /** Linux 5.19 to 6.15. */
  readonly end?: KernelAddress | undefined;
  readonly allocatedAt?: string | undefined;
}

/** The vmalloc area that the address lies in; `mapping` where the kernel finds none. */
export type VmallocRegion = 'mapping' | VmallocArea;

/** What CONFIG_PAGE_OWNER knows of a page (mm/page_owner.c:__dump_page_owner). */
export interface PageOwner {
  /** Whether the page was given back since. */
  readonly state?: 'allocated' | 'freed' | undefined;
  readonly order?: number | undefined;
  readonly migrateType?: string | undefined;
  /** The mask, as it is printed: 0x52dc0. */
  readonly gfpMask?: string | undefined;
  /** Its flags by name. */
  readonly gfp?: readonly string[] | undefined;
  readonly pid?: number | undefined;
  readonly tgid?: number | undefined;
  readonly comm?: string | undefined;
  /** When it was allocated, and freed before that: nanoseconds since boot. */
  readonly timestamp?: string | undefined;
  readonly freeTimestamp?: string | undefined;
  readonly allocated?: readonly string[] | undefined;
  readonly freed?: readonly string[] | undefined;
  readonly freedByPid?: number | undefined;
  readonly freedByTgid?: number | undefined;
  /** What it says instead, such as "page_owner info is not present (never set?)". */
  readonly remarks?: readonly string[] | undefined;
}

/** What `dump_page` tells of the physical page (mm/debug.c). What is optional is not told by every kernel. */
export interface PageDump {
  /** The address of struct page, as it is printed up to Linux 6.9: hashed, or plain. */
  readonly struct?: string | undefined;
  readonly refcount?: number | undefined;
  readonly mapcount?: number | undefined;
  readonly mapping?: string | undefined;
  readonly index?: string | undefined;
  /** Since Linux 5.10. */
  readonly pfn?: number | undefined;
  /** Up to Linux 5.9 behind the index. */
  readonly compoundMapcount?: string | undefined;
  /** Lines between the first and the flags: of a large folio, of a memory cgroup, of a mapping. */
  readonly details: readonly string[];
  /** What stands before `flags:`, such as `anon `. */
  readonly flagsPrefix: string;
  readonly flags?: string | undefined;
  /** The names of the flags and fields, such as `workingset` and `zone=0`; `kasantag` is apart. */
  readonly flagNames: readonly string[];
  /** The page tag as it is stored: the tag XOR 0xFF. Absent without tag-based KASAN. */
  readonly kasantag?: number | undefined;
  /** The flags' text after the tag, such as ` CMA`. */
  readonly flagsSuffix: string;
  /** A byte since Linux 6.12; before, the whole field (6.6 to 6.11). */
  readonly pageType?: { readonly byte: number; readonly name: string } | undefined;
  /** Raw words of struct page, with their labels `raw` and `head`. What is not a kernel's memory has none. */
  readonly raw: readonly string[];
  readonly reason?: string | undefined;
  readonly owner?: PageOwner | undefined;
}

/** A row of metadata: memory tags, or shadow bytes. */
export interface MemoryRow {
  readonly base: KernelAddress;
  readonly bytes: readonly number[];
}

/** The metadata around the first bad address. */
export interface MemoryState {
  /** Five rows, unless some are missing. */
  readonly rows: readonly MemoryRow[];
  /** The row that holds the bad granule, which is the middle one of five; undefined if it is missing. */
  readonly marked: number | undefined;
  /** The bad granule's place in that row; undefined where the mark is missing or shifted. */
  readonly guilty: number | undefined;
}

/** A report of a fault that was noticed later (kasan_report_async): nothing but that it happened. */
export interface AsyncReport {
  readonly kind: 'async';
  readonly bugType: string;
  readonly dump?: StackDump | undefined;
}

/** A report of an access or a free; what does not apply, what the kernel's version does not tell and what is cut off is absent. */
export interface AccessReport {
  readonly kind: 'access';
  readonly bugType: string;
  /**
   * `%pS` of the instruction: a function, with offset and size where they are known. Up to Linux 4.11 a wild access has
   * none.
   */
  readonly symbol?: string | undefined;
  /** Of a symbolised log: the functions that are inlined there, as their own titles name them. */
  readonly inlined?: readonly string[] | undefined;
  readonly access: ReportedAccess;
  /** Addresses have 8 digits: a kernel of 32 bits. */
  readonly is32Bit?: true | undefined;
  /** Tag-based modes, for an address that has metadata. */
  readonly tags?: { readonly pointer: number; readonly memory: number } | undefined;
  readonly dump?: StackDump | undefined;
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
  /** What SLUB and old versions of KASAN print beside (up to Linux 4.11), as it is. */
  readonly remarks?: readonly string[] | undefined;
}

/** A KASAN report as data, whichever kernel printed it; `formatReport` gives the text of Linux 7.3 of it, and `parseReports` reads that. */
export type KasanReport = AccessReport | AsyncReport;

/** The function of a `%pS` text, without offset and module. */
export const functionOf = (symbol: string): string => /^[^\s+]+/.exec(symbol)?.[0] ?? symbol;
