import { GRANULE_BYTES } from '../base/units.ts';
import { functionOf, type AccessReport, type KasanReport, type VmallocArea } from '../kasan/report/report.ts';
import { KASAN_TAG_INVALID, KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';

/**
 * What a report says whatever the addresses and tags of the run were: the text of it with addresses as places in an object
 * or page, and tags as what they are to the pointer.
 */
export interface NormalReport {
  readonly title: string;
  readonly access: string;
  readonly tags: string;
  readonly object: string;
  readonly stacks: string;
  readonly region: string;
  readonly page: string;
  /** The granules of the object, or of the page as far as rows show it: one letter each. */
  readonly memory: string;
}

export const NORMAL_PARTS = ['title', 'access', 'tags', 'object', 'stacks', 'region', 'page', 'memory'] as const;

const UNTAGGED = 0x00ff_ffff_ffff_ffffn;
/** What compilers append to the name of a function that they clone (gcc: constprop, isra, part, cold). */
const CLONE_SUFFIX = /\.(?:constprop|isra|part|cold)\b.*$/;

/** The function of a symbol, as it is called in the source. */
export const sourceFunction = (symbol = ''): string => functionOf(symbol).replace(CLONE_SUFFIX, '');

/** Normalises a report. @param pageSize of the kernel that made it, in bytes */
export function normalizeReport(report: KasanReport, pageSize: number): NormalReport {
  if (report.kind === 'async') {
    const none = { access: '', tags: '', object: '', stacks: '', region: '', page: '', memory: '' };
    return { title: `${report.bugType}, asynchronous`, ...none };
  }
  const { access, tags, object, vmalloc, page } = report;
  const address = (access.address ?? 0n) & UNTAGGED;
  const start = object === undefined ? address - (address % BigInt(pageSize)) : object.address & UNTAGGED;
  const size = access.size === 0 ? '' : ` of size ${access.size}`;
  return {
    title: `${report.bugType} in ${sourceFunction(report.symbol)}`,
    access: `${access.kind ?? 'an access'}${size} at ${object === undefined ? 'page' : 'object'} + ${address - start}`,
    tags: tags === undefined ? '' : `pointer P, memory ${letter(tags.memory, tags.pointer)}`,
    object:
      object === undefined
        ? ''
        : `${object.cache} of ${object.objectSize}, ${object.distance} bytes ${object.position} of ${object.regionSize}`,
    stacks: [report.allocated && 'allocated', report.freed && 'freed'].filter(Boolean).join(', '),
    region: vmalloc === undefined ? '' : vmalloc === 'mapping' ? 'mapping' : pagesText(vmalloc, pageSize),
    page: page === undefined ? '' : pageText(page, tags?.pointer),
    memory: memoryText(report, start, object?.objectSize ?? pageSize),
  };
}

/** What a tag is to the pointer: its own (P), poison (E), match-all (F), or another (o). */
function letter(tag: number, pointer: number | undefined): string {
  if (tag === pointer) return 'P';
  if (tag === KASAN_TAG_INVALID) return 'E';
  return tag === KASAN_TAG_KERNEL ? 'F' : 'o';
}

function pageText(page: NonNullable<AccessReport['page']>, pointer: number | undefined): string {
  const type = page.pageType === undefined ? '' : `${page.pageType.name}, `;
  const head = page.flagNames.includes('head') ? 'head, ' : '';
  const tag = page.kasantag === undefined ? '' : letter(page.kasantag ^ KASAN_TAG_KERNEL, pointer);
  return `${type}${head}tag ${tag}`;
}

/** The pages of an area; Linux 5.19 to 6.15 tell where it ends instead, which is behind its guard page. */
const pagesText = ({ pages, start, end }: VmallocArea, pageSize: number): string =>
  `${pages ?? (end === undefined ? 'some' : Number(((end & UNTAGGED) - (start & UNTAGGED)) / BigInt(pageSize)) - 1)} pages`;

/** The granules that the rows show of a range, and the guilty one marked. */
function memoryText({ memory, tags }: AccessReport, start: bigint, size: number): string {
  if (memory === undefined) return '';
  const end = start + BigInt(size);
  return memory.rows
    .flatMap(({ base, bytes }, row) =>
      bytes.map((tag, column) => {
        const at = (base & UNTAGGED) + BigInt(column * GRANULE_BYTES);
        if (at < start || at >= end) return '';
        return `${row === memory.marked && column === memory.guilty ? '>' : ''}${letter(tag, tags?.pointer)}`;
      }),
    )
    .join('');
}
