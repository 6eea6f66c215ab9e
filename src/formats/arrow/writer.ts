import { framesOf } from '../../trace/stack-table.ts';
import {
  Batch,
  Column,
  columnFromArray,
  dictionary,
  Endianness,
  float64,
  int32,
  Table,
  tableToIPC,
  Type,
  uint32,
  uint64,
  utf8,
  Version,
  type DataType,
  type Field,
} from '@uwdata/flechette';
import { BATCH_ROWS, NO_STACK, type EventBatch, type EventTable } from '../../trace/event-table.ts';
import { newBatch } from '../../trace/event-table-builder.ts';
import {
  COLUMNS,
  distinct,
  FILE_SCHEMA,
  FILE_VERSION,
  METADATA_KEY,
  originText,
  shapeText,
  stackText,
  type FileMetadata,
} from './columns.ts';

const NO_BYTES = new Uint8Array(0);

type Values = Float64Array | Uint32Array | Int32Array | BigUint64Array;

/** Values of a column in one batch; those without a bit in `validity` are null. */
interface Part {
  readonly values: Values;
  readonly validity?: Uint8Array;
  readonly nulls?: number;
}

/** What takes the bytes of a file, in order. */
export interface ByteSink {
  write(bytes: Uint8Array): void;
}

/**
 * Writes an event table as an Arrow IPC file; docs/formats/arrow.md says what is in it. Columns are written as they are
 * in memory; only keys and stacks are copied.
 */
export function writeEvents(table: EventTable, source: FileMetadata['source'], sink: ByteSink): void {
  const stacks = Array.from({ length: table.stacks.length }, (_, stack) => stackText(framesOf(table.stacks, stack)));
  const parts = {
    time: column(table, float64(), ({ time }, rows) => ({ values: time.subarray(0, rows) })),
    key: column(table, uint64(), keys),
    shape: column(
      table,
      uint32(),
      ({ shape }, rows) => ({ values: shape.subarray(0, rows) }),
      table.shapes.map(shapeText),
    ),
    origin: column(
      table,
      uint32(),
      ({ origin }, rows) => ({ values: origin.subarray(0, rows) }),
      table.origins.map(originText),
    ),
    stack: column(table, int32(), nullableStacks, stacks),
  } as const satisfies { readonly [Name in (typeof COLUMNS)[number]]: Column<unknown> };
  const metadata: FileMetadata = {
    schema: FILE_SCHEMA,
    version: FILE_VERSION,
    source,
    baseSeconds: table.baseSeconds,
    byType: [...table.byType],
    losses: table.losses,
    recording: table.recording,
    span: [table.firstTime, table.lastTime],
    ...(table.reference === undefined
      ? {}
      : { reference: { symbol: table.reference.symbol, address: table.reference.address.toString(16) } }),
  };
  const fields = COLUMNS.map((name): Field => ({
    name,
    type: parts[name].type,
    nullable: name === 'stack',
    metadata: new Map(),
  }));
  const schema = {
    version: Version.V5,
    endianness: Endianness.Little,
    fields,
    metadata: new Map([[METADATA_KEY, JSON.stringify(metadata)]]),
  };
  tableToIPC(
    new Table(
      schema,
      COLUMNS.map((name) => parts[name]),
    ),
    {
      format: 'file',
      sink: {
        write: (bytes) => sink.write(bytes),
        pad: (count) => sink.write(new Uint8Array(count)),
        finish: () => null,
      },
    },
  );
}

/** A column of all batches, whose values are those of `texts` by number if these are given. */
function column(
  table: EventTable,
  type: DataType,
  partOf: (batch: EventBatch, rows: number) => Part,
  texts?: readonly string[],
): Column<unknown> {
  // A dictionary without entries would not be written, and readers want one.
  const values =
    texts === undefined ? undefined : columnFromArray<string>(texts.length === 0 ? [''] : distinct(texts), utf8());
  const columnType = values !== undefined && type.typeId === Type.Int ? dictionary(values.type, type) : type;
  // Without events there is one batch without rows: it carries the dictionaries.
  const batches = table.batches.length > 0 ? table.batches : [newBatch(0)];
  const parts = batches.map((batch, number) => {
    const rows = Math.min(BATCH_ROWS, table.length - number * BATCH_ROWS);
    const { values: picked, validity = NO_BYTES, nulls = 0 } = partOf(batch, rows);
    const part = new Batch<unknown>({ length: rows, nullCount: nulls, type: columnType, validity, values: picked });
    return values === undefined ? part : Object.assign(part, { dictionary: values });
  });
  return new Column(parts, columnType);
}

/** The two halves of each key as one number, the lower half first. */
function keys({ keyHi, keyLo }: EventBatch, rows: number): Part {
  const values = new BigUint64Array(rows);
  const halves = new Int32Array(values.buffer);
  for (let row = 0; row < rows; row++) {
    halves[row * 2] = keyLo[row];
    halves[row * 2 + 1] = keyHi[row];
  }
  return { values };
}

/** Stacks, null where an event has none. */
function nullableStacks({ stack }: EventBatch, rows: number): Part {
  const values = new Int32Array(rows);
  const validity = new Uint8Array(((rows + 63) >> 6) << 3);
  let nulls = 0;
  for (let row = 0; row < rows; row++) {
    if (stack[row] === NO_STACK) {
      nulls++;
    } else {
      values[row] = stack[row];
      validity[row >> 3] |= 1 << (row & 7);
    }
  }
  return nulls === 0 ? { values } : { values, validity, nulls };
}
