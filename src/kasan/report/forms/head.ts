import { addressValue } from '../draft.ts';
import { ADDRESS, accessSize, byte, nothingMore, version, type ReportForm } from '../form.ts';

export const HEAD_FORMS: readonly ReportForm[] = [
  {
    part: 'access',
    begins: new RegExp(
      String.raw`^(?:(Read|Write)(?: of size (\d{1,20}))? at|Free of) addr +(?:${ADDRESS}|[*xX]{4,16})(?: by task (.{0,64})\/(\d{1,10})| by task [^/]{0,64})?\s*$`,
    ),
    kernels: { since: version(4, 12) },
    source: 'mm/kasan/report.c:print_error_description',
    begin: ([, kind, size, digits, comm, pid], draft) => {
      if (draft.access !== undefined) return undefined;
      draft.access = {
        kind: kind === undefined ? 'free' : kind === 'Read' ? 'read' : 'write',
        size: accessSize(size),
        ...(digits === undefined ? {} : { address: addressValue(digits) }),
        ...(comm === undefined ? {} : { comm, pid: Number(pid) }),
      };
      if (digits?.startsWith('(') === false) draft.digits = digits.length === 8 ? 8 : 16;
      return nothingMore;
    },
  },
  {
    part: 'access',
    begins: /^(Read|Write) of size (\d{1,20}) by task (.{0,64})\/(\d{1,10})\s*$/,
    kernels: { before: version(4, 12) },
    source: 'mm/kasan/report.c:print_error_description',
    begin: ([, kind, size, comm, pid], draft) => {
      if (draft.access !== undefined) return undefined;
      draft.access = { kind: kind === 'Read' ? 'read' : 'write', size: accessSize(size), comm, pid: Number(pid) };
      return nothingMore;
    },
  },
  {
    part: 'access',
    begins: /^Asynchronous (?:fault: no details available|mode enabled: no access details available)\s*$/,
    kernels: { since: version(5, 13) },
    source: 'mm/kasan/report.c:kasan_report_async',
    begin: (_match, draft) => {
      if (draft.isAsync === true) return undefined;
      draft.isAsync = true;
      return nothingMore;
    },
  },
  {
    part: 'tags',
    begins: /^Pointer tag: \[([0-9a-f]{2})\], memory tag: \[([0-9a-f]{2})\]\s*$/,
    kernels: { since: version(5, 0) },
    source: 'mm/kasan/report_tags.c:kasan_print_tags',
    begin: ([, pointer, memory], draft) => {
      if (draft.tags !== undefined) return undefined;
      draft.tags = { pointer: byte(pointer), memory: byte(memory) };
      return nothingMore;
    },
  },
  {
    part: 'access',
    begins: /^Unexpected shadow byte: .*$/,
    kernels: { before: version(4, 12) },
    source: 'mm/kasan/report.c:kasan_report_double_free',
    begin: ([text], draft) => {
      draft.remarks.push(text);
      return nothingMore;
    },
  },
];
