import { assertUnreachable } from '../../base/assert.ts';
import type {
  AccessReport,
  KasanReport,
  KernelAddress,
  MemoryState,
  PageDump,
  ReportedAccess,
  SlabObject,
  StackDump,
  TaskStack,
  Track,
  VmallocRegion,
} from './report.ts';

/** What stands above and below every report. */
export const SEPARATOR = '='.repeat(66);

/** An address as `%px` prints it: 16 hexadecimal digits. */
export const addressText = (address: KernelAddress): string =>
  BigInt.asUintN(64, address).toString(16).padStart(16, '0');

const byteText = (value: number): string => value.toString(16).padStart(2, '0');
const frameLines = (frames: readonly string[]): string[] => frames.map((frame) => ` ${frame}`);

/**
 * The kernel's text of a report, line by line and without log prefix (mm/kasan/report.c, 7.3). The separators are part
 * of it.
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

function headLines({ bugType, symbol, access, tags }: AccessReport): string[] {
  const head = [`BUG: KASAN: ${bugType} in ${symbol}`, accessLine(access)];
  if (tags === undefined) return head;
  return [...head, `Pointer tag: [${byteText(tags.pointer)}], memory tag: [${byteText(tags.memory)}]`];
}

function accessLine({ kind, size, address, comm, pid }: ReportedAccess): string {
  const by = `${addressText(address)} by task ${comm}/${pid}`;
  if (kind === 'free') return `Free of addr ${by}`;
  const name = kind === 'read' ? 'Read' : 'Write';
  // Sizes are unsigned: a negative one is huge.
  return size === 0 ? `${name} at addr ${by}` : `${name} of size ${BigInt.asUintN(64, BigInt(size))} at addr ${by}`;
}

function bodyLines(report: AccessReport): string[] {
  const { dump, memory } = report;
  if (memory === undefined) return dumpLines(dump);
  return [
    ...dumpLines(dump),
    '',
    ...objectSection(report),
    ...(report.variable === undefined ? [] : ['The buggy address belongs to the variable:', ` ${report.variable}`, '']),
    ...(report.stack === undefined ? [] : stackLines(report.stack)),
    ...(report.vmalloc === undefined ? [] : [vmallocLine(report.vmalloc)]),
    ...(report.page === undefined
      ? []
      : ['The buggy address belongs to the physical page:', ...pageLines(report.page), '']),
    ...memoryLines(memory),
  ];
}

const dumpLines = ({ cpu, uid, pid, comm, status, details, callTrace }: StackDump): string[] => [
  `CPU: ${cpu} UID: ${uid} PID: ${pid} Comm: ${comm} ${status}`,
  ...details,
  'Call trace:',
  ...frameLines(callTrace),
];

function objectSection({ object, allocated, freed, lastWork, secondToLastWork }: AccessReport): string[] {
  if (object === undefined) return [];
  return [
    ...(allocated === undefined ? [] : trackLines('Allocated', allocated)),
    ...(freed === undefined ? [] : trackLines('Freed', freed)),
    ...(lastWork === undefined ? [] : ['Last potentially related work creation:', ...frameLines(lastWork), '']),
    ...(secondToLastWork === undefined
      ? []
      : ['Second to last potentially related work creation:', ...frameLines(secondToLastWork), '']),
    ...objectLines(object),
    '',
  ];
}

function trackLines(what: string, { pid, extra, frames }: Track): string[] {
  const where =
    extra === undefined
      ? ''
      : ` on cpu ${extra.cpu} at ${Math.floor(extra.microseconds / 1e6)}.${String(extra.microseconds % 1e6).padStart(6, '0')}s`;
  return [`${what} by task ${pid}${where}:`, ...frameLines(frames), ''];
}

const objectLines = (object: SlabObject): string[] => [
  `The buggy address belongs to the object at ${addressText(object.address)}`,
  ` which belongs to the cache ${object.cache} of size ${object.objectSize}`,
  `The buggy address is located ${object.distance} bytes ${object.position} of`,
  ` ${object.state === undefined ? '' : `${object.state} `}${object.regionSize}-byte region [${addressText(object.regionStart)}, ${addressText(object.regionEnd)})`,
];

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

const vmallocLine = (region: VmallocRegion): string =>
  region === 'mapping'
    ? 'The buggy address belongs to a vmalloc virtual mapping'
    : `The buggy address belongs to a ${region.pages}-page vmalloc region starting at 0x${addressText(region.start)} allocated at ${region.allocatedAt}`;

function pageLines(page: PageDump): string[] {
  const names =
    page.kasantag === undefined ? page.flagNames : [...page.flagNames, `kasantag=0x${page.kasantag.toString(16)}`];
  return [
    `page: refcount:${page.refcount} mapcount:${page.mapcount} mapping:${page.mapping} index:${page.index} pfn:0x${page.pfn.toString(16)}`,
    ...page.details,
    `${page.flagsPrefix}flags: ${page.flags}(${names.join('|')})${page.flagsSuffix}`,
    ...(page.pageType === undefined ? [] : [`page_type: ${page.pageType.byte.toString(16)}(${page.pageType.name})`]),
    ...page.raw,
    `page dumped because: ${page.reason}`,
  ];
}

function memoryLines({ rows, guilty }: MemoryState): string[] {
  const middle = Math.floor(rows.length / 2);
  return [
    'Memory state around the buggy address:',
    ...rows.flatMap(({ base, bytes }, index) => {
      const row = `${index === middle ? '>' : ' '}${addressText(base)}: ${bytes.map(byteText).join(' ')}`;
      return index === middle ? [row, `${' '.repeat(19 + 3 * guilty)}^`] : [row];
    }),
  ];
}
