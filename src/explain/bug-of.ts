import type { BugName } from '../audit/bug-kinds.ts';
import { GRANULE_BYTES, roundUp } from '../base/units.ts';
import { normalizeSymbol } from '../classify/symbol.ts';
import { SHADOW } from '../kasan/shadow-values.ts';
import { parseFrame } from '../kasan/report/frame.ts';
import type { AccessReport, SlabObject } from '../kasan/report/report.ts';
import { kunitTest, kunitTestOf } from './kunit-tests.ts';
import { isWild, type ReportMemory } from './memory-of.ts';
import type { ReportMode } from './result.ts';
import { Rows, untagged } from './rows.ts';
import { bugByTags } from './tagged-bug.ts';
import { bug, type ReportBug } from './report-bug.ts';

/** The kind of a bug in the audit's words, by what the report shows of the access and of the memory. */
export function bugOf(report: AccessReport, mode: ReportMode, memory: ReportMemory): ReportBug {
  const { bugType } = report;
  if (isWild(report))
    return bug(
      ['overflow behind the area'],
      `nothing is mapped there (${bugType}): the MMU faults, whatever the tags are`,
      {
        name: 'wild access',
      },
    );
  if (report.access.kind === 'free') return wrongFree(report);
  if (memory.candidates.every(({ allocator }) => allocator === 'variable'))
    return bug(['overflow into next variable'], `the type of the bug (${bugType})`);
  const rows = new Rows(report, mode);
  if (mode === 'hw-tags' || mode === 'sw-tags') return bugByTags(report, rows, memory) ?? asCaught(unknown(report));
  if (/use-after-free/.test(bugType)) return useAfterFree(report, memory);
  if (memory.class === 'vmalloc') return vmallocAccess(report, rows);
  if (/out-of-bounds/.test(bugType)) return outOfBounds(report, rows, memory);
  return unknown(report);
}

function unknown(report: AccessReport): ReportBug {
  const test = kunitTestOf((report.dump?.callTrace ?? []).map((frame) => normalizeSymbol(parseFrame(frame).function)));
  if (test !== undefined) return bug([kunitTest(test).bug], `the KUnit test ${test}`);
  if (report.bugType === 'slab-out-of-bounds') {
    return bug(OUT_OF_BOUNDS, 'the type of the bug (slab-out-of-bounds)', {
      name: 'out of bounds of an object',
      undecided: ['How far out of bounds it is, and on which side: the object and the rows of memory would tell.'],
    });
  }
  return bug([], `nothing tells: the type is ${report.bugType}, and the rows do not show the memory`, {
    undecided: ['Which kind of bug it is: the object and the rows of memory would tell.'],
  });
}

/** What an access out of bounds of an object may be, where nothing shows the object. */
const OUT_OF_BOUNDS: readonly BugName[] = [
  'overflow within the granule',
  'overflow into own redzone',
  'overflow into live memory',
  'overflow into freed memory',
  'underflow into a redzone',
  'underflow into live memory',
  'underflow into freed memory',
  'far out of bounds',
];

/** Tags show no overflow within the granule: what they reported is another. */
const asCaught = (found: ReportBug): ReportBug => ({
  ...found,
  bugs: found.bugs.length > 1 ? found.bugs.filter((name) => name !== 'overflow within the granule') : found.bugs,
});

const QUARANTINE =
  'Whether the memory would have been given out again: generic KASAN keeps freed objects in quarantine. Then it would be "use after free, after reuse".';

function useAfterFree({ freed, object, bugType }: AccessReport, memory: ReportMemory): ReportBug {
  const evidence = `the type of the bug (${bugType})${freed === undefined ? '' : `, freed by task ${freed.pid}`}: freed, and not given out again`;
  return bug(['use after free, at once'], evidence, {
    undecided: memory.class === 'slab-object' || object !== undefined ? [QUARANTINE] : [],
  });
}

/** mm/kasan/common.c:__kasan_mempool_poison_object and …_pages: the tag is compared before an element is poisoned. */
const MEMPOOL = /(?:^|\W)mempool_free/;

