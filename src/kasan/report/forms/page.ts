import type { Draft, DraftPage } from '../draft.ts';
import { byte, frameInto, optionalNumber, version, type ReportForm, type TakeLine } from '../form.ts';
import { isFrame } from '../frame.ts';

/** Early in the boot pointers cannot be hashed yet: `(ptrval)`, `(____ptrval____)`. */
const PAGE_LINE = /^page: ?(?:([0-9a-f]{8,16}|\([_a-z]{1,20}\)) )?((?:refcount|count):.*)$/;

const FLAGS_LINE = /^(\S* ?)flags: (0x[0-9a-f]{1,16})\(([^()]*)\)(.*)$/;

export const PAGE_FORMS: readonly ReportForm[] = [
  {
    part: 'page',
    begins: /^The buggy address belongs to the (?:physical )?page:\s*$/,
    kernels: { since: version(4, 12) },
    source: 'mm/kasan/report.c:print_address_description; physical since 5.18',
    begin: (_match, draft) => (draft.page === undefined ? beginPage(draft) : undefined),
  },
  {
    part: 'page',
    begins: PAGE_LINE,
    source: 'mm/debug.c:dump_page; alone up to 4.11',
    begin: (match, draft) => {
      if (draft.page !== undefined) return undefined;
      const take = beginPage(draft);
      return take(match[0]) ? take : undefined;
    },
  },
  {
    part: 'page',
    begins: FLAGS_LINE,
    source: 'mm/debug.c:dump_page, where the lines before it are lost',
    begin: (match, draft) => {
      if (draft.page !== undefined) return undefined;
      const take = beginPage(draft);
      return take(match[0]) ? take : undefined;
    },
  },
];

function beginPage(draft: Draft): TakeLine {
  const page: DraftPage = { details: [], flagsPrefix: '', flagNames: [], flagsSuffix: '', raw: [] };
  draft.page = page;
  let frames: string[] | undefined;
  return (text) => {
    if (frames !== undefined && isFrame(text)) return frameInto(frames)(text);
    const owner = takeOwner(page, text);
    if (owner !== undefined) {
      frames = owner;
      return true;
    }
    return takePageLine(page, text);
  };
}

const DETAIL =
  /^(?:head|memcg|aops|mapping|anon|ksm|owned by|page->mem_cgroup|folio|pages?)\b ?:?.*$|^.* (?:ino:[0-9a-f]+|dentry name(?:\(\?\))?:).*$/;

function takePageLine(page: DraftPage, text: string): boolean {
  const first = page.refcount === undefined ? PAGE_LINE.exec(text) : null;
  if (first !== null) return takePageFirst(page, first);
  const flags = FLAGS_LINE.exec(text);
  if (flags !== null) {
    // A second line of flags is another page's, or damaged: no detail of this one.
    if (page.flags !== undefined) return false;
    const names = flags[3] === '' ? [''] : flags[3].split('|');
    const kasantag = names.findIndex((name) => /^kasantag=0x[0-9a-f]{1,2}$/.test(name));
    page.flagsPrefix = flags[1];
    page.flags = flags[2];
    page.flagNames = kasantag < 0 ? names : names.toSpliced(kasantag, 1);
    if (kasantag >= 0) page.kasantag = Number(names[kasantag].slice('kasantag='.length));
    page.flagsSuffix = flags[4];
    return true;
  }
  const type = /^page_type: (?:0x)?([0-9a-f]{1,8})\((.*)\)\s*$/.exec(text);
  if (type !== null && page.pageType === undefined) {
    page.pageType = { byte: byte(type[1]), name: type[2] };
    return true;
  }
  if (/^(?:raw|head):(?: [0-9a-f]{8,16})+\s*$/.test(text)) {
    page.raw.push(text);
    return true;
  }
  const because = /^page dumped because: (.*)$/.exec(text);
  if (because !== null && page.reason === undefined) {
    page.reason = because[1];
    return true;
  }
  if (page.refcount === undefined || page.reason !== undefined || !DETAIL.test(text)) return false;
  page.details.push(text);
  return true;
}

