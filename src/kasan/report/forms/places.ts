import { addressValue, type Draft } from '../draft.ts';
import { ADDRESS, frameInto, nothingMore, version, type ReportForm, type TakeLine } from '../form.ts';

export const PLACES_FORMS: readonly ReportForm[] = [
  {
    part: 'variable',
    begins: /^(?:The buggy address belongs to the variable:|Address belongs to variable (\S.*))\s*$/,
    source: 'mm/kasan/report.c:print_address_description; up to 4.11 in one line',
    begin: ([, name], draft) => {
      if (draft.variable !== undefined) return undefined;
      const lines: string[] = name === undefined ? [] : [name];
      draft.variable = lines;
      return frameInto(lines);
    },
  },
  {
    part: 'stack',
    begins: /^The buggy address belongs to stack of task (.{0,64})\/(\d{1,10})\s*$/,
    kernels: { since: version(6, 0) },
    source: 'mm/kasan/report.c:print_address_description',
    begin: ([, comm, pid], draft) => beginStack(draft, { comm, pid: Number(pid), symbols: [], variables: [] }),
  },
  {
    part: 'stack',
    begins: new RegExp(
      String.raw`^addr ${ADDRESS} is located in stack of task (.{0,64})\/(\d{1,10}) at offset (\d{1,10}) in frame:\s*$`,
    ),
    kernels: { since: version(5, 0), before: version(6, 0) },
    source: 'mm/kasan/report.c:print_address_stack_frame',
    begin: ([, , comm, pid, offset], draft) =>
      beginStack(draft, { comm, pid: Number(pid), offset: Number(offset), symbols: [], variables: [] }),
  },
  {
    part: 'stack',
    begins: /^KASAN internal error: .*$/,
    kernels: { since: version(5, 0) },
    source: 'mm/kasan/report_generic.c:get_address_stack_frame_info, print_decoded_frame_descr',
    begin: ([text], draft) => {
      draft.remarks.push(text);
      return nothingMore;
    },
  },
  {
    part: 'vmalloc',
    begins: new RegExp(
      String.raw`^The buggy address belongs to a (\d{1,10})-page vmalloc region starting at ${ADDRESS} allocated at (.+?)\s*$`,
    ),
    kernels: { since: version(6, 16) },
    source: 'mm/kasan/report.c:print_address_description',
    begin: ([, pages, digits, allocatedAt], draft) => {
      if (draft.vmalloc !== undefined) return undefined;
      draft.vmalloc = { pages: Number(pages), start: addressValue(digits), allocatedAt };
      return nothingMore;
    },
  },
  {
    part: 'vmalloc',
    begins: /^The buggy address (?:[0-9a-f]{8,16} )?belongs to a vmalloc virtual mapping\s*$/,
    kernels: { since: version(6, 13) },
    source: 'mm/kasan/report.c:print_address_description; with the address 6.13 to 6.16',
    begin: (_match, draft) => {
      if (draft.vmalloc !== undefined) return undefined;
      draft.vmalloc = 'mapping';
      return nothingMore;
    },
  },
  {
    part: 'vmalloc',
    begins: /^The buggy address belongs to the virtual mapping at\s*$/,
    kernels: { since: version(5, 19), before: version(6, 16) },
    source: 'mm/kasan/report.c:print_address_description',
    begin: (_match, draft) => {
      if (draft.vmalloc !== undefined) return undefined;
      draft.vmalloc = 'mapping';
      const symbols: string[] = [];
      const takeSymbol = frameInto(symbols);
      return (text) => {
        const range = MAPPING_RANGE.exec(text);
        if (range !== null && draft.vmalloc === 'mapping') {
          draft.vmalloc = { start: addressValue(range[1]), end: addressValue(range[2]) };
          return true;
        }
        if (draft.vmalloc === 'mapping' || draft.vmalloc === undefined || !takeSymbol(text)) return false;
        draft.vmalloc = { ...draft.vmalloc, allocatedAt: symbols.at(-1) };
        return true;
      };
    },
  },
];

const MAPPING_RANGE = new RegExp(String.raw`^ {0,4}\[${ADDRESS}, ${ADDRESS}\) created by:\s*$`);

function beginStack(draft: Draft, stack: NonNullable<Draft['stack']>): TakeLine | undefined {
  if (draft.stack !== undefined) return undefined;
  draft.stack = stack;
  const takeSymbol = frameInto(stack.symbols);
  return (text) => {
    const located = /^ {0,4}and is located at offset (\d{1,10}) in frame:\s*$/.exec(text);
    if (located !== null && stack.offset === undefined) {
      stack.offset = Number(located[1]);
      return true;
    }
    if (/^[Tt]his frame has \d{1,10} objects?:\s*$/.test(text)) return true;
    const variable = /^ {0,4}\[(\d{1,10}), (\d{1,10})\) '(.*)'(?: \(line \d+\))?\s*$/.exec(text);
    if (variable !== null) {
      stack.variables.push({ start: Number(variable[1]), end: Number(variable[2]), name: variable[3] });
      return true;
    }
    return stack.offset !== undefined && stack.variables.length === 0 && takeSymbol(text);
  };
}
