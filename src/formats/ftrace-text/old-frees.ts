import { BATCH_MASK, BATCH_SHIFT, NO_FIELDS, type EventTable } from '../../trace/event-table.ts';
import { EVENT } from '../../trace/event-type.ts';

const PAGEVEC_FREE = 'mm_pagevec_free';

/**
 * Makes frees of `mm_pagevec_free` where they are frees of their own.
 *
 * Up to 2.6.33 a page that is freed with others has this event alone; since 2.6.34 mm_page_free_direct follows on the same
 * CPU, and it is what `mm_page_free_batched` is today (mm/page_alloc.c:__pagevec_free, free_hot_cold_page).
 */
export function settlePagevecFrees(table: EventTable): EventTable {
  if (!table.byType.has(PAGEVEC_FREE) || isFollowed(table)) return table;
  const shapes = [...table.shapes, { ...NO_FIELDS, type: EVENT.mm_page_free }];
  for (const { shape } of table.batches) {
    for (const [row, number] of shape.entries()) {
      if (table.shapes[number]?.type === EVENT.mm_page_free_batched) shape[row] = shapes.length - 1;
    }
  }
  return Object.freeze({ ...table, shapes });
}

/** Whether some such event is followed by the free of its page, on its CPU. */
function isFollowed({ batches, shapes, origins, length }: EventTable): boolean {
  /** By CPU: the page of the event before, if it was such an event. */
  const waiting = new Map<number, string>();
  for (let index = 0; index < length; index++) {
    const { shape, origin, keyHi, keyLo } = batches[index >> BATCH_SHIFT];
    const row = index & BATCH_MASK;
    const { type } = shapes[shape[row]];
    const { cpu } = origins[origin[row]];
    const page = `${keyHi[row]} ${keyLo[row]}`;
    if (type === EVENT.mm_page_free && waiting.get(cpu) === page) return true;
    if (type === EVENT.mm_page_free_batched) waiting.set(cpu, page);
    else waiting.delete(cpu);
  }
  return false;
}
