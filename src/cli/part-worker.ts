import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { memoryOf, type TextPart, type TextReader, type TextReaderOptions } from '../formats/text/text-part.ts';
import { textReaders, type TextFormat } from './text-readers.ts';

/** What a worker is given: a range of a file, and how it is read. */
export interface PartTask {
  readonly path: string;
  readonly format: TextFormat;
  readonly options: TextReaderOptions;
  readonly start: number;
  /** Where the part ends; infinity for the end of the file, wherever that is by then. */
  readonly end: number;
}

/** What it tells: how much more it has read, and at the end what came of it. */
export type PartMessage = { readonly read: number } | { readonly part: TextPart };

const CHUNK_BYTES = 1 << 20;

/** Reads the range into a reader. Gives up where a file that was longer ends. */
function readRange({ path, start, end }: PartTask, reader: TextReader, tell: (message: PartMessage) => void): void {
  const descriptor = openSync(path, 'r');
  try {
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (let at = start; at < end;) {
      const read = readSync(descriptor, chunk, 0, Math.min(CHUNK_BYTES, end - at), at);
      if (read === 0) break;
      reader.push(chunk.subarray(0, read));
      tell({ read });
      at += read;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Reads a part, and hands over what came of it. */
export async function readPart(
  task: PartTask,
  tell: (message: PartMessage, memory?: readonly ArrayBuffer[]) => void,
): Promise<void> {
  const makeReader = await textReaders(task.format);
  const reader = makeReader(task.options);
  readRange(task, reader, tell);
  const part = reader.part();
  tell({ part }, memoryOf(part));
}

if (parentPort !== null) {
  const port = parentPort;
  // Loaded while the main thread looks for the places to cut.
  await textReaders(workerData as TextFormat);
  // What the main thread passes is what it says it is: both are of one build.
  port.once('message', (task: PartTask) => {
    void readPart(task, (message, memory = []) => port.postMessage(message, memory));
  });
}
