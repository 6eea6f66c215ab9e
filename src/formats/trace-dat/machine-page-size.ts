import type { EventTable } from '../../trace/event-table.ts';
import { BATCH_MASK, BATCH_SHIFT } from '../../trace/event-table.ts';
import { EVENT } from '../../trace/event-type.ts';
import type { Recording } from '../../trace/recording.ts';

/** Pages that kernels have, largest first. */
const PAGE_SIZES = [65_536, 16_384, 4096];
/** Machines whose pages have one size (arch/Kconfig: HAVE_PAGE_SIZE_4KB and no other), as `uname -m` calls them. */
const ONE_SIZE = /^(?:x86_64|i[3-6]86|s390x?|riscv(?:32|64)|armv\d)/;

/** What a file says of a machine and of its ring buffer. */
export interface MachineFacts {
  /** `uname -m`; empty where it is not known. */
  readonly architecture: string;
  /** What the file calls a page of the machine, in bytes. */
  readonly pageSize: number;
  /** Bytes of a page of the ring buffer. */
  readonly bufferPage: number;
}

/**
 * Bytes of a page of the machine. trace-cmd 3.2 and later write the size of a sub-buffer where older ones wrote that
 * (buffer_subbuf_size_kb, Linux 6.8), so it is believed only where nothing speaks against it: some machines have pages
 * of one size, and areas of vmalloc begin and end with pages.
 */
export function machinePageSize(
  { architecture, pageSize, bufferPage }: MachineFacts,
  table: EventTable,
): Pick<Recording, 'pageSize' | 'warnings'> {
  if (ONE_SIZE.test(architecture)) return { pageSize: 4096, warnings: [] };
  const isSubBuffer = pageSize > 4096 && pageSize === bufferPage;
  if (!isSubBuffer && PAGE_SIZES.includes(pageSize)) return { pageSize, warnings: [] };
  const unit = areaUnit(table);
  const fitting = PAGE_SIZES.filter((size) => pageSize % size === 0 && unit % size === 0);
  if (unit === 0 && fitting.length > 1) {
    return {
      pageSize: PAGE_SIZES.includes(pageSize) ? pageSize : 0,
      warnings: [
        `trace-cmd writes down the size of sub-buffers, ${pageSize} bytes, in place of that of pages: if pages have another size, give --page-size`,
      ],
    };
  }
  return { pageSize: fitting[0] ?? 0, warnings: [] };
}

/** The largest number of bytes of which all areas of vmalloc begin and end with a multiple; 0 without areas. */
function areaUnit({ batches, shapes, length }: EventTable): number {
  let bits = 0;
  for (const { areaBytes } of shapes) bits |= areaBytes;
  for (let index = 0; index < length; index++) {
    const { shape, keyLo } = batches[index >> BATCH_SHIFT];
    const row = index & BATCH_MASK;
    const { type } = shapes[shape[row]];
    if (type === EVENT.alloc_vmap_area || type === EVENT.free_vmap_area_noflush) bits |= keyLo[row];
  }
  return bits & -bits;
}
