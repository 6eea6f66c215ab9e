import { NO_FIELDS, type EventOrigin, type EventShape } from '../../trace/event-table.ts';
import { isImpossibleOrder, MAX_BYTES } from '../../trace/bounds.ts';
import { EVENT_TYPES, eventTypeName } from '../../trace/event-type.ts';
import type { ReadLosses } from '../../trace/losses.ts';
import type { Recording } from '../../trace/recording.ts';

/** The key of the schema's metadata under which a file says that it is tagscope's, and what does not repeat. */
export const METADATA_KEY = 'tagscope';
export const FILE_SCHEMA = 'tagscope.events';
/** Raised when a column or a key changes its meaning or goes away; new keys do not raise it. */
export const FILE_VERSION = 1;

/** The columns, in their order. */
export const COLUMNS = ['time', 'key', 'shape', 'origin', 'stack'] as const;

/** What a file says once, as JSON in the metadata of its schema. */
export interface FileMetadata {
  readonly schema: typeof FILE_SCHEMA;
  readonly version: number;
  /** What it was made from: for people. */
  readonly source: { readonly files: readonly string[]; readonly format: string; readonly bytes: number };
  /** The second, on the trace's clock, that times are relative to. */
  readonly baseSeconds: number;
  /** Events read, kept or not, by tracepoint. */
  readonly byType: readonly (readonly [event: string, count: number])[];
  readonly losses: ReadLosses;
  readonly recording: Recording;
  /** Times of the first and the last event, kept or not; files of older versions have none. */
  readonly span?: readonly [first: number, last: number];
  /** Where a symbol of the kernel was, in hexadecimal, if the trace says so. */
  readonly reference?: { readonly symbol: string; readonly address: string };
}

/** A shape as the dictionary of column `shape` has it: an object as JSON, without what the event does not have. */
export function shapeText({ type, ...rest }: EventShape): string {
  const fields = Object.entries(rest).filter(([, value]) => value !== '' && value !== 0 && value !== false);
  return JSON.stringify({ type: eventTypeName(type), ...Object.fromEntries(fields) });
}

/** The shape of such a text; undefined if it is none. */
export function shapeOf(text: string): EventShape | undefined {
  const fields = objectOf(text);
  const type = EVENT_TYPES.findIndex((name) => name === fields?.['type']);
  if (fields === undefined || type < 0) return undefined;
  const { copy: _, type: __, ...rest } = fields;
  if (!hasTypesOf(rest, NO_FIELDS)) return undefined;
  const shape = { type, ...NO_FIELDS, ...rest };
  const sizes = [shape.bytesReq, shape.bytesAlloc, shape.areaBytes, shape.areaAlign];
  const isSound = !isImpossibleOrder(shape.order) && sizes.every((size) => size >= 0 && size <= MAX_BYTES);
  return isSound ? shape : undefined;
}

export function originText({ softirq, hardirq, ...rest }: EventOrigin): string {
  return JSON.stringify({ ...rest, ...(softirq ? { softirq } : {}), ...(hardirq ? { hardirq } : {}) });
}

const NO_ORIGIN: EventOrigin = { comm: '', pid: 0, cpu: 0, softirq: false, hardirq: false };

export function originOf(text: string): EventOrigin | undefined {
  const fields = objectOf(text);
  if (fields === undefined) return undefined;
  const { copy: _, ...rest } = fields;
  if (!hasTypesOf(rest, NO_ORIGIN)) return undefined;
  const origin = { ...NO_ORIGIN, ...rest };
  return origin.pid >= 0 && origin.cpu >= 0 ? origin : undefined;
}

/** Frames, innermost first, as a JSON list. */
export const stackText = (frames: readonly string[]): string => JSON.stringify(frames);

export function framesOf(text: string): readonly string[] | undefined {
  const list = parsed(text);
  return Array.isArray(list) && list.every((frame) => typeof frame === 'string') ? list : undefined;
}

/** Texts that are told apart: programs that read dictionaries want them to be. Equal ones are numbered. */
export function distinct(texts: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return texts.map((text) => {
    const copies = seen.get(text) ?? 0;
    seen.set(text, copies + 1);
    if (copies === 0) return text;
    // Blanks in a list mean nothing; an object has a key for it.
    return text.startsWith('[') ? `${text}${' '.repeat(copies)}` : `${text.slice(0, -1)},"copy":${copies}}`;
  });
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function objectOf(text: string): { readonly [key: string]: unknown } | undefined {
  const value = parsed(text);
  return isObject(value) ? value : undefined;
}

/** Whether an object has no keys but those of a pattern, each of the same type; numbers must be whole. */
export function hasTypesOf<Pattern extends object>(
  value: { readonly [key: string]: unknown },
  pattern: Pattern,
): value is Partial<Pattern> & { readonly [key: string]: unknown } {
  const expected: ReadonlyMap<string, unknown> = new Map(Object.entries(pattern));
  return Object.entries(value).every(
    ([key, part]) =>
      typeof part === typeof expected.get(key) && (typeof part !== 'number' || Number.isSafeInteger(part)),
  );
}
