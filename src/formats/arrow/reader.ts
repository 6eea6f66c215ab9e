import { InputError } from '../../base/errors.ts';
import { isImpossiblePfn } from '../../trace/bounds.ts';
import { EventTableBuilder } from '../../trace/event-table-builder.ts';
import { BATCH_ROWS, NO_STACK, type EventBatch, type EventTable } from '../../trace/event-table.ts';
import { EVENT } from '../../trace/event-type.ts';
import type { ByteSource } from '../byte-source.ts';
import type { RandomAccessReader, ReaderOptions } from '../reader.ts';
import { COLUMNS, framesOf, METADATA_KEY, originOf, shapeOf, type FileMetadata } from './columns.ts';
import { readMessage, type BatchLayout, type FieldSchema, type Message, type Region } from './messages.ts';
import { fileMetadata } from './metadata.ts';

/** What an Arrow file begins with: six bytes and two of padding. */
const MAGIC_BYTES = 8;
const CONTINUATION = 0xffff_ffff;
/** The schema holds the names of all tracepoints that were counted, and samples of what was lost. */
const MAX_MESSAGE_BYTES = 1 << 26;
/** Distinct texts of a dictionary: what the readers that files are made by may give. */
const MAX_ENTRIES = 1 << 21;
/** A column has a bitmap of what is null, and its numbers. */
const BUFFERS = 2;
/** Types of the columns, in their order. */
const TYPES: readonly FieldSchema['type'][] = ['float64', 'uint64', 'uint32', 'uint32', 'int32'];

/** What a file says before its events, and what became of it. */
interface Beginning {
  readonly metadata: FileMetadata;
  readonly stacks: number;
  readonly origins: number;
  /** By shape: 1 if the key of its events is a pfn. */
  readonly isPage: Uint8Array;
}

/** A message, and the data that belong to it. */
interface Place {
  readonly message: Message;
  readonly offset: number;
  readonly body: Uint8Array;
}

/**
 * Reads files that `tagscope convert` wrote; docs/formats/arrow.md says what is in them. Columns are used as they come
 * from the file, after a look at each number: the file may be anybody's.
 */
export class ArrowReader implements RandomAccessReader {
  readonly #options: ReaderOptions;
  readonly #dictionaries = new Map<number, readonly string[]>();
  /** What the file was made from, once it was read. */
  madeFrom = '';

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  *read(source: ByteSource): Generator<undefined, EventTable> {
    const builder = new EventTableBuilder();
    let schema: Extract<Message, { kind: 'schema' }> | undefined;
    let beginning: Beginning | undefined;
    let isLast = false;
    for (const place of this.#messages(source)) {
      const { message, offset } = place;
      switch (message.kind) {
        case 'schema':
          schema ??= message;
          break;
        case 'dictionary':
          if (beginning !== undefined) throw this.#wrong(offset, 'a dictionary after events', 'events only');
          this.#dictionaries.set(message.id, this.#texts(place, message.batch));
          break;
        case 'batch':
          if (schema === undefined) throw this.#wrong(offset, 'events without a schema', 'a schema before them');
          beginning ??= this.#begin(schema, builder, offset);
          if (isLast) throw this.#wrong(offset, 'a batch behind a short one', `batches of ${BATCH_ROWS} events`);
          isLast = this.#add(place, message.batch, beginning, builder) < BATCH_ROWS;
          yield;
          break;
        case 'other':
          throw this.#wrong(offset, 'a message of another kind', 'a schema, a dictionary or events');
      }
    }
    if (beginning === undefined) throw this.#wrong(source.size, 'no events', 'at least one batch');
    const { baseSeconds, byType, losses, recording, source: made, span } = beginning.metadata;

    this.madeFrom = `${made.files.join(', ')} (${made.format})`;
    const totalEvents = byType.reduce((sum, [, count]) => sum + count, 0);
    if (builder.length > totalEvents) {
      throw this.#wrong(source.size, `${builder.length} events`, `no more than were counted: ${totalEvents}`);
    }
    if (totalEvents > 0) span?.forEach((time) => builder.seen(time));
    const { reference } = beginning.metadata;
    return builder.finish({
      byType: new Map(byType),
      totalEvents,
      baseSeconds,
      losses,
      recording,
      reference:
        reference === undefined ? undefined : { symbol: reference.symbol, address: BigInt(`0x${reference.address}`) },
    });
  }

