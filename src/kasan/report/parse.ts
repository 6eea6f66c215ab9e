import { Cursor, type NumberedLine } from './cursor.ts';
import { SEPARATOR } from './format.ts';
import { textOfLogLine } from './log-line.ts';
import type {
  AccessReport,
  AsyncReport,
  KasanReport,
  MemoryRow,
  PageDump,
  ReportedAccess,
  SlabObject,
  StackDump,
  TaskStack,
  Track,
  VmallocRegion,
} from './report.ts';

/** A report that was found in a log. */
export interface FoundReport {
  /** Number of the line that it begins at, from 1. */
  readonly line: number;
  readonly report: KasanReport;
  /** Lines inside it that are no part of a report: what other CPUs printed, or what this parser does not know. */
  readonly unread: readonly NumberedLine[];
}

/** Something that begins as a report and is none: it is cut off, or mangled. */
export interface BrokenReport {
  readonly line: number;
  readonly reason: string;
}

/** What a log holds. */
export interface ReportsOfLog {
  readonly reports: readonly FoundReport[];
  readonly broken: readonly BrokenReport[];
}

/** A report has two stacks of at most 64 frames and a call trace; more lines than this belong to something else. */
const MAX_REPORT_LINES = 2000;

const TITLE = /^BUG: KASAN: (\S+)(?: in (.+))?$/;

/**
 * Finds the KASAN reports in a kernel log, with or without time stamps, among other messages.
 *
 * @param lines the lines of the log, without their ends
 */
export function parseReports(lines: Iterable<string>): ReportsOfLog {
  const reports: FoundReport[] = [];
  const broken: BrokenReport[] = [];
  let block: NumberedLine[] | undefined;
  let separatorBefore = false;
  let number = 0;
  const cut = (reason: string): void => {
    if (block !== undefined) broken.push({ line: block[0].number, reason });
    block = undefined;
  };
  for (const line of lines) {
    number++;
    const text = textOfLogLine(line);
    const isSeparator = text === SEPARATOR;
    if (separatorBefore && TITLE.test(text)) {
      cut('the next report begins before this one ends');
      block = [{ number, text }];
    } else if (block !== undefined && isSeparator) {
      const found = readReport(block);
      if ('reason' in found) broken.push(found);
      else reports.push(found);
      block = undefined;
    } else if (block !== undefined) {
      block.push({ number, text });
      if (block.length > MAX_REPORT_LINES) cut(`no closing line of 66 "=" within ${MAX_REPORT_LINES} lines`);
    }
    separatorBefore = isSeparator;
  }
  cut('the log ends before the report does');
  return { reports, broken };
}

/** The lines of one report, from its title to the line before the closing separator. */
function readReport(lines: readonly NumberedLine[]): FoundReport | BrokenReport {
  const cursor = new Cursor(lines);
  const line = cursor.lineNumber;
  const title = cursor.take(TITLE);
  const unread: NumberedLine[] = [];
  // A section is tried at each line; a line that none takes is not lost. Empty lines are part of the layout.
  const seek = <Section>(read: (at: Cursor) => Section | undefined): Section | undefined => {
    const from = lines.length;
    for (let tries = 0; tries <= from; tries++) {
      const section = read(cursor);
      if (section !== undefined) return section;
      const passed = cursor.skip();
      if (passed === undefined) return undefined;
      if (passed.text !== '') unread.push(passed);
    }
    return undefined;
  };
  if (title === undefined) return { line, reason: 'it has no title' };
  const [, bugType, symbol] = title;
  if (symbol === undefined) {
    const isAsync = seek((at) => at.take(/^Asynchronous fault: no details available$/));
    const dump = isAsync === undefined ? undefined : seek(readDump);
    if (dump === undefined) return { line, reason: 'the title names no function, and it is not an asynchronous fault' };
    const report: AsyncReport = { kind: 'async', bugType, dump };
    return { line, report, unread: [...unread, ...rest(cursor)] };
  }
  const access = seek(readAccess);
  if (access === undefined) return { line, reason: 'no line tells the access ("Read at addr …")' };
  const tags = readTags(cursor);
  const dump = seek(readDump);
  if (dump === undefined) return { line, reason: 'no line tells who ran ("CPU: …"), or no call trace follows' };
  const sections = readSections(cursor, unread);
  const report: AccessReport = { kind: 'access', bugType, symbol, access, tags, dump, ...sections };
  return { line, report, unread };
}

/** Lines that are left over. */
function rest(cursor: Cursor): NumberedLine[] {
  const left: NumberedLine[] = [];
  for (let line = cursor.skip(); line !== undefined; line = cursor.skip()) if (line.text !== '') left.push(line);
  return left;
}

type Sections = Pick<
  AccessReport,
  | 'allocated'
  | 'freed'
  | 'lastWork'
  | 'secondToLastWork'
  | 'object'
  | 'variable'
  | 'stack'
  | 'vmalloc'
  | 'page'
  | 'memory'