/** `key:value`, `key: value`, and a mapping that printk wrote as a padded (null). */
const PAGE_FIELD = /\b(\w+): *(\(null\)|\S+)/g;

const COUNT = /^-?\d{1,10}$/;
const PFN = /^0x[0-9a-f]{1,13}$/;
const matching = (text: string | undefined, form: RegExp): string | undefined =>
  text !== undefined && form.test(text) ? text : undefined;

function takePageFirst(page: DraftPage, [, struct, rest]: RegExpExecArray): boolean {
  const fields = new Map(Array.from(rest.matchAll(PAGE_FIELD), ([, key, value]) => [key, value]));
  const refcount = matching(fields.get('refcount') ?? fields.get('count'), COUNT);
  if (refcount === undefined) return false;
  if (struct !== undefined) page.struct = struct;
  page.refcount = Number(refcount);
  const mapcount = matching(fields.get('mapcount'), COUNT);
  if (mapcount !== undefined) page.mapcount = Number(mapcount);
  page.mapping = fields.get('mapping');
  page.index = fields.get('index');
  const pfn = matching(fields.get('pfn'), PFN);
  if (pfn !== undefined) page.pfn = Number(pfn);
  const compound = fields.get('compound_mapcount');
  if (compound !== undefined) page.compoundMapcount = compound;
  return true;
}

const OWNER_LINE = new RegExp(
  [
    String.raw`^page (?:last )?allocated via order (\d{1,2})`,
    String.raw`(?:, migratetype (\w{1,32}))?`,
    String.raw`(?:, gfp_mask (0x[0-9a-f]{1,16})\(([^)]*)\))?`,
    String.raw`(?:, pid (\d{1,10}))?(?:, tgid (\d{1,10}))?(?: \((.{0,64}?)\))?`,
    String.raw`(?:, ts (\d{1,20}))?(?:, free_ts (\d{1,20}))?[, ]*$`,
  ].join(''),
);

/** The frames that follow a line of page_owner; undefined where the line is none of it. */
function takeOwner(page: DraftPage, text: string): string[] | undefined {
  const tracks = /^page_owner tracks the page as (allocated|freed)\s*$/.exec(text);
  if (tracks !== null) {
    page.owner = { ...page.owner, state: tracks[1] === 'allocated' ? 'allocated' : 'freed' };
    return [];
  }
  const line = OWNER_LINE.exec(text);
  if (line !== null) {
    const [, order, migrateType, gfpMask, names, pid, tgid, comm, timestamp, freeTimestamp] = line;
    const allocated: string[] = [];
    const told = {
      order: Number(order),
      migrateType,
      gfpMask,
      gfp: names?.split('|'),
      pid: optionalNumber(pid),
      tgid: optionalNumber(tgid),
      comm,
      timestamp,
      freeTimestamp,
    };
    page.owner = { ...page.owner, ...withoutUndefined(told), allocated };
    return allocated;
  }
  const free = /^page last free (?:pid (\d{1,10}) tgid (\d{1,10}) )?stack trace:\s*$/.exec(text);
  if (free !== null) {
    const freed: string[] = [];
    const told = { freedByPid: optionalNumber(free[1]), freedByTgid: optionalNumber(free[2]) };
    page.owner = { ...page.owner, ...withoutUndefined(told), freed };
    return freed;
  }
  if (!/^page(?:_owner (?:info|allocation|free)| has been migrated|_owner tracks)\b.*$/.test(text)) return undefined;
  page.owner = { ...page.owner, remarks: [...(page.owner?.remarks ?? []), text] };
  return [];
}

const withoutUndefined = <Type extends object>(values: Type): Partial<Type> => {
  const left: Partial<Type> = { ...values };
  for (const key of Object.keys(left)) if (Reflect.get(left, key) === undefined) Reflect.deleteProperty(left, key);
  return left;
};