  /** The messages of the file, in order, to the mark that ends them. */
  *#messages(source: ByteSource): Generator<Place> {
    for (let offset = MAGIC_BYTES; ;) {
      if (offset + 8 > source.size) throw this.#wrong(offset, 'the end of the file', 'a message');
      const prefix = source.read(offset, 8);
      const view = new DataView(prefix.buffer, prefix.byteOffset, 8);
      const bytes = view.getUint32(4, true);
      if (view.getUint32(0, true) !== CONTINUATION) throw this.#wrong(offset, 'no message', 'bytes ff ff ff ff');
      if (bytes === 0) return;
      if (bytes > MAX_MESSAGE_BYTES || bytes > source.size - offset - 8) {
        throw this.#wrong(offset + 4, `a message of ${bytes} bytes`, 'one that is in the file');
      }
      const message = readMessage(source.read(offset + 8, bytes));
      if (message === undefined) throw this.#wrong(offset + 8, 'something else', 'a message of Arrow');
      const start = offset + 8 + bytes;
      if (message.bodyBytes > source.size - start) {
        throw this.#wrong(offset, `a message with ${message.bodyBytes} bytes of data`, 'one that is in the file');
      }
      const body = source.read(start, message.bodyBytes);
      // Columns are arrays of up to eight bytes a number, in memory as in the file.
      yield { message, offset, body: body.byteOffset % 8 === 0 ? body : body.slice() };
      offset = start + message.bodyBytes;
    }
  }

  /** Takes what stands before the events into the table. */
  #begin(
    { fields, metadata: entries }: Extract<Message, { kind: 'schema' }>,
    builder: EventTableBuilder,
    offset: number,
  ): Beginning {
    const text = entries.get(METADATA_KEY);
    const metadata = text === undefined ? 'an Arrow file that tagscope did not write' : fileMetadata(text);
    if (typeof metadata === 'string') throw this.#wrong(offset, metadata, 'the metadata of a file of tagscope');
    COLUMNS.forEach((name, index) => {
      const field = fields[index];
      if (field?.name === name && field.type === TYPES[index] && fields.length === COLUMNS.length) return;
      throw this.#wrong(offset, 'other columns', `columns ${COLUMNS.join(', ')}, as \`tagscope convert\` writes them`);
    });
    const [, , shape, origin, stack] = fields;
    const each = <Entry>(field: FieldSchema, read: (text: string) => Entry | undefined): Entry[] => {
      const texts = field.dictionary === undefined ? undefined : this.#dictionaries.get(field.dictionary);
      if (texts === undefined) throw this.#wrong(offset, `column ${field.name} without texts`, 'a dictionary');
      return texts.map((entryText, index) => {
        const entry = read(entryText);
        if (entry !== undefined) return entry;
        throw this.#wrong(offset, `entry ${index} of column ${field.name}`, 'JSON of its kind');
      });
    };
    const shapes = each(shape, shapeOf);
    for (const entry of shapes) builder.addShape(entry);
    const origins = each(origin, originOf);
    for (const entry of origins) builder.addOrigin(entry);
    const stacks = each(stack, framesOf);
    for (const entry of stacks) builder.stacks.add(entry);
    const isPage = Uint8Array.from(shapes, ({ type }) => (type <= EVENT.mm_page_free_batched ? 1 : 0));
    return { metadata, stacks: stacks.length, origins: origins.length, isPage };
  }

  /** The texts of a dictionary. */
  #texts({ offset, body }: Place, { nodes, buffers, isCompressed }: BatchLayout): string[] {
    this.#requirePlain(isCompressed, offset);
    const entries = nodes[0]?.[0] ?? 0;
    const [, positions, content] = buffers.map((region) => partOf(body, region));
    if (
      positions === undefined ||
      content === undefined ||
      entries > MAX_ENTRIES ||
      positions.length < (entries + 1) * 4
    ) {
      throw this.#wrong(offset, 'a dictionary that is cut short', 'texts');
    }
    const decoder = new TextDecoder();
    const view = new DataView(positions.buffer, positions.byteOffset, positions.byteLength);
    const texts: string[] = [];
    let from = 0;
    for (let entry = 1; entry <= entries; entry++) {
      const to = view.getInt32(entry * 4, true);
      // Texts follow each other: none may be there twice, or there could be more of them than bytes.
      if (to < from || to > content.length) throw this.#wrong(offset, 'texts that overlap', 'one behind the other');
      texts.push(decoder.decode(content.subarray(from, to)));
      from = to;
    }
    // A dictionary is not written without an entry.
    return texts.length === 1 && texts[0] === '' ? [] : texts;
  }

  /** Adds the events of a batch, after a look at each number, and gives how many they are. */
  #add({ offset, body }: Place, layout: BatchLayout, beginning: Beginning, builder: EventTableBuilder): number {
    const { rows, nodes, buffers, isCompressed } = layout;
    this.#requirePlain(isCompressed, offset);
    if (rows > BATCH_ROWS) throw this.#wrong(offset, `a batch of ${rows} events`, `at most ${BATCH_ROWS}`);
    const parts = buffers.map((region) => partOf(body, region));
    /** The numbers of a column, so many bytes each. */
    const numbers = (column: number, bytes: number): Uint8Array => {
      const part = parts[column * BUFFERS + 1];
      if (
        part === undefined ||
        nodes[column]?.[0] !== rows ||
        part.length < rows * bytes ||
        part.byteOffset % bytes !== 0
      ) {
        throw this.#wrong(offset, `column ${COLUMNS[column]} cut short`, `${rows} numbers of ${bytes} bytes`);
      }
      return part;
    };
    const [time, key, shape, origin, stack] = [8, 8, 4, 4, 4].map((bytes, column) => numbers(column, bytes));
    const batch: EventBatch = {
      time: new Float64Array(time.buffer, time.byteOffset, rows),
      shape: new Uint32Array(shape.buffer, shape.byteOffset, rows),
      origin: new Uint32Array(origin.buffer, origin.byteOffset, rows),
      stack: new Int32Array(rows),
      keyHi: new Int32Array(rows),
      keyLo: new Int32Array(rows),
    };
    takeKeys(new Int32Array(key.buffer, key.byteOffset, rows * 2), batch);
    const validity = nodes[4][1] > 0 ? parts[4 * BUFFERS] : undefined;
    if (nodes[4][1] > 0 && (validity?.length ?? 0) * 8 < rows) {
      throw this.#wrong(offset, 'stacks cut short', 'a bit for each event');
    }
    takeStacks(new Int32Array(stack.buffer, stack.byteOffset, rows), validity, batch);
    const bad = this.#firstUnsound(batch, beginning);
    if (bad >= 0) {
      throw this.#wrong(
        offset,
        `event ${bad} of the batch with a number that means nothing`,
        'entries of the dictionaries',
      );
    }
    if (rows > 0) builder.addBatch(batch);
    return rows;
  }

  /** The first event that refers to what is not there, or to a page that no machine has; −1 for none. */
  #firstUnsound({ time, shape, origin, stack, keyHi, keyLo }: EventBatch, beginning: Beginning): number {
    const { stacks, origins, isPage } = beginning;
    for (let row = 0; row < time.length; row++) {
      if (shape[row] >= isPage.length || origin[row] >= origins || stack[row] >= stacks || stack[row] < NO_STACK)
        return row;
      if (!Number.isFinite(time[row])) return row;
      if (isPage[shape[row]] !== 0 && isImpossiblePfn(keyHi[row], keyLo[row])) return row;
    }
    return -1;
  }

  #requirePlain(isCompressed: boolean, offset: number): void {
    if (isCompressed) throw this.#wrong(offset, 'compressed columns', 'columns as `tagscope convert` writes them');
  }

  #wrong(offset: number, found: string, expected: string): InputError {
    return new InputError({
      where: `${this.#options.name}, byte ${offset}`,
      found,
      expected,
      advice: 'Convert the trace again: `tagscope convert TRACE FILE`.',
    });
  }
}

/** A part of the data of a message; undefined if it is not within it. */
const partOf = (body: Uint8Array, [offset, length]: Region): Uint8Array | undefined =>
  offset + length <= body.length ? body.subarray(offset, offset + length) : undefined;

/** Splits keys into their halves, of which the lower is first. */
function takeKeys(halves: Int32Array, { keyHi, keyLo }: EventBatch): void {
  for (let row = 0; row < keyLo.length; row++) {
    keyLo[row] = halves[row * 2];
    keyHi[row] = halves[row * 2 + 1];
  }
}

/** Takes stacks; events without a bit have none. */
function takeStacks(values: Int32Array, validity: Uint8Array | undefined, { stack }: EventBatch): void {
  if (validity === undefined) {
    stack.set(values);
    return;
  }
  for (let row = 0; row < stack.length; row++) {
    stack[row] = (validity[row >> 3] & (1 << (row & 7))) === 0 ? NO_STACK : values[row];
  }
}
