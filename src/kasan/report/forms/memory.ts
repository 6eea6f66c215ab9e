import { addressValue, type Draft } from '../draft.ts';
import { byte, type ReportForm } from '../form.ts';

const BYTES_PER_ROW = 16;
const ROW = /^([ >]?) {0,2}([0-9a-f]{8}|[0-9a-f]{16}): ((?:[0-9a-f]{2} ?){1,16})$/;
/** What stands before the first byte: a blank or ">", the address, a colon and a blank. */
const ROW_HEAD = 3;

/** Rows of metadata that a report has (mm/kasan/report.c:print_memory_metadata). */
export const MEMORY_ROWS = 5;

export const MEMORY_FORMS: readonly ReportForm[] = [
  {
    part: 'memory',
    begins: /^Memory state around the buggy address:\s*$/,
    source: 'mm/kasan/report.c:print_memory_metadata',
    begin: (_match, draft) => {
      if (draft.memory !== undefined) return undefined;
      const memory: NonNullable<Draft['memory']> = { rows: [], marked: undefined, guilty: undefined };
      draft.memory = memory;
      let digits = 16;
      // Mailers that stuff blanks (RFC 3676) move rows and mark by as much.
      let shift = 0;
      return (text) => {
        const row = memory.rows.length < MEMORY_ROWS ? ROW.exec(text) : null;
        if (row !== null && row[2].length === (draft.digits ?? row[2].length)) {
          digits = row[2].length;
          draft.digits = digits;
          if (row[1] === '>') {
            memory.marked = memory.rows.length;
            shift = text.indexOf(row[2]) - 1;
          }
          memory.rows.push({ base: addressValue(row[2]), bytes: (row[3].match(/[0-9a-f]{2}/g) ?? []).map(byte) });
          return true;
        }
        const caret = /^( {0,80})\^\s*$/.exec(text);
        if (caret === null || memory.guilty !== undefined) return false;
        const column = (caret[1].length - digits - ROW_HEAD - shift) / 3;
        if (Number.isInteger(column) && column >= 0 && column < BYTES_PER_ROW) memory.guilty = column;
        return true;
      };
    },
  },
];
