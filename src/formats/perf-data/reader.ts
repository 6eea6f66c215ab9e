import type { EventTable } from '../../trace/event-table.ts';
import type { ByteSource } from '../byte-source.ts';
import type { RandomAccessReader } from '../reader.ts';
import { FEATURE } from './abi.ts';
import { parseEventDesc } from './event-desc.ts';
import { readFileHeader, type FileHeader } from './file-header.ts';
import { Recording, type RecordingOptions } from './recording.ts';
import { MAX_TRACING_BYTES, parseTracingData } from './tracing-data.ts';

/** The file is read in pieces of this size. A record has at most 64 KiB. */
const CHUNK_BYTES = 1 << 20;
/** Descriptions of events are some KiB. */
const MAX_EVENT_DESC_BYTES = 1 << 24;
/** A feature that is a text has 64 to 256 bytes. */
const MAX_TEXT_BYTES = 1 << 12;

/**
 * Reads perf.data, written to a file or to a pipe: tracepoint samples with or without callchains, compressed or not.
 * docs/formats/perf-data.md says what of it is used.
 */
export class PerfDataReader implements RandomAccessReader {
  readonly #options: RecordingOptions;

  constructor(options: RecordingOptions) {
    this.#options = options;
  }

  *read(source: ByteSource): Generator<undefined, EventTable> {
    const { name } = this.#options;
    const header = readFileHeader(source, name);
    const recording = new Recording(this.#options);
    for (const attribute of header.attributes) recording.events.add(attribute);
    this.#addFeatures(recording, header, source);

    const dataEnd = header.data.offset + header.data.size;
    const end = Math.min(dataEnd, source.size);
    let offset = header.data.offset;
    let left = 0;
    while (offset < end && !recording.broken) {
      const data = source.read(offset, Math.min(CHUNK_BYTES, end - offset));
      const view = new DataView(data.buffer, data.byteOffset, data.length);
      const read = recording.consume(data, view, 0, data.length, offset, source);
      left = data.length - read;
      // What is left begins a record that is not whole: of the file, if this was its end.
      if (read === 0) break;
      offset += read;
      yield undefined;
    }
    // Beyond the end: something was to be skipped that is not there.
    return recording.finish(Math.max(left, offset - end, 0) + dataEnd - end, Math.min(offset, end));
  }

  #addFeatures(recording: Recording, { features }: FileHeader, source: ByteSource): void {
    const description = features.get(FEATURE.EVENT_DESC);
    if (description !== undefined && description.size <= MAX_EVENT_DESC_BYTES) {
      recording.events.describe(parseEventDesc(source.read(description.offset, description.size)));
    }
    for (const feature of [FEATURE.OSRELEASE, FEATURE.VERSION, FEATURE.ARCH]) {
      const text = features.get(feature);
      if (text !== undefined && text.size <= MAX_TEXT_BYTES) {
        recording.addText(feature, source.read(text.offset, text.size));
      }
    }
    const tracing = features.get(FEATURE.TRACING_DATA);
    if (tracing !== undefined && tracing.size <= MAX_TRACING_BYTES) {
      const data = source.read(tracing.offset, tracing.size);
      recording.addTracingData(parseTracingData(data, tracing.offset, this.#options.name));
    }
  }
}
