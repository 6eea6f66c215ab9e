import { parentPort, workerData } from 'node:worker_threads';
import { memoryOf, type TextPart, type TextReaderOptions } from '../formats/text/text-part.ts';
import { readRange } from './read-range.ts';
import { textReaders, type TextFormat } from '../open/text-readers.ts';

/** What a worker is told: a range of a file, and how it is read. Before that it has loaded the format's reader. */
export interface PartTask {
  readonly path: string;
  readonly options: TextReaderOptions;
  readonly start: number;
  /** Where the part ends; infinity for the end of the file. */
  readonly end: number;
}

/** What it tells: how much more it has read, and at the end what came of it. */
export type PartMessage = { readonly read: number } | { readonly part: TextPart };

if (parentPort !== null) {
  const port = parentPort;
  // What the main thread passes is what it says it is: both are of one build.
  const makeReader = await textReaders(workerData as TextFormat);
  port.once('message', ({ path, start, end, options }: PartTask) => {
    const reader = makeReader(options);
    for (const read of readRange(path, start, end, reader)) port.postMessage({ read } satisfies PartMessage);
    const part = reader.part();
    port.postMessage({ part } satisfies PartMessage, memoryOf(part));
  });
}
