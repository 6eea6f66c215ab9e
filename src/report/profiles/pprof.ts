import { Function, Location, Mapping, Profile, Sample, StringTable, ValueType } from 'pprof-format';
import { StringInterner } from '../../base/string-interner.ts';
import { MEASURES, wholeValues, type MeasureId } from '../stacks/measures.ts';
import type { WeightedStack, WeightedStacks } from '../stacks/weighted-stacks.ts';

/** What a profile says of itself beside its samples. */
export interface PprofNotes {
  /** How long the trace is; undefined where the result has no time. */
  readonly seconds?: number;
  /** Lines that `pprof -comments` prints. */
  readonly comments: readonly string[];
}

/** Marks samples of what is compared with, as `pprof -diff_base` does: pprof then shows changes, in percent of the base. */
const BASE_LABEL = { key: 'pprof::base', value: 'true' } as const;

/** The number of the only mapping. */
const KERNEL = 1;

/**
 * Stacks as a profile of pprof, not yet compressed: a sample type for each measure, and the class of each sample as the
 * label `class`. With a base, each of its samples is there with its values negated.
 *
 * @param shown the sample type that pprof shows first
 *
 * Source: proto/profile.proto of github.com/google/pprof; internal/driver/fetch.go for the label of a base
 */
export function pprofProfile(
  stacks: WeightedStacks,
  shown: MeasureId,
  notes: PprofNotes,
  base?: WeightedStacks,
): Uint8Array {
  const strings = new StringTable();
  const text = (value: string): number => strings.dedup(value);
  const names = new StringInterner();
  // A place in the code is a function here, so both have one id; 0 means none.
  const idOf = (name: string): number => names.intern(name) + 1;
  const samplesOf = (rows: readonly WeightedStack[], sign: 1 | -1): readonly Sample[] => {
    const values = MEASURES.map((measure) =>
      wholeValues(
        rows.map(({ work }) => work),
        measure,
      ),
    );
    return rows.map(({ class: name, frames }, row) =>
      Sample.create({
        locationId: frames.map(idOf).toReversed(),
        value: values.map((column) => int64(sign * column[row])),
        label: [
          { key: text('class'), str: text(name) },
          ...(sign < 0 ? [{ key: text(BASE_LABEL.key), str: text(BASE_LABEL.value) }] : []),
        ],
      }),
    );
  };
  const sample = [...samplesOf(base?.rows ?? [], -1), ...samplesOf(stacks.rows, 1)];
  const sampleType = MEASURES.map(({ id, unit }) => ValueType.create({ type: text(id), unit: text(unit) }));
  const profile = new Profile({
    sampleType,
    sample,
    // Says that all names are there: pprof would look for a program to take them from.
    mapping: [Mapping.create({ id: KERNEL, filename: text('[kernel.kallsyms]'), hasFunctions: true })],
    location: names.texts.map((_, index) =>
      Location.create({ id: index + 1, mappingId: KERNEL, line: [{ functionId: index + 1 }] }),
    ),
    function: names.texts.map((name, index) =>
      Function.create({ id: index + 1, name: text(name), systemName: text(name) }),
    ),
    ...(notes.seconds === undefined ? {} : { durationNanos: Math.round(notes.seconds * 1e9) }),
    comment: notes.comments.map(text),
    defaultSampleType: text(shown),
    stringTable: strings,
  });
  return profile.encode();
}

/** A whole number as the encoder wants it: negative ones as the 64 bits that stand for them. */
const int64 = (value: number): number | bigint => (value < 0 ? BigInt.asUintN(64, BigInt(value)) : value);