>;

/** The readers of the sections below the stack dump, by the key that each fills; each looks at its own first line. */
const SECTION_READERS: { readonly [Key in keyof Sections]-?: (at: Cursor) => Sections[Key] } = {
  allocated: (at) => readTrack(at, 'Allocated'),
  freed: (at) => readTrack(at, 'Freed'),
  lastWork: (at) => readWork(at, /^Last potentially related work creation:$/),
  secondToLastWork: (at) => readWork(at, /^Second to last potentially related work creation:$/),
  object: readObject,
  variable: (at) => (at.take(/^The buggy address belongs to the variable:$/) ? at.take(/^ (\S.*)$/)?.[1] : undefined),
  stack: readStack,
  vmalloc: readVmalloc,
  page: readPage,
  memory: readMemory,
};

function readSections(cursor: Cursor, unread: NumberedLine[]): Sections {
  let sections: Sections = {};
  while (cursor.peek() !== undefined) {
    const read = readSection(cursor, sections);
    if (read !== undefined) sections = read;
    else {
      const passed = cursor.skip();
      if (passed !== undefined && passed.text !== '') unread.push(passed);
    }
  }
  return sections;
}

/** The sections with the one that begins at this line; undefined where none does. */
function readSection(cursor: Cursor, sections: Sections): Sections | undefined {
  for (const [key, read] of Object.entries(SECTION_READERS)) {
    if (key in sections) continue;
    const section = read(cursor);
    if (section !== undefined) return { ...sections, [key]: section };
  }
  return undefined;
}

const address = (digits: string): bigint => BigInt(`0x${digits}`);
const byte = (digits: string): number => Number.parseInt(digits, 16);

function readAccess(at: Cursor): ReportedAccess | undefined {
  const match = at.take(
    /^(?:(Read|Write)(?: of size (\d{1,20}))? at|Free of) addr ([0-9a-f]{16}) by task (.{0,64})\/(\d{1,10})$/,
  );
  if (match === undefined) return undefined;
  const [, kind, size, digits, comm, pid] = match;
  return {
    kind: kind === undefined ? 'free' : kind === 'Read' ? 'read' : 'write',
    size: Number(BigInt.asIntN(64, BigInt(size ?? 0))),
    address: address(digits),
    comm,
    pid: Number(pid),
  };
}

function readTags(at: Cursor): AccessReport['tags'] {
  const match = at.take(/^Pointer tag: \[([0-9a-f]{2})\], memory tag: \[([0-9a-f]{2})\]$/);
  return match === undefined ? undefined : { pointer: byte(match[1]), memory: byte(match[2]) };
}

const FRAME = /^ (\S.*)$/;

const readFrames = (at: Cursor): string[] => at.takeAll(FRAME).map((match) => match[1]);

function readDump(at: Cursor): StackDump | undefined {
  const first = at.take(
    /^CPU: (\d{1,6}) UID: (\d{1,10}) PID: (\d{1,10}) Comm: (.{0,64}?) ((?:Kdump: loaded )?(?:Not tainted|Tainted: ).*)$/,
  );
  if (first === undefined) return undefined;
  const [, cpu, uid, pid, comm, status] = first;
  // Such as "Tainted: [B]=BAD_PAGE", "Workqueue: …" and "Hardware name: …", in whatever number.
  const details = at.takeAll(/^(?!Call trace:$)(\S.*: .*)$/).map((match) => match[1]);
  if (at.take(/^Call trace:$/) === undefined) return undefined;
  return { cpu: Number(cpu), uid: Number(uid), pid: Number(pid), comm, status, details, callTrace: readFrames(at) };
}

function readTrack(at: Cursor, what: 'Allocated' | 'Freed'): Track | undefined {
  const match = at.take(new RegExp(`^${what} by task (\\d{1,10})(?: on cpu (\\d{1,6}) at (\\d{1,9})\\.(\\d{6})s)?:$`));
  if (match === undefined) return undefined;
  const [, pid, cpu, seconds, micros] = match;
  const extra =
    cpu === undefined ? undefined : { cpu: Number(cpu), microseconds: Number(seconds) * 1e6 + Number(micros) };
  return { pid: Number(pid), ...(extra === undefined ? {} : { extra }), frames: readFrames(at) };
}

function readWork(at: Cursor, title: RegExp): readonly string[] | undefined {
  return at.take(title) === undefined ? undefined : readFrames(at);
}

