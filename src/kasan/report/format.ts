import { assertUnreachable } from '../../base/assert.ts';
import type {
  AccessReport,
  KasanReport,
  KernelAddress,
  MemoryState,
  PageDump,
  PageOwner,
  ReportedAccess,
  SlabObject,
  StackDump,
  TaskStack,
  Track,
  VmallocRegion,
} from './report.ts';

/** What stands above and below every report. */
export const SEPARATOR = '='.repeat(66);

/** An address as `%px` prints it: 16 hexadecimal digits, or 8 on a kernel of 32 bits. */
export const addressText = (address: KernelAddress, digits: 8 | 16 = 16): string =>
  BigInt.asUintN(64, address).toString(16).padStart(digits, '0');

const byteText = (value: number): string => value.toString(16).padStart(2, '0');
const frameLines = (frames: readonly string[]): string[] => frames.map((frame) => ` ${frame}`);

/**
 * The text of a report as Linux 7.3 writes it, line by line and without log prefix (mm/kasan/report.c). The separators are
 * part of it. What a report does not tell is left out; what 7.3 does not write, as the frames of inlined titles, is kept.
 */
export function formatReport(report: KasanReport): string[] {
  switch (report.kind) {
    case 'async':
      return [
        SEPARATOR,
        `BUG: KASAN: ${report.bugType}`,
        'Asynchronous fault: no details available',
        '',
        ...dumpLines(report.dump),
        SEPARATOR,
      ];
    case 'access':
      return [SEPARATOR, ...headLines(report), '', ...bodyLines(report), SEPARATOR];
    default:
      return assertUnreachable(report);
  }
}

const digitsOf = ({ is32Bit }: AccessReport): 8 | 16 => (is32Bit === true ? 8 : 16);

function headLines(report: AccessReport): string[] {
  const { bugType, symbol, inlined = [], tags } = report;
  const head = [
    ...inlined.map((name) => `BUG: KASAN: ${bugType} in ${name}`),
    symbol === undefined ? `BUG: KASAN: ${bugType}` : `BUG: KASAN: ${bugType} in ${symbol}`,
    ...accessLines(report.access, digitsOf(report)),
  ];
  if (tags === undefined) return head;
  return [...head, `Pointer tag: [${byteText(tags.pointer)}], memory tag: [${byteText(tags.memory)}]`];
}

function accessLines({ kind, size, address, comm, pid }: ReportedAccess, digits: 8 | 16): string[] {
  if (kind === undefined || address === undefined) return [];
  const by = `${addressText(address, digits)}${comm === undefined ? '' : ` by task ${comm}/${pid}`}`;
  if (kind === 'free') return [`Free of addr ${by}`];
  const name = kind === 'read' ? 'Read' : 'Write';
  // Sizes are unsigned: a negative one is huge.
  return [size === 0 ? `${name} at addr ${by}` : `${name} of size ${BigInt.asUintN(64, BigInt(size))} at addr ${by}`];
}

function bodyLines(report: AccessReport): string[] {
  const { dump, memory, stack, page, remarks = [] } = report;
  const digits = digitsOf(report);
  const places = [
    ...objectSection(report, digits),
    ...(report.variable === undefined ? [] : ['The buggy address belongs to the variable:', ` ${report.variable}`, '']),
    ...(stack === undefined ? [] : stackLines(stack)),
    ...(report.vmalloc === undefined ? [] : vmallocLines(report.vmalloc, digits)),
    ...(page === undefined ? [] : ['The buggy address belongs to the physical page:', ...pageLines(page), '']),
    ...(memory === undefined ? [] : memoryLines(memory, digits)),
  ];
  return [...remarks, ...dumpLines(dump), ...(places.length === 0 ? [] : ['', ...places])];
}

function dumpLines(dump: StackDump | undefined): string[] {
  if (dump === undefined) return [];
  const { cpu, uid, pid, comm, status, details, callTrace, asides = [] } = dump;
  const user = uid === undefined ? '' : ` UID: ${uid}`;
  return [
    ...(cpu === undefined ? [] : [`CPU: ${cpu}${user} PID: ${pid} Comm: ${comm}${status === '' ? '' : ` ${status}`}`]),
    ...details,
    ...(callTrace.length + asides.length === 0 && cpu === undefined ? [] : ['Call trace:']),
    ...asides.map((aside) => ` ${aside}`),
    ...frameLines(callTrace),
  ];
}

function objectSection(report: AccessReport, digits: 8 | 16): string[] {
  const { object, allocated, freed, lastWork, secondToLastWork } = report;
  return [
    ...(allocated === undefined ? [] : trackLines('Allocated', allocated)),
    ...(freed === undefined ? [] : trackLines('Freed', freed)),
    ...(lastWork === undefined ? [] : ['Last potentially related work creation:', ...frameLines(lastWork), '']),
    ...(secondToLastWork === undefined
      ? []
      : ['Second to last potentially related work creation:', ...frameLines(secondToLastWork), '']),
    ...(object === undefined ? [] : [...objectLines(object, digits), '']),
  ];
}

function trackLines(what: string, { pid, extra, frames, unavailable }: Track): string[] {
  const where =
    extra === undefined
      ? ''
      : ` on cpu ${extra.cpu} at ${Math.floor(extra.microseconds / 1e6)}.${String(extra.microseconds % 1e6).padStart(6, '0')}s`;
  return [
    pid === undefined ? `${what}:` : `${what} by task ${pid}${where}:`,
    ...(unavailable === true ? ['(stack is not available)'] : []),
    ...frameLines(frames),
    '',
  ];
}

