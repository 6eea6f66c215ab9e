import { decodeAttribute, MAX_ATTR_BYTES, MIN_ATTR_BYTES, type Attribute } from './attribute.ts';
import { uint64At } from './uint64.ts';

/** More events than can be opened, and longer than any name. */
const MAX_EVENTS = 1 << 16;
const MAX_NAME_BYTES = 1 << 12;

/** An event as the feature EVENT_DESC describes it. */
export interface DescribedEvent {
  readonly attribute: Attribute;
  readonly name: string;
}

/**
 * Reads the feature EVENT_DESC (tools/perf/util/header.c:write_event_desc): each event with its attribute, name and
 * numbers. What is cut short or damaged ends the list: it serves names only.
 */
export function parseEventDesc(data: Uint8Array): DescribedEvent[] {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const events: DescribedEvent[] = [];
  if (data.length < 8) return events;
  const count = Math.min(view.getUint32(0, true), MAX_EVENTS);
  const attrBytes = view.getUint32(4, true);
  if (attrBytes < MIN_ATTR_BYTES || attrBytes > MAX_ATTR_BYTES) return events;
  let at = 8;
  for (let index = 0; index < count; index++) {
    const start = at;
    at += attrBytes;
    if (at + 8 > data.length) break;
    const ids = view.getUint32(at, true);
    const nameBytes = view.getUint32(at + 4, true);
    at += 8;
    if (nameBytes > MAX_NAME_BYTES || at + nameBytes + ids * 8 > data.length) break;
    const name = new TextDecoder().decode(data.subarray(at, at + nameBytes)).replace(/\0.*$/s, '');
    at += nameBytes;
    const from = at;
    const numbers = Array.from({ length: ids }, (_, number) => uint64At(view, from + number * 8));
    at += ids * 8;
    events.push({ attribute: decodeAttribute(view, start, numbers), name });
  }
  return events;
}
