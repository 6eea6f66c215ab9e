import { noLosses, type LossSample, type ReadLosses } from '../../trace/losses.ts';
import { UNKNOWN_RECORDING, type Recording } from '../../trace/recording.ts';
import { FILE_SCHEMA, FILE_VERSION, hasTypesOf, isObject, parsed, type FileMetadata } from './columns.ts';

/** Reads the metadata of a file; what is wrong with it, in words, if it cannot be used. */
export function fileMetadata(text: string): FileMetadata | string {
  const value = parsed(text);
  if (!isObject(value) || value['schema'] !== FILE_SCHEMA) return 'metadata of something else';
  const { version, source, baseSeconds, byType, losses, recording, reference, span } = value;
  if (version !== FILE_VERSION)
    return `version ${JSON.stringify(version)} of the file, where ${FILE_VERSION} can be read`;
  if (typeof baseSeconds !== 'number' || !Number.isSafeInteger(baseSeconds)) return 'no base of the times';
  const read = {
    source: sourceOf(source),
    byType: countsOf(byType),
    losses: lossesOf(losses),
    recording: recordingOf(recording),
  };
  if (read.source === undefined) return 'no source';
  if (read.byType === undefined) return 'no counts of events';
  if (read.losses === undefined) return 'no losses';
  if (read.recording === undefined) return 'nothing of the recording';
  const place = reference === undefined ? {} : referenceOf(reference);
  if (place === undefined) return 'no place of the kernel';
  return {
    ...place,
    ...spanOf(span),
    schema: FILE_SCHEMA,
    version: FILE_VERSION,
    baseSeconds,
    source: read.source,
    byType: read.byType,
    losses: read.losses,
    recording: read.recording,
  };
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function sourceOf(value: unknown): FileMetadata['source'] | undefined {
  if (!isObject(value)) return undefined;
  const { files, format, bytes } = value;
  if (!Array.isArray(files) || !files.every(isText) || !isText(format) || !isCount(bytes)) return undefined;
  return { files, format, bytes };
}

function countsOf(value: unknown): FileMetadata['byType'] | undefined {
  if (!Array.isArray(value)) return undefined;
  const counts: (readonly [string, number])[] = [];
  for (const entry of value) {
    if (!Array.isArray(entry)) return undefined;
    const [name, count]: unknown[] = entry;
    if (!isText(name) || !isCount(count) || count === 0) return undefined;
    counts.push([name, count]);
  }
  return new Map(counts).size === counts.length ? counts : undefined;
}

function lossesOf(value: unknown): ReadLosses | undefined {
  if (!isObject(value)) return undefined;
  const { samples, ...counts } = value;
  const { samples: _, ...none } = noLosses();
  if (!hasTypesOf(counts, none) || !Object.values(counts).every(isCount)) return undefined;
  if (!Array.isArray(samples) || !samples.every(isSample)) return undefined;
  return { ...noLosses(), ...counts, samples };
}

const NO_SAMPLE: LossSample = { line: 0, offset: 0, expected: '', found: '' };

const isSample = (value: unknown): value is LossSample =>
  isObject(value) && Object.keys(NO_SAMPLE).every((key) => key in value) && hasTypesOf(value, NO_SAMPLE);

function recordingOf(value: unknown): Recording | undefined {
  if (!isObject(value)) return undefined;
  // Files of older versions have no warnings.
  const { notes, warnings = [], ...rest } = value;
  const { notes: _, warnings: __, ...unknown } = UNKNOWN_RECORDING;
  if (!hasTypesOf(rest, unknown) || !Array.isArray(notes) || !notes.every(isText)) return undefined;
  if (!Array.isArray(warnings) || !warnings.every(isText)) return undefined;
  return {
    ...UNKNOWN_RECORDING,
    ...rest,
    timeUnit: rest.timeUnit === 'ticks' ? 'ticks' : 'nanoseconds',
    notes,
    warnings,
  };
}

function spanOf(value: unknown): Pick<FileMetadata, 'span'> {
  if (!Array.isArray(value)) return {};
  const [first, last]: unknown[] = value;
  const isTime = (time: unknown): time is number => typeof time === 'number' && Number.isFinite(time);
  return isTime(first) && isTime(last) && first <= last ? { span: [first, last] } : {};
}

function referenceOf(value: unknown): Pick<FileMetadata, 'reference'> | undefined {
  if (!isObject(value)) return undefined;
  const { symbol, address } = value;
  return isText(symbol) && isText(address) && /^[0-9a-f]{1,16}$/.test(address)
    ? { reference: { symbol, address } }
    : undefined;
}
