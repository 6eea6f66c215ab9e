import { InputError } from '../base/errors.ts';
import { FtraceTextReader } from '../formats/ftrace-text/reader.ts';
import type { EventTable } from '../trace/event-table.ts';
import { metered, peek } from './byte-stream.ts';
import { decompress, type Compression } from './decompress.ts';
import { FORMAT_HEAD_BYTES, recogniseFormat } from './format.ts';
import type { Progress } from './progress.ts';
import { displayName, openSource } from './source.ts';
import type { Surroundings } from './surroundings.ts';

/** A trace that was read, and what to say of where it is from. */
export interface ReadTrace {
  readonly table: EventTable;
  readonly source: { readonly files: readonly string[]; readonly format: string; readonly bytes: number };
}

const FORMAT_NAMES: { readonly [Kind in Compression]: string } = {
  none: 'ftrace text',
  gzip: 'ftrace text (gzip)',
  zstd: 'ftrace text (zstd)',
};

/**
 * Reads a trace from a path or, for `-`, the standard input.
 *
 * @param strict whether a line that cannot be read is an error
 * @throws InputError for what is not a trace, or is one without events to work on
 */
export async function readTrace(
  path: string,
  strict: boolean,
  surroundings: Surroundings,
  progress: Progress,
): Promise<ReadTrace> {
  const name = displayName(path);
  const source = await openSource(path, surroundings);
  progress.begin(name, source.size);
  const stored = metered(source.chunks, (bytes) => progress.advance(bytes));
  const { compression, chunks } = await decompress(stored, name);
  const { head, all } = await peek(chunks, FORMAT_HEAD_BYTES);
  recogniseFormat(head, path);
  const reader = new FtraceTextReader({ name, strict });
  let bytes = 0;
  for await (const chunk of all) {
    reader.push(chunk);
    bytes += chunk.length;
  }
  const table = reader.finish();
  requireAllocations(table, name);
  return { table, source: { files: [path], format: FORMAT_NAMES[compression], bytes } };
}

const ALLOCATION_EVENTS = ['mm_page_alloc', 'kmem_cache_alloc', 'kmalloc', 'kmem_cache_alloc_node', 'kmalloc_node'];
const SHOWN_EVENTS = 5;

function requireAllocations(table: EventTable, name: string): void {
  if (ALLOCATION_EVENTS.some((event) => table.byType.has(event))) return;
  const others = [...table.byType.keys()].slice(0, SHOWN_EVENTS).join(', ');
  const more = table.byType.size > SHOWN_EVENTS ? ' and others' : '';
  throw new InputError({
    where: name,
    found:
      table.totalEvents === 0 ? 'a trace without any event' : `a trace without allocations (it has ${others}${more})`,
    expected: 'events of the group kmem',
    advice:
      'Record them: `trace-cmd record -e kmem -e vmalloc -e task:task_newtask -e sched:sched_process_exit COMMAND`, then `trace-cmd report | tagscope report -`. With -T each event has a stack trace, which tells call sites of pages.',
  });
}