function objectLines(object: SlabObject, digits: 8 | 16): string[] {
  const { address, cache, objectSize, position, distance, state, regionSize, regionStart, regionEnd } = object;
  const lines = [`The buggy address belongs to the object at ${addressText(address, digits)}`];
  if (cache !== undefined && objectSize !== undefined)
    lines.push(` which belongs to the cache ${cache} of size ${objectSize}`);
  if (position !== undefined) lines.push(`The buggy address is located ${distance} bytes ${position} of`);
  if (regionStart !== undefined && regionEnd !== undefined) {
    const range = `[${addressText(regionStart, digits)}, ${addressText(regionEnd, digits)})`;
    lines.push(` ${state === undefined ? '' : `${state} `}${regionSize}-byte region ${range}`);
  }
  return lines;
}

function stackLines({ comm, pid, frame }: TaskStack): string[] {
  const belongs = `The buggy address belongs to stack of task ${comm}/${pid}`;
  if (frame === undefined) return [belongs, ''];
  const { offset, symbol, variables } = frame;
  return [
    belongs,
    ` and is located at offset ${offset} in frame:`,
    ` ${symbol}`,
    '',
    `This frame has ${variables.length} ${variables.length === 1 ? 'object' : 'objects'}:`,
    ...variables.map(({ start, end, name }) => ` [${start}, ${end}) '${name}'`),
    '',
  ];
}

function vmallocLines(region: VmallocRegion, digits: 8 | 16): string[] {
  if (region === 'mapping') return ['The buggy address belongs to a vmalloc virtual mapping'];
  const { start, pages, end, allocatedAt } = region;
  if (end === undefined) {
    return [
      `The buggy address belongs to a ${pages}-page vmalloc region starting at 0x${addressText(start, digits)} allocated at ${allocatedAt}`,
    ];
  }
  return [
    'The buggy address belongs to the virtual mapping at',
    ` [${addressText(start, digits)}, ${addressText(end, digits)}) created by:`,
    ...(allocatedAt === undefined ? [] : [` ${allocatedAt}`]),
  ];
}

function pageLines(page: PageDump): string[] {
  const { refcount, flags, pageType, reason, owner } = page;
  const names =
    page.kasantag === undefined ? page.flagNames : [...page.flagNames, `kasantag=0x${page.kasantag.toString(16)}`];
  return [
    ...(refcount === undefined ? [] : [pageLine(page)]),
    ...page.details,
    ...(flags === undefined ? [] : [`${page.flagsPrefix}flags: ${flags}(${names.join('|')})${page.flagsSuffix}`]),
    ...(pageType === undefined ? [] : [`page_type: ${pageType.byte.toString(16)}(${pageType.name})`]),
    ...page.raw,
    ...(reason === undefined ? [] : [`page dumped because: ${reason}`]),
    ...(owner === undefined ? [] : ownerLines(owner)),
  ];
}

function pageLine({ struct, refcount, mapcount, mapping, index, pfn, compoundMapcount }: PageDump): string {
  const fields = [
    `refcount:${refcount}`,
    mapcount === undefined ? undefined : `mapcount:${mapcount}`,
    mapping === undefined ? undefined : `mapping:${mapping}`,
    index === undefined ? undefined : `index:${index}`,
    pfn === undefined ? undefined : `pfn:0x${pfn.toString(16)}`,
    compoundMapcount === undefined ? undefined : `compound_mapcount: ${compoundMapcount}`,
  ].filter((field) => field !== undefined);
  return `page:${struct === undefined ? '' : struct} ${fields.join(' ')}`;
}

/** mm/page_owner.c:__dump_page_owner, 7.3. */
function ownerLines(owner: PageOwner): string[] {
  const { state, order, migrateType, gfpMask, gfp, pid, tgid, comm, timestamp, freeTimestamp, allocated, freed } =
    owner;
  const told = [
    `order ${order}`,
    migrateType === undefined ? undefined : `migratetype ${migrateType}`,
    gfpMask === undefined ? undefined : `gfp_mask ${gfpMask}(${(gfp ?? []).join('|')})`,
    pid === undefined ? undefined : `pid ${pid}`,
    tgid === undefined ? undefined : `tgid ${tgid}`,
  ].filter((field) => field !== undefined);
  const times = [
    timestamp === undefined ? undefined : `ts ${timestamp}`,
    freeTimestamp === undefined ? undefined : `free_ts ${freeTimestamp}`,
  ].filter((field) => field !== undefined);
  const by = owner.freedByPid === undefined ? '' : `pid ${owner.freedByPid} tgid ${owner.freedByTgid} `;
  const line = [`${told.join(', ')}${comm === undefined ? '' : ` (${comm})`}`, ...times].join(', ');
  return [
    ...(state === undefined ? [] : [`page_owner tracks the page as ${state}`]),
    ...(order === undefined ? [] : [`page last allocated via ${line}`, ...frameLines(allocated ?? [])]),
    ...(freed === undefined ? [] : [`page last free ${by}stack trace:`, ...frameLines(freed)]),
    ...(owner.remarks ?? []),
  ];
}

/** Blanks before the first byte of a row, but for the digits of its address. */
const ROW_HEAD = 3;

const memoryLines = ({ rows, marked, guilty }: MemoryState, digits: 8 | 16): string[] => [
  'Memory state around the buggy address:',
  ...rows.flatMap(({ base, bytes }, index) => {
    const isMarked = index === marked;
    const row = `${isMarked ? '>' : ' '}${addressText(base, digits)}: ${bytes.map(byteText).join(' ')}`;
    return isMarked && guilty !== undefined ? [row, `${' '.repeat(digits + ROW_HEAD + 3 * guilty)}^`] : [row];
  }),
];
