import { parse } from 'protobufjs';

/** The fields of pprof's proto/profile.proto that a reader needs, by their numbers there. */
const { root } = parse(`
  syntax = "proto3";
  package perftools.profiles;
  message Profile {
    repeated ValueType sample_type = 1;
    repeated Sample sample = 2;
    repeated Mapping mapping = 3;
    repeated Location location = 4;
    repeated Function function = 5;
    repeated string string_table = 6;
    int64 duration_nanos = 10;
    repeated int64 comment = 13;
    int64 default_sample_type = 14;
  }
  message ValueType { int64 type = 1; int64 unit = 2; }
  message Sample { repeated uint64 location_id = 1; repeated int64 value = 2; repeated Label label = 3; }
  message Label { int64 key = 1; int64 str = 2; }
  message Mapping { uint64 id = 1; int64 filename = 5; bool has_functions = 7; }
  message Location { uint64 id = 1; uint64 mapping_id = 2; repeated Line line = 4; }
  message Line { uint64 function_id = 1; }
  message Function { uint64 id = 1; int64 name = 2; int64 system_name = 3; }
`);

/** A profile, with its strings in place of their numbers. */
export interface ReadProfile {
  readonly types: readonly string[];
  readonly shown: string;
  readonly comments: readonly string[];
  readonly seconds: number;
  readonly samples: readonly {
    /** Outermost first. */
    readonly frames: readonly string[];
    readonly values: readonly number[];
    readonly labels: Readonly<Record<string, string>>;
  }[];
}

interface Decoded {
  readonly sampleType: readonly { type: number; unit: number }[];
  readonly sample: readonly {
    locationId: readonly number[];
    value: readonly number[];
    label: readonly { key: number; str: number }[];
  }[];
  readonly location: readonly { id: number; mappingId: number; line: readonly { functionId: number }[] }[];
  readonly function: readonly { id: number; name: number }[];
  readonly mapping: readonly { id: number; hasFunctions: boolean }[];
  readonly stringTable: readonly string[];
  readonly durationNanos: number;
  readonly comment: readonly number[];
  readonly defaultSampleType: number;
}

/** Reads a profile with protobufjs, and follows its references as pprof does. */
export function readPprof(bytes: Uint8Array): ReadProfile {
  const type = root.lookupType('perftools.profiles.Profile');
  const profile: Decoded = JSON.parse(
    JSON.stringify(type.toObject(type.decode(bytes), { longs: Number, arrays: true, defaults: true })),
  );
  const { stringTable: strings } = profile;
  if (strings[0] !== '') throw new Error('string_table[0] must be empty');
  const functions = new Map(profile.function.map(({ id, name }) => [id, strings[name]]));
  const mapped = new Set(profile.mapping.filter(({ hasFunctions }) => hasFunctions).map(({ id }) => id));
  const locations = new Map(
    profile.location.map(({ id, mappingId, line }) => {
      if (!mapped.has(mappingId)) throw new Error(`location ${id} is in no mapping`);
      return [id, functions.get(line[0].functionId)];
    }),
  );
  return {
    types: profile.sampleType.map(({ type: name, unit }) => `${strings[name]}/${strings[unit]}`),
    shown: strings[profile.defaultSampleType],
    comments: profile.comment.map((index) => strings[index]),
    seconds: profile.durationNanos / 1e9,
    samples: profile.sample.map(({ locationId, value, label }) => ({
      frames: locationId
        .map((id) => {
          const name = locations.get(id);
          if (name === undefined) throw new Error(`no location ${id}`);
          return name;
        })
        .toReversed(),
      values: value,
      labels: Object.fromEntries(label.map(({ key, str }) => [strings[key], strings[str]])),
    })),
  };
}
