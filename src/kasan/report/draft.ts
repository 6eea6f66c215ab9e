import type {
  AccessReport,
  AsyncReport,
  KasanReport,
  KernelAddress,
  MemoryRow,
  PageDump,
  PageOwner,
  ReportedAccess,
  SlabObject,
  StackVariable,
  VmallocRegion,
} from './report.ts';

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** A stack that is being read. */
export interface DraftTrack {
  pid: number | undefined;
  extra?: { readonly cpu: number; readonly microseconds: number };
  readonly frames: string[];
  unavailable?: true;
}

export interface DraftDump {
  cpu?: number;
  uid?: number | undefined;
  pid?: number;
  comm?: string;
  status: string;
  readonly details: string[];
  readonly callTrace: string[];
  readonly asides: string[];
}

export interface DraftPage extends Omit<Writable<PageDump>, 'details' | 'raw' | 'owner'> {
  readonly details: string[];
  readonly raw: string[];
  owner?: DraftOwner;
}

export interface DraftOwner extends Omit<Writable<PageOwner>, 'allocated' | 'freed' | 'remarks'> {
  allocated?: string[];
  freed?: string[];
  remarks?: string[];
}

export interface DraftStack {
  readonly comm: string;
  readonly pid: number;
  offset?: number;
  readonly symbols: string[];
  readonly variables: StackVariable[];
}

/** What of a report is read so far. */
export interface Draft {
  readonly titles: string[];
  access?: Writable<ReportedAccess>;
  isAsync?: true;
  tags?: { pointer: number; memory: number };
  dump?: DraftDump;
  allocated?: DraftTrack;
  freed?: DraftTrack;
  lastWork?: string[];
  secondToLastWork?: string[];
  object?: Writable<SlabObject>;
  variable?: string[];
  stack?: DraftStack;
  vmalloc?: VmallocRegion;
  page?: DraftPage;
  memory?: { readonly rows: MemoryRow[]; marked: number | undefined; guilty: number | undefined };
  /** Digits of addresses: 8 on a kernel of 32 bits. */
  digits?: number;
  readonly remarks: string[];
}

const FREE_TYPES = /^(?:double-free|invalid-free|double free)\b/;
const UPPER_NIBBLE = 0xf0;

/** A title, taken apart. */
interface Title {
  readonly bugType: string;
  readonly symbol?: string | undefined;
  /** Up to Linux 4.11. */
  readonly address?: string | undefined;
}

const TITLE_FORMS: readonly RegExp[] = [
  /^BUG: KASAN: (?<bugType>.{1,64}?) in (?:range (?<range>\[\S+\])|(?<symbol>\S.*?)(?: at addr +(?<address>[0-9a-f]{8,16}|\(null\)))?)\s*$/,
  /^BUG: KASAN: (?<bugType>\S.{0,64}?) on address +(?<address>[0-9a-f]{8,16}|\(null\))\s*$/,
  /^BUG: KASAN: (?<bugType>\S.{0,80}?)\s*$/,
];

/** Takes a title apart; every text behind `BUG: KASAN: ` is one. */
export function readTitle(text: string): Title {
  for (const form of TITLE_FORMS) {
    const groups = form.exec(text)?.groups;
    if (groups !== undefined)
      return { bugType: groups['bugType'] ?? '', symbol: groups['symbol'], address: groups['address'] };
  }
  return { bugType: text.replace(/^BUG: KASAN: ?/, '') };
}

/** An address as a number; `(null)` is how printk wrote the address 0 up to Linux 4.14. */
export const addressValue = (digits: string): KernelAddress => (digits === '(null)' ? 0n : BigInt(`0x${digits}`));