function wrongFree(report: AccessReport): ReportBug {
  const { bugType, object, freed, access, symbol = '', dump } = report;
  const ofMempool = MEMPOOL.test(symbol) || dump?.callTrace.some((frame) => MEMPOOL.test(frame)) === true;
  if (bugType === 'double-free' && ofMempool)
    return bug(['double free to a mempool'], 'the type of the bug; mempool_free compares the tag');
  if (bugType === 'double-free') return bug(['double free'], 'the type of the bug');
  if (bugType === 'invalid-free') return bug(['invalid free'], 'the type of the bug');
  const at = object?.regionStart ?? object?.address;
  const isStart = at !== undefined && access.address !== undefined && untagged(at) === untagged(access.address);
  if (at !== undefined && !isStart) return bug(['invalid free'], 'the pointer is not the beginning of the object');
  if (isStart && freed !== undefined) return bug(['double free'], 'the beginning of an object that was freed before');
  return bug(['double free', 'invalid free'], `the type of the bug (${bugType}) does not tell`, {
    undecided: ['Whether it was freed twice or is no pointer to the beginning: since Linux 6.2 the title tells.'],
  });
}

/** Pages of the areas; the bytes behind what is asked for lie in the last one. */
const PAGE = 4096n;

function vmallocAccess({ access, vmalloc, bugType }: AccessReport, rows: Rows): ReportBug {
  const { address } = access;
  if (address === undefined) return bug([], 'no address');
  const at = rows.guilty ?? untagged(address);
  const page = at - (at % PAGE);
  const shown = rows.within(page, page + PAGE);
  if (shown.length === 0) {
    return bug(
      ['overflow into own redzone', 'overflow behind the area', 'use after free, at once'],
      `the type of the bug (${bugType})`,
      {
        name: 'out of bounds of an area',
        undecided: [
          'Whether it is behind what was asked for, behind the area, or the area is gone: the rows of memory would tell.',
        ],
      },
    );
  }
  const isInPage = shown.some((piece) => piece < 8);
  if (isInPage) {
    return bug(
      ['overflow into own redzone'],
      'bytes of the same page may be accessed: it is behind what was asked for',
      {
        granules: [
          'The area is tagged up to what was asked for, in granules of 16 bytes; the rest of its last page is poisoned.',
        ],
      },
    );
  }
  const area = vmalloc === undefined || vmalloc === 'mapping' ? undefined : vmalloc;
  if (area === undefined)
    return bug(['use after free, at once'], 'no area is known for the address, and none of its page may be accessed');
  return bug(
    ['overflow behind the area'],
    'none of the page may be accessed: it is behind the area, or the area is gone',
  );
}

/** How an object lies in memory with hardware tags: in the slot of its cache, whose granules are tagged as far as it goes. */
interface Layout {
  readonly start: bigint;
  /** Bytes asked for; undefined where the report does not tell. */
  readonly size: number | undefined;
  readonly sizeEvidence: string;
  readonly slot: number;
}

const isKmalloc = ({ cache = '' }: SlabObject): boolean => /kmalloc-/.test(cache);

/** Since Linux 6.4 generic KASAN tells the bytes that were asked for; before, the rows may. */
function layoutOf(object: SlabObject, rows: Rows, access: bigint | undefined): Layout | undefined {
  const { address, objectSize, regionSize, regionStart, state } = object;
  if (objectSize === undefined) return undefined;
  const start = untagged(regionStart ?? address);
  const slot = isKmalloc(object) ? objectSize : roundUp(objectSize, GRANULE_BYTES);
  if (!isKmalloc(object))
    return { start, size: objectSize, sizeEvidence: 'the size of the objects of its cache', slot };
  if (regionSize !== undefined && (state !== undefined || regionSize !== objectSize))
    return { start, size: regionSize, sizeEvidence: 'the report tells it', slot };
  const from = rows.guilty ?? access;
  const end = from === undefined ? undefined : rows.accessibleEnd(from, start);
  if (end !== undefined) return { start, size: Number(end - start), sizeEvidence: 'the rows show it', slot };
  return { start, size: undefined, sizeEvidence: 'not told before Linux 6.4, and the rows do not show it', slot };
}

