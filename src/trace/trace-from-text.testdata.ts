import { EventTableBuilder } from './event-table-builder.ts';
import type { EventOrigin, EventShape, EventTable } from './event-table.ts';
import { EVENT, EVENT_TYPES, type EventType } from './event-type.ts';
import { noLosses } from './losses.ts';

const LINE = /^(?:(.+)-(\d+)\s+\[(\d+)\]\s+(\S{5})(?:\s+(\d+\.\d+):)?\s+)?([a-z_]+):(.*)$/;
const KEY: { readonly [Name in EventType]: RegExp } = {
  mm_page_alloc: /\bpfn=(\S+)/,
  mm_page_free: /\bpfn=(\S+)/,
  mm_page_free_batched: /\bpfn=(\S+)/,
  kmem_cache_alloc: /\bptr=(\S+)/,
  kmem_cache_free: /\bptr=(\S+)/,
  kmalloc: /\bptr=(\S+)/,
  kfree: /\bptr=(\S+)/,
  alloc_vmap_area: /\bva_start: (\d+)/,
  free_vmap_area_noflush: /\bva_start=(\S+)/,
  task_newtask: /\bpid=(\d+)/,
  sched_process_exit: /\bpid=(\d+)/,
};

const isEventType = (name: string): name is EventType => (EVENT_TYPES as readonly string[]).includes(name);

/**
 * The events of a trace written as ftrace prints them, without a reader's care: for scenarios in tests. What stands
 * before the name of an event may be left out, wholly or the time: then it is `bench-44 [000] .....`, a microsecond
 * after the event before. Frames of a stack trace follow their event as `=> function`. Unwritten fields are 0 or ''.
 */
export function traceFromText(text: string): EventTable {
  const builder = new EventTableBuilder();
  const shapes = new Map<string, number>();
  const origins = new Map<string, number>();
  const stacks = new Map<string, number>();
  const byType = new Map<string, number>();
  const numbered = (known: Map<string, number>, key: string, add: () => number): number => {
    const id = known.get(key) ?? add();
    known.set(key, id);
    return id;
  };
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  let microseconds = 1_000_000;
  let baseSeconds = 1;

  for (let at = 0; at < lines.length;) {
    const match = LINE.exec(lines[at]);
    if (match === null) throw new Error(`not an event: ${lines[at]}`);
    const [, comm = 'bench', pid = '44', cpu = '0', flags = '.....', time, name, fields] = match;
    if (!isEventType(name)) throw new Error(`not a kept event: ${name}`);
    if (time !== undefined) microseconds = Math.round(Number(time) * 1e6);
    if (at === 0) baseSeconds = Math.floor(microseconds / 1e6);
    const origin = numbered(origins, `${comm} ${pid} ${cpu} ${flags}`, () =>
      builder.addOrigin(originOf(comm, pid, cpu, flags)),
    );
    const written = KEY[name].exec(fields);
    if (written === null) throw new Error(`no key in: ${lines[at]}`);
    const key = numberOf(name, written[1]);
    const shape = numbered(shapes, `${name} ${fields.replace(KEY[name], '')}`, () =>
      builder.addShape(shapeOf(name, fields)),
    );
    const index = builder.add(
      microseconds * 1e3 - baseSeconds * 1e9,
      origin,
      shape,
      Number(key >> 32n),
      Number(key & 0xffffffffn),
    );
    byType.set(name, (byType.get(name) ?? 0) + 1);
    microseconds++;
    at++;
    const from = at;
    while (at < lines.length && lines[at].startsWith('=> ')) at++;
    if (at === from) continue;
    const frames = lines.slice(from, at).map((line) => line.slice(3));
    builder.setStack(
      index,
      numbered(stacks, frames.join(), () => builder.stacks.add(frames)),
    );
  }
  return builder.finish({ byType, totalEvents: builder.length, baseSeconds, losses: noLosses() });
}

function numberOf(name: EventType, text: string): bigint {
  const isPointer = KEY[name].source.includes('ptr');
  return BigInt.asUintN(64, BigInt(isPointer && !text.startsWith('0x') ? `0x${text}` : text));
}

const originOf = (comm: string, pid: string, cpu: string, flags: string): EventOrigin => ({
  comm,
  pid: Number(pid),
  cpu: Number(cpu),
  softirq: flags[2] === 's' || flags[2] === 'H',
  hardirq: flags[2] === 'h' || flags[2] === 'H',
});

function shapeOf(name: EventType, text: string): EventShape {
  const field = (wanted: string): string => new RegExp(`(?:^|\\s)${wanted}=(\\S+)`).exec(text)?.[1] ?? '';
  return {
    type: EVENT[name],
    callSite: field('call_site').replace(/\+0x.*$/, ''),
    cache: field('name'),
    bytesReq: Number(field('bytes_req')),
    bytesAlloc: Number(field('bytes_alloc')),
    gfp: field('gfp_flags'),
    order: Number(field('order')),
    migratetype: Number(field('migratetype')),
    areaBytes: Number(field('size')),
    areaAlign: Number(field('align')),
    failed: Number(field('failed')) !== 0,
  };
}