/** The report that a draft has become, with what follows from what was read. */
export function reportOf(draft: Draft): KasanReport {
  const titles = draft.titles.map(readTitle);
  const title = titles.at(-1) ?? { bugType: '' };
  const { bugType, symbol } = title;
  if (draft.isAsync === true) {
    const report: AsyncReport = {
      kind: 'async',
      bugType,
      ...(draft.dump === undefined ? {} : { dump: dumpOf(draft.dump) }),
    };
    return report;
  }
  const access = accessOf(draft, title);
  const inlined = titles.slice(0, -1).flatMap((other) => (other.symbol === undefined ? [] : [other.symbol]));
  const object = draft.object === undefined ? undefined : objectOf(draft.object, access.address);
  const { stack, variable } = draft;
  const report: AccessReport = {
    kind: 'access',
    bugType,
    ...(symbol === undefined ? {} : { symbol }),
    ...(inlined.length === 0 ? {} : { inlined }),
    access,
    ...(draft.digits === 8 ? { is32Bit: true } : {}),
    ...(draft.tags === undefined ? {} : { tags: tagsOf(draft.tags, access, draft.memory?.rows ?? []) }),
    ...(draft.dump === undefined ? {} : { dump: dumpOf(draft.dump) }),
    ...(draft.allocated === undefined ? {} : { allocated: draft.allocated }),
    ...(draft.freed === undefined ? {} : { freed: draft.freed }),
    ...(draft.lastWork === undefined ? {} : { lastWork: draft.lastWork }),
    ...(draft.secondToLastWork === undefined ? {} : { secondToLastWork: draft.secondToLastWork }),
    ...(object === undefined ? {} : { object }),
    ...(variable === undefined || variable.length === 0 ? {} : { variable: variable[variable.length - 1] }),
    ...(stack === undefined ? {} : { stack: stackOf(stack) }),
    ...(draft.vmalloc === undefined ? {} : { vmalloc: draft.vmalloc }),
    ...(draft.page === undefined ? {} : { page: draft.page }),
    ...(draft.memory === undefined || draft.memory.rows.length === 0 ? {} : { memory: draft.memory }),
    ...(draft.remarks.length === 0 ? {} : { remarks: draft.remarks }),
  };
  return report;
}

const dumpOf = ({ asides, ...dump }: DraftDump): NonNullable<AccessReport['dump']> => ({
  ...dump,
  ...(asides.length === 0 ? {} : { asides }),
});

function stackOf({ comm, pid, offset, symbols, variables }: DraftStack): NonNullable<AccessReport['stack']> {
  const symbol = symbols.at(-1);
  return {
    comm,
    pid,
    ...(offset === undefined || symbol === undefined ? {} : { frame: { offset, symbol, variables } }),
  };
}

/** Up to Linux 6.1 a wrong free has no line for the access, and up to 4.11 the title has the address. */
function accessOf({ access, object }: Draft, title: Title): ReportedAccess {
  const kind = access?.kind ?? (FREE_TYPES.test(title.bugType) ? 'free' : undefined);
  const told = access?.address ?? (title.address === undefined ? undefined : addressValue(title.address));
  const address = told ?? (object === undefined ? undefined : addressOfObject(object));
  return {
    kind,
    size: access?.size ?? 0,
    ...(address === undefined ? {} : { address }),
    ...(access?.comm === undefined ? {} : { comm: access.comm }),
    ...(access?.pid === undefined ? {} : { pid: access.pid }),
  };
}

/** What "located 16 bytes inside of" says of the address. */
function addressOfObject({ position, distance, regionStart, regionEnd }: SlabObject): KernelAddress | undefined {
  if (position === undefined || distance === undefined || regionStart === undefined) return undefined;
  switch (position) {
    case 'inside':
      return regionStart + BigInt(distance);
    case 'to the left':
      return regionStart - BigInt(distance);
    case 'to the right':
      return regionEnd === undefined ? undefined : regionEnd + BigInt(distance);
  }
}

const UNTAGGED = 0x00ff_ffff_ffff_ffffn;

/** Up to Linux 4.11 the kernel tells the object and its size only: the place follows. */
function objectOf(object: SlabObject, accessed: KernelAddress | undefined): SlabObject {
  const { address, objectSize } = object;
  if (object.regionStart !== undefined || objectSize === undefined || accessed === undefined) return object;
  const offset = Number((accessed & UNTAGGED) - (address & UNTAGGED));
  if (!Number.isSafeInteger(offset)) return object;
  const region = { regionSize: objectSize, regionStart: address, regionEnd: address + BigInt(objectSize) };
  if (offset < 0) return { ...object, ...region, position: 'to the left', distance: -offset };
  if (offset < objectSize) return { ...object, ...region, position: 'inside', distance: offset };
  return { ...object, ...region, position: 'to the right', distance: offset - objectSize };
}

/**
 * Linux 5.11 prints the pointer tag of HW_TAGS without its upper nibble (mm/kasan/report_hw_tags.c). A fault of the hardware
 * tells no size; tags of SW_TAGS have all of a byte, and its accesses have a size.
 */
function tagsOf(
  { pointer, memory }: { readonly pointer: number; readonly memory: number },
  { size, kind }: ReportedAccess,
  rows: readonly MemoryRow[],
): { readonly pointer: number; readonly memory: number } {
  const isHardware =
    size === 0 &&
    memory >= UPPER_NIBBLE &&
    (kind !== 'free' || rows.every(({ bytes }) => bytes.every((tag) => tag >= UPPER_NIBBLE)));
  return { pointer: isHardware && pointer < 16 ? pointer | UPPER_NIBBLE : pointer, memory };
}