function outOfBounds(report: AccessReport, rows: Rows, memory: ReportMemory): ReportBug {
  const { object, access, bugType } = report;
  if (object === undefined) {
    if (memory.class === 'kmalloc-large' || rows.at(rows.guilty ?? 0n) === SHADOW.pageRedzone)
      return bug(['overflow into own redzone'], 'the redzone of a large kmalloc');
    return unknown(report);
  }
  if (access.address === undefined) return unknown(report);
  const layout = layoutOf(object, rows, untagged(access.address));
  if (layout === undefined) return unknown(report);
  const from = Number(untagged(access.address) - layout.start);
  const isHuge = access.size < 0 || access.size > 2 ** 31;
  const to = from + Math.max(1, isHuge ? 1 : access.size);
  const reach = { report, rows, layout, from, to: isHuge ? Number.MAX_SAFE_INTEGER : to };
  if (from < 0) return underflow(reach);
  return layout.size === undefined ? overflowOfUnknownSize(reach, bugType) : overflow(reach, layout.size);
}

/** An access by its first byte and the one behind its last, as places in the object. */
interface Reach {
  readonly report: AccessReport;
  readonly rows: Rows;
  readonly layout: Layout;
  readonly from: number;
  readonly to: number;
}

function overflow({ rows, layout, from, to }: Reach, size: number): ReportBug {
  const { slot, sizeEvidence } = layout;
  const tagged = roundUp(size, GRANULE_BYTES);
  const last = to === Number.MAX_SAFE_INTEGER ? 'as far as it goes' : `to byte ${to - 1}`;
  const granules = [
    `${size} bytes were asked for (${sizeEvidence}): granules 0 to ${tagged / GRANULE_BYTES - 1} have the tag, up to byte ${tagged - 1}.`,
    `The slot has ${slot} bytes; the access goes from byte ${from} ${last}.`,
  ];
  if (to <= tagged) {
    return bug(
      ['overflow within the granule'],
      'the last byte is in the last granule of the object, which has one tag',
      {
        granules,
      },
    );
  }
  const first = Math.max(tagged, from - (from % GRANULE_BYTES));
  granules.push(`The first granule beyond is number ${first / GRANULE_BYTES}, at byte ${first}.`);
  if (first < slot)
    return bug(['overflow into own redzone'], 'that granule is in the redzone of the object', { granules });
  if (first >= 2 * slot) return bug(['far out of bounds'], 'that granule is beyond the next slot', { granules });
  const next = rows.firstFrom(layout.start + BigInt(Math.max(first, slot)), (piece) => piece !== SHADOW.slabRedzone);
  if (next !== undefined && next < 8)
    return bug(['overflow into live memory'], 'that granule is in the next slot, whose object is in use', { granules });
  if (next === SHADOW.slabFree || next === SHADOW.slabFreeMeta)
    return bug(['overflow into freed memory'], 'that granule is in the next slot, whose object was freed', {
      granules,
    });
  return bug(
    ['overflow into live memory', 'overflow into freed memory', 'overflow into a new object'],
    'that granule is in the next slot',
    {
      granules,
      undecided: ['What is in the next slot: generic KASAN puts redzones between, and the rows do not show it.'],
    },
  );
}

function overflowOfUnknownSize({ layout, from, to }: Reach, bugType: string): ReportBug {
  const granules = [`The slot has ${layout.slot} bytes; the access goes from byte ${from} to byte ${to - 1}.`];
  if (to > layout.slot) return overflowBehind(granules);
  return bug(['overflow within the granule', 'overflow into own redzone'], `the type of the bug (${bugType})`, {
    granules,
    undecided: [`How many bytes were asked for: ${layout.sizeEvidence}.`],
  });
}

const overflowBehind = (granules: readonly string[]): ReportBug =>
  bug(['overflow into live memory', 'overflow into freed memory'], 'the access goes into the next slot', {
    granules,
    undecided: ['What is in the next slot.'],
  });

function underflow({ report, layout, from }: Reach): ReportBug {
  const { slot } = layout;
  const granules = [`The access begins ${-from} bytes before the object; slots have ${slot} bytes.`];
  if (-from > slot) return bug(['far out of bounds'], 'it is further than the slot before', { granules });
  const isOfKmalloc = report.object !== undefined && isKmalloc(report.object);
  const bugs: readonly BugName[] = isOfKmalloc
    ? ['underflow into a redzone', 'underflow into live memory', 'underflow into freed memory']
    : ['underflow into live memory', 'underflow into freed memory'];
  return bug(bugs, 'the access is in the slot before the object', {
    granules,
    undecided: ['What is in the slot before: generic KASAN puts redzones between, so that the report is of them.'],
  });
}
