import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { InputError } from '../base/errors.ts';
import type { ByteSource } from '../formats/byte-source.ts';
import { findCut } from '../formats/text/find-cut.ts';
import type { TextPart } from '../formats/text/text-part.ts';
import type { PartMessage, PartTask } from './part-worker.ts';
import { readRange } from './read-range.ts';
import type { Read, TextInput } from '../open/read-trace.ts';
import { textReaders, type MakeTextReader } from '../open/text-readers.ts';

/** Below this, a thread takes longer to start than it saves. */
const MIN_PART_BYTES = 16e6;
/** So much the first thread reads before the others have started. */
const HEAD_START_BYTES = 16e6;
/** Where a cut is looked for: some hundred records. */
const WINDOW_BYTES = 1 << 16;

/**
 * Reads a text with several threads: this one reads the first part, and others those that follow. The table is the same
 * as if one had read it all; where the parts do not fit, this thread reads on.
 *
 * @param path of the file that has the text
 * @param jobs how many threads, this one among them
 */
export async function readInParts(path: string, text: TextInput, jobs: number): Promise<Read> {
  const makeReader = await textReaders(text.format);
  const reader = makeReader(text.options);
  const parts = startParts(path, text, makeReader, jobs);
  try {
    let bytes = await read(0, parts.cut);
    const others = await parts.done;
    if (others !== undefined && reader.join(others))
      bytes = others.reduce((sum, { input }) => sum + input.bytes, bytes);
    else bytes += await read(bytes, Number.POSITIVE_INFINITY);
    return { table: reader.finish(), bytes };
  } finally {
    parts.stop();
  }

  async function read(start: number, end: number): Promise<number> {
    let bytes = 0;
    for (const piece of readRange(path, start, end, reader)) {
      bytes += piece;
      text.advance(piece);
      // Lets the progress line be drawn, and the other threads be heard.
      await setImmediate();
    }
    return bytes;
  }
}

interface StartedParts {
  /** Where the first of them begins; infinity if there are none. */
  readonly cut: number;
  /** All of them, in order; undefined if one failed. */
  readonly done: Promise<readonly TextPart[] | undefined>;
  readonly stop: () => void;
}

/** Starts a thread for each part but the first. */
function startParts(
  path: string,
  { format, options, head, source, advance }: TextInput,
  makeReader: MakeTextReader,
  jobs: number,
): StartedParts {
  const count = Math.min(jobs, Math.floor(source.size / MIN_PART_BYTES));
  // They start while the places to cut are looked for.
  const workers = Array.from(
    { length: Math.max(0, count - 1) },
    () => new Worker(new URL('./part-worker.js', import.meta.url), { workerData: format }),
  );
  const stop = (): void => workers.forEach((worker) => void worker.terminate());
  const { cuts, baseSeconds } = findCuts(head, source, makeReader, count);
  const done = Promise.all(
    cuts.map((start, index) => {
      const end = cuts[index + 1] ?? Number.POSITIVE_INFINITY;
      return partOf(workers[index], { path, options: { ...options, baseSeconds }, start, end }, advance);
    }),
  );
  return {
    cut: cuts[0] ?? Number.POSITIVE_INFINITY,
    done: done.then((parts) => (parts.includes(undefined) ? undefined : parts.filter((part) => part !== undefined))),
    stop,
  };
}

/** Where to cut a text into `count` parts of much the same size; fewer where no place is found. */
function findCuts(
  head: Uint8Array,
  source: ByteSource,
  makeReader: MakeTextReader,
  count: number,
): { readonly cuts: readonly number[]; readonly baseSeconds: number } {
  const none = { cuts: [], baseSeconds: 0 };
  if (count < 2) return none;
  try {
    const first = makeReader({ name: '' });
    first.push(head);
    const { baseSeconds } = first;
    if (baseSeconds === undefined) return none;
    const cuts: number[] = [];
    for (let part = 1; part < count; part++) {
      const others = ((source.size - HEAD_START_BYTES) / count) * (count - part);
      const start = Math.floor(source.size - others - (WINDOW_BYTES >> 1));
      const cut = findCut(source.read(start, WINDOW_BYTES), makeReader({ name: '' }));
      if (cut !== undefined) cuts.push(start + cut);
    }
    return { cuts, baseSeconds };
  } catch (error) {
    // Whoever reads it from the beginning says where.
    if (error instanceof InputError) return none;
    throw error;
  }
}

/** What the worker makes of its part; undefined if it fails, for whatever reason: another reader will find out why. */
function partOf(worker: Worker, task: PartTask, advance: (bytes: number) => void): Promise<TextPart | undefined> {
  return new Promise((resolve) => {
    worker.postMessage(task, []);
    worker.on('message', (message: PartMessage) => {
      if ('part' in message) resolve(message.part);
      else advance(message.read);
    });
    worker.once('error', () => resolve(undefined));
    worker.once('exit', () => resolve(undefined));
  });
}
