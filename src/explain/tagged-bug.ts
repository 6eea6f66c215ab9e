import { GRANULE_BYTES } from '../base/units.ts';
import { KASAN_TAG_INVALID } from '../mte/tag-machine.ts';
import { addressText } from '../kasan/report/format.ts';
import type { AccessReport } from '../kasan/report/report.ts';
import { bug, type ReportBug } from './report-bug.ts';
import type { ReportMemory } from './memory-of.ts';
import { untagged, type Rows } from './rows.ts';

/** An address as rows show it, with the tag that matches all. */
const shownAddress = (address: bigint): string => addressText(untagged(address) | (0xffn << 56n));

const tagText = (tag: number): string => tag.toString(16).padStart(2, '0');

/** What lies around the bad granule, seen by the tags of the rows. */
interface Around {
  readonly pointer: number;
  readonly memory: number;
  /** Whether granules of the same object, before the bad one, have the pointer's tag. */
  readonly isOwn: boolean;
  /** Whether all of the object that rows show is poisoned. */
  readonly isAllPoison: boolean;
  /** Whether what lies before the object, or behind it, has the pointer's tag. */
  readonly isBefore: boolean;
  readonly isBehind: boolean;
}

/** The kind of bug in the tag-based modes: the tags of pointer and memory, and those around, tell. */
export function bugByTags(report: AccessReport, rows: Rows, memory: ReportMemory): ReportBug | undefined {
  const { tags, access } = report;
  if (tags === undefined) return undefined;
  if (access.address === undefined) return byTagsAlone(tags.memory);
  const around = lookAround(report, rows, rows.guilty ?? untagged(access.address));
  const granules = [
    `The pointer has tag ${tagText(tags.pointer)}, the granule at ${shownAddress(access.address)} has ${tagText(tags.memory)}.`,
  ];
  const found = memory.class === 'slab-object' ? inSlab(report, around) : inPages(report, around, memory);
  return { ...found, granules: [...granules, ...found.granules] };
}

/** Bytes that neighbours are looked for in, where no object tells where memory begins and ends. */
const NEARBY = BigInt(8 * GRANULE_BYTES);

function lookAround({ tags, object }: AccessReport, rows: Rows, at: bigint): Around {
  const pointer = tags?.pointer ?? 0;
  const start = object === undefined ? at - NEARBY : untagged(object.address);
  const end = object?.objectSize === undefined ? at + NEARBY : start + BigInt(object.objectSize);
  const own = rows.within(start, at);
  const step = BigInt(GRANULE_BYTES);
  return {
    pointer,
    memory: tags?.memory ?? 0,
    isOwn: own.includes(pointer),
    isAllPoison: rows.within(start, end).every((tag) => tag === KASAN_TAG_INVALID),
    isBefore: object === undefined ? own.includes(pointer) : rows.within(start - NEARBY, start).includes(pointer),
    isBehind:
      object === undefined
        ? rows.within(at + step, end).includes(pointer)
        : rows.within(end, end + NEARBY).includes(pointer),
  };
}

function inSlab({ bugType, freed }: AccessReport, around: Around): ReportBug {
  const isUse = /use-after-free/.test(bugType);
  const by = freed?.pid === undefined ? '' : `, freed by task ${freed.pid}`;
  if (around.memory === KASAN_TAG_INVALID) {
    if (around.isOwn)
      return bug(
        ['overflow into own redzone'],
        'the object has the tag of the pointer, and the granule behind it is poison',
      );
    if (isUse)
      return bug(
        ['use after free, at once'],
        `the object is poison, and the stacks are of this pointer (${bugType})${by}`,
      );
    if (!around.isAllPoison && around.isBehind)
      return bug(
        ['underflow into a redzone'],
        'what lies behind the slot has the tag of the pointer: it is the redzone before that',
      );
    if (around.isAllPoison && around.isBefore)
      return bug(
        ['overflow into freed memory'],
        'what lies before the slot has the tag of the pointer, and the slot is poison',
      );
    if (around.isAllPoison && around.isBehind)
      return bug(
        ['underflow into freed memory'],
        'what lies behind the slot has the tag of the pointer, and the slot is poison',
      );
    if (bugType === 'slab-out-of-bounds')
      return bug(['overflow into own redzone'], `the stacks are of this pointer (${bugType})`);
    if (!around.isAllPoison)
      return bug(['overflow into own redzone'], 'the granule is poison within an object that is in use: its redzone');
    return bug(['use after free, at once'], 'all of the object is poison: it was freed', {
      undecided: ['Whether the pointer was to this object: the ring of stacks has no entry with its tag.'],
    });
  }
  if (isUse)
    return bug(
      ['use after free, after reuse'],
      `the object has another owner's tag, and the stacks are of this pointer${by}`,
    );
  if (around.isBefore)
    return bug(['overflow into live memory'], 'what lies before the slot has the tag of the pointer');
  if (around.isBehind)
    return bug(['underflow into live memory'], 'what lies behind the slot has the tag of the pointer');
  return bug(['use after free, after reuse', 'overflow into live memory'], 'the memory has the tag of another owner', {
    undecided: [
      'Whether the pointer is stale or runs out of its own memory: no neighbour that the rows show has its tag.',
    ],
  });
}

function inPages(
  { page, bugType, memory: shown }: AccessReport,
  around: Around,
  { class: name }: ReportMemory,
): ReportBug {
  const isCutOff = name === 'unknown' && page === undefined && shown === undefined;
  if (isCutOff && !/use-after-free/.test(bugType)) return byTagsAlone(around.memory);
  if (around.memory === KASAN_TAG_INVALID) {
    if (around.isOwn) return bug(['overflow into own redzone'], 'the granules before it have the tag of the pointer');
    if (around.isBehind)
      return bug(['underflow into freed memory'], 'the granules behind it have the tag of the pointer');
    if (name === 'vmalloc') return bug(['overflow into own redzone'], 'the granule of a mapped area is poison');
    const count = page?.refcount === undefined ? '' : `, refcount ${page.refcount}`;
    return bug(['use after free, at once'], `the page is poison${count}: it was freed`);
  }
  if (around.isBefore) return bug(['overflow into live memory'], 'the granules before it have the tag of the pointer');
  return bug(['use after free, after reuse'], 'the memory has the tag of another owner');
}

/** Where a report is cut off before all that tells of the memory. */
function byTagsAlone(memory: number): ReportBug {
  const isPoison = memory === KASAN_TAG_INVALID;
  return bug(
    isPoison
      ? ['use after free, at once', 'overflow into own redzone']
      : ['use after free, after reuse', 'overflow into live memory'],
    isPoison ? 'the memory is poison: freed, or a redzone' : 'the memory has the tag of another owner',
    { undecided: ['Whether the pointer is stale or runs out of its own memory: the rows of memory would tell.'] },
  );
}