function readObject(at: Cursor): SlabObject | undefined {
  const belongs = at.take(/^The buggy address belongs to the object at ([0-9a-f]{16})$/);
  if (belongs === undefined) return undefined;
  const cache = at.take(/^ which belongs to the cache (.{1,256}) of size (\d{1,10})$/);
  const located = at.take(/^The buggy address is located (\d{1,15}) bytes (inside|to the left|to the right) of$/);
  const region = at.take(/^ (?:(allocated|freed) )?(\d{1,15})-byte region \[([0-9a-f]{16}), ([0-9a-f]{16})\)$/);
  if (cache === undefined || located === undefined || region === undefined) return undefined;
  return {
    address: address(belongs[1]),
    cache: cache[1],
    objectSize: Number(cache[2]),
    position: located[2] === 'inside' ? 'inside' : located[2] === 'to the left' ? 'to the left' : 'to the right',
    distance: Number(located[1]),
    ...(region[1] === undefined ? {} : { state: region[1] === 'allocated' ? 'allocated' : 'freed' }),
    regionSize: Number(region[2]),
    regionStart: address(region[3]),
    regionEnd: address(region[4]),
  };
}

function readStack(at: Cursor): TaskStack | undefined {
  const match = at.take(/^The buggy address belongs to stack of task (.{0,64})\/(\d{1,10})$/);
  if (match === undefined) return undefined;
  const stack = { comm: match[1], pid: Number(match[2]) };
  const located = at.take(/^ and is located at offset (\d{1,10}) in frame:$/);
  const symbol = located === undefined ? undefined : at.take(FRAME);
  if (located === undefined || symbol === undefined) return stack;
  at.take(/^$/);
  at.take(/^This frame has \d{1,10} objects?:$/);
  const variables = at
    .takeAll(/^ \[(\d{1,10}), (\d{1,10})\) '(.*)'$/)
    .map(([, start, end, name]) => ({ start: Number(start), end: Number(end), name }));
  return { ...stack, frame: { offset: Number(located[1]), symbol: symbol[1], variables } };
}

function readVmalloc(at: Cursor): VmallocRegion | undefined {
  if (at.take(/^The buggy address belongs to a vmalloc virtual mapping$/) !== undefined) return 'mapping';
  const match = at.take(
    /^The buggy address belongs to a (\d{1,10})-page vmalloc region starting at 0x([0-9a-f]{16}) allocated at (.+)$/,
  );
  return match === undefined ? undefined : { pages: Number(match[1]), start: address(match[2]), allocatedAt: match[3] };
}

function readPage(at: Cursor): PageDump | undefined {
  if (at.take(/^The buggy address belongs to the physical page:$/) === undefined) return undefined;
  const first = at.take(
    /^page: refcount:(-?\d{1,10}) mapcount:(-?\d{1,10}) mapping:(\S{1,20}) index:(\S{1,20}) pfn:0x([0-9a-f]{1,13})$/,
  );
  if (first === undefined) return undefined;
  const details = at.takeAll(/^(?!\S* ?flags: |page dumped because: )(\S.*)$/).map((match) => match[1]);
  const flags = at.take(/^(\S* ?)flags: (0x[0-9a-f]{1,16})\(([^()]*)\)(.*)$/);
  if (flags === undefined) return undefined;
  const names = flags[3].split('|');
  const kasantag = names.findIndex((name) => /^kasantag=0x[0-9a-f]{1,2}$/.test(name));
  const type = at.take(/^page_type: ([0-9a-f]{1,2})\((.*)\)$/);
  const raw = at.takeAll(/^(?:raw|head): .*$/).map((match) => match[0]);
  const because = at.take(/^page dumped because: (.*)$/);
  if (because === undefined) return undefined;
  const [, refcount, mapcount, mapping, index, pfn] = first;
  return {
    refcount: Number(refcount),
    mapcount: Number(mapcount),
    mapping,
    index,
    pfn: Number.parseInt(pfn, 16),
    details,
    flagsPrefix: flags[1],
    flags: flags[2],
    flagNames: kasantag < 0 ? names : names.toSpliced(kasantag, 1),
    ...(kasantag < 0 ? {} : { kasantag: Number(names[kasantag].slice('kasantag='.length)) }),
    flagsSuffix: flags[4],
    ...(type === undefined ? {} : { pageType: { byte: byte(type[1]), name: type[2] } }),
    raw,
    reason: because[1],
  };
}

const ROWS = 5;

function readMemory(at: Cursor): AccessReport['memory'] {
  if (at.take(/^Memory state around the buggy address:$/) === undefined) return undefined;
  const rows: MemoryRow[] = [];
  let guilty: number | undefined;
  for (let index = 0; index < ROWS; index++) {
    const row = at.take(/^[ >]([0-9a-f]{16}): ((?:[0-9a-f]{2} ){15}[0-9a-f]{2})$/);
    if (row === undefined) return undefined;
    rows.push({ base: address(row[1]), bytes: row[2].split(' ').map(byte) });
    const caret = index === 2 ? at.take(/^( {19,64})\^$/) : undefined;
    if (caret !== undefined) guilty = (caret[1].length - 19) / 3;
  }
  return guilty === undefined || !Number.isInteger(guilty) || guilty > 15 ? undefined : { rows, guilty };
}
