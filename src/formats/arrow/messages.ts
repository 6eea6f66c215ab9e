import { FlatTable, MalformedFlatbuffer } from './flatbuffer.ts';

/** The kinds of messages (Arrow, format/Message.fbs, MessageHeader). */
const KIND = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;
/** Kinds of types (format/Schema.fbs, Type), and the precision of a double. */
const TYPE = { int: 2, float: 3, utf8: 5 } as const;
const DOUBLE = 2;
/** More fields, nodes and buffers than a file of tagscope has. */
const MAX_PARTS = 64;

/** What a column has in its rows: `dictionary` is the id of the dictionary that they are numbers of. */
export interface FieldSchema {
  readonly name: string;
  readonly type: 'float64' | 'uint64' | 'uint32' | 'int32' | 'other';
  readonly dictionary: number | undefined;
}

/** A part of the data of a message. */
export type Region = readonly [offset: number, length: number];

/** The rows of some columns: each has a node, and two buffers or three, see `readBatch`. */
export interface BatchLayout {
  readonly rows: number;
  /** Of each column: rows, and how many of them are null. */
  readonly nodes: readonly (readonly [rows: number, nulls: number])[];
  readonly buffers: readonly Region[];
  readonly isCompressed: boolean;
}

export type Message =
  | {
      readonly kind: 'schema';
      readonly bodyBytes: number;
      readonly fields: readonly FieldSchema[];
      readonly metadata: ReadonlyMap<string, string>;
    }
  | {
      readonly kind: 'dictionary';
      readonly bodyBytes: number;
      readonly id: number;
      readonly isDelta: boolean;
      readonly batch: BatchLayout;
    }
  | { readonly kind: 'batch'; readonly bodyBytes: number; readonly batch: BatchLayout }
  | { readonly kind: 'other'; readonly bodyBytes: number };

/** Reads a message of Arrow IPC; undefined if it is malformed. */
export function readMessage(data: Uint8Array): Message | undefined {
  try {
    return messageOf(FlatTable.root(data));
  } catch (error) {
    if (error instanceof MalformedFlatbuffer) return undefined;
    throw error;
  }
}

// Slots are those of format/Message.fbs and format/Schema.fbs, in their order.

function messageOf(message: FlatTable): Message {
  const bodyBytes = message.long(3);
  const header = message.table(2);
  if (header === undefined) return { kind: 'other', bodyBytes };
  switch (message.byte(1)) {
    case KIND.schema:
      return {
        kind: 'schema',
        bodyBytes,
        fields: header.tables(1, MAX_PARTS).map(fieldOf),
        metadata: metadataOf(header),
      };
    case KIND.dictionaryBatch: {
      const batch = header.table(1);
      if (batch === undefined) throw new MalformedFlatbuffer();
      return {
        kind: 'dictionary',
        bodyBytes,
        id: header.long(0),
        isDelta: header.byte(2) !== 0,
        batch: layoutOf(batch),
      };
    }
    case KIND.recordBatch:
      return { kind: 'batch', bodyBytes, batch: layoutOf(header) };
    default:
      return { kind: 'other', bodyBytes };
  }
}

function metadataOf(schema: FlatTable): Map<string, string> {
  return new Map(schema.tables(2, MAX_PARTS).map((entry) => [entry.text(0), entry.text(1)]));
}

function fieldOf(field: FlatTable): FieldSchema {
  const encoding = field.table(4);
  const name = field.text(0);
  if (encoding === undefined) return { name, type: typeOf(field.byte(2), field.table(3)), dictionary: undefined };
  const isText = field.byte(2) === TYPE.utf8;
  const index = encoding.table(1);
  return { name, type: isText ? typeOf(TYPE.int, index) : 'other', dictionary: encoding.long(0) };
}

function typeOf(kind: number, type: FlatTable | undefined): FieldSchema['type'] {
  if (type === undefined) return 'other';
  if (kind === TYPE.float) return type.short(0) === DOUBLE ? 'float64' : 'other';
  if (kind !== TYPE.int) return 'other';
  const bits = type.int(0);
  const isSigned = type.byte(1) !== 0;
  if (bits === 32) return isSigned ? 'int32' : 'uint32';
  return bits === 64 && !isSigned ? 'uint64' : 'other';
}

const layoutOf = (batch: FlatTable): BatchLayout => ({
  rows: batch.long(0),
  nodes: batch.pairs(1, MAX_PARTS),
  buffers: batch.pairs(2, MAX_PARTS),
  isCompressed: batch.table(3) !== undefined,
});
