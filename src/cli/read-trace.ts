import { setImmediate } from 'node:timers/promises';
import { InputError } from '../base/errors.ts';
import type { ByteSource } from '../formats/byte-source.ts';
import { isStreamReader, type RandomAccessReader, type StreamReader } from '../formats/reader.ts';
import type { EventTable } from '../trace/event-table.ts';
import { metered, peek, type ByteChunks } from './byte-stream.ts';
import { decompress } from './decompress.ts';
import { FORMAT_HEAD_BYTES, recogniseFormat } from './format.ts';
import type { ReplaySettings } from './options.ts';
import type { Progress } from './progress.ts';
import { readSymbols } from './read-symbols.ts';
import { displayName, openSource, type RandomAccess } from './source.ts';
import { spool } from './spool.ts';
import type { Surroundings } from './surroundings.ts';

/** A trace that was read, and what to say of where it is from. */
export interface ReadTrace {
  readonly table: EventTable;
  readonly source: { readonly files: readonly string[]; readonly format: string; readonly bytes: number };
}

/**
 * Reads a trace from a path or, for `-`, the standard input.
 *
 * @param settings strict: whether a record that cannot be read is an error; symbols: a file with names of functions
 * @throws InputError for what is not a trace, or is one without events to work on
 */
export async function readTrace(
  path: string,
  { strict, symbols }: Pick<ReplaySettings, 'strict' | 'symbols'>,
  surroundings: Surroundings,
  progress: Progress,
): Promise<ReadTrace> {
  const name = displayName(path);
  const source = await openSource(path, surroundings);
  try {
    progress.begin(name, source.size);
    const stored = metered(source.chunks, (bytes) => progress.advance(bytes));
    const { compression, chunks } = await decompress(stored, name);
    const { head, all } = await peek(chunks, FORMAT_HEAD_BYTES);
    const format = recogniseFormat(head, path);
    const reader = await format.open({ name, strict, keepAddresses: symbols !== undefined });
    const { table: read, bytes } = isStreamReader(reader)
      ? await readStream(reader, all)
      : await readAnywhere(reader, compression === 'none' ? source.openRandom : undefined, all, name, progress);
    const table = symbols === undefined ? read : await withSymbols(read, name, symbols, surroundings);
    requireAllocations(table, name, format.recording);
    const shown = compression === 'none' ? format.name : `${format.name} (${compression})`;
    return { table, source: { files: [path], format: shown, bytes } };
  } finally {
    source.close();
  }
}

async function withSymbols(
  table: EventTable,
  name: string,
  path: string,
  surroundings: Surroundings,
): Promise<EventTable> {
  const { resolveAddresses } = await import('../formats/symbols/resolve-addresses.ts');
  const { table: resolved, offset } = resolveAddresses(table, await readSymbols(path, surroundings));
  if (offset !== undefined) return resolved;
  throw new InputError({
    where: `--symbols ${path}`,
    found: `symbols that do not fit the addresses in ${name}, wherever the kernel was loaded`,
    expected: 'those of the kernel that recorded it',
    advice: 'Give the System.map of that very build, or its /proc/kallsyms from the time of the recording.',
  });
}

interface Read {
  readonly table: EventTable;
  /** Size of the trace, decompressed. */
  readonly bytes: number;
}

async function readStream(reader: StreamReader, chunks: ByteChunks): Promise<Read> {
  let bytes = 0;
  for await (const chunk of chunks) {
    reader.push(chunk);
    bytes += chunk.length;
  }
  return { table: reader.finish(), bytes };
}

/** Reads a format that seeks: from the file itself, or, where that cannot be done, from a copy of its content. */
async function readAnywhere(
  reader: RandomAccessReader,
  openRandom: (() => RandomAccess) | undefined,
  chunks: ByteChunks,
  name: string,
  progress: Progress,
): Promise<Read> {
  const access = openRandom === undefined ? await spool(chunks, name) : openRandom();
  try {
    const { source } = access;
    const steps = reader.read(openRandom === undefined ? source : meteredSource(source, progress));
    for (;;) {
      const step = steps.next();
      if (step.done === true) return { table: step.value, bytes: source.size };
      // Lets the progress line be drawn.
      await setImmediate();
    }
  } finally {
    access.close();
  }
}

const meteredSource = (source: ByteSource, progress: Progress): ByteSource => ({
  size: source.size,
  read(offset, length) {
    progress.advance(length);
    return source.read(offset, length);
  },
});

const ALLOCATION_EVENTS = ['mm_page_alloc', 'kmem_cache_alloc', 'kmalloc', 'kmem_cache_alloc_node', 'kmalloc_node'];
const SHOWN_EVENTS = 5;
const RECORD =
  'Record them: `trace-cmd record -e kmem -e vmalloc -e task:task_newtask -e sched:sched_process_exit COMMAND`, then `tagscope report trace.dat`. With -T each event has a stack trace, which tells call sites of pages.';

function requireAllocations(table: EventTable, name: string, advice = RECORD): void {
  if (ALLOCATION_EVENTS.some((event) => table.byType.has(event))) return;
  const others = [...table.byType.keys()].slice(0, SHOWN_EVENTS).join(', ');
  const more = table.byType.size > SHOWN_EVENTS ? ' and others' : '';
  throw new InputError({
    where: name,
    found:
      table.totalEvents === 0 ? 'a trace without any event' : `a trace without allocations (it has ${others}${more})`,
    expected: 'events of the group kmem',
    advice,
  });
}
