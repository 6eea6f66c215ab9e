import { EVENT } from '../../trace/event-type.ts';
import type { EventShape } from '../../trace/event-table.ts';
import { impossibleShape, type ShapeProblem } from '../../trace/impossible-shape.ts';

/** Decodes the fields of an event that are not its key, from the text around the key. */
export function decodeShape(type: number, text: string): EventShape | ShapeProblem {
  const fields = fieldsOf(text);
  const number = (name: string): number | undefined => {
    const value = fields.get(name);
    if (value === undefined || !/^-?(?:0x[0-9a-f]+|\d+)$/i.test(value)) return undefined;
    return value.startsWith('-') ? -Number(value.slice(1)) : Number(value);
  };

  const shape = {
    type,
    callSite: functionOf(fields.get('call_site') ?? ''),
    cache: fields.get('name') ?? '',
    bytesReq: number('bytes_req') ?? 0,
    bytesAlloc: number('bytes_alloc') ?? 0,
    gfp: fields.get('gfp_flags') ?? '',
    order: number('order') ?? 0,
    migratetype: (number('migratetype') ?? 0) | 0,
    areaBytes: number('size') ?? 0,
    areaAlign: number('align') ?? 0,
    failed: (number('failed') ?? 0) !== 0,
  };

  const impossible = impossibleShape(shape);
  if (impossible !== undefined) return impossible;
  const missing = REQUIRED[type]?.find((name) =>
    name === 'gfp_flags' ? shape.gfp === '' : number(name) === undefined,
  );
  if (missing !== undefined) return { expected: `${missing}=` };
  return shape;
}

/** Fields without which an event cannot be replayed. A line cut short by a full disk or a copy lacks the last ones. */
const REQUIRED: { readonly [type: number]: readonly string[] } = {
  [EVENT.mm_page_alloc]: ['order', 'gfp_flags'],
  [EVENT.mm_page_free]: ['order'],
  [EVENT.kmem_cache_alloc]: ['bytes_req', 'bytes_alloc', 'gfp_flags'],
  [EVENT.kmalloc]: ['bytes_req', 'bytes_alloc', 'gfp_flags'],
  [EVENT.alloc_vmap_area]: ['size'],
};

function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/(?:^|\s)([a-z_]+)=(\S+)/g))
    if (!fields.has(name)) fields.set(name, value);
  return fields;
}

/** The function of `copy_process+0x1d0/0x1704`, of `copy_process+0x1d0`, or an address that has no name. */
export function functionOf(symbol: string): string {
  const plus = symbol.indexOf('+0x');
  return plus > 0 ? symbol.slice(0, plus) : symbol;
}
