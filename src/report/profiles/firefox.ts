import { ALLOCATION_CLASSES, type AllocationClass } from '../../base/allocation-class.ts';
import { StringInterner } from '../../base/string-interner.ts';
import { MEASURES, wholeValues, type Measure } from '../stacks/measures.ts';
import type { WeightedStacks } from '../stacks/weighted-stacks.ts';

/**
 * The version of the processed profile format that is written. The Firefox Profiler reads this one and upgrades it to its
 * own whenever it opens a file.
 *
 * Source: docs-developer/CHANGELOG-formats.md and src/types/profile.ts of github.com/firefox-devtools/profiler
 */
export const PROCESSED_PROFILE_VERSION = 58;
/** The version of Gecko's own format of the same time; it must be there. */
const GECKO_PROFILE_VERSION = 31;

/** What a profile says of itself beside its stacks. */
export interface FirefoxNotes {
  readonly title: string;
  readonly version: string;
  /** The command line that gives the result again. */
  readonly command: string;
  /** What the profile does not cover, each in a few words. */
  readonly losses: readonly string[];
}

/** Colours are of the profiler's own list; what is alike in the kernel is alike here. Grey must be the default. */
const COLORS: { readonly [Class in AllocationClass]: string } = {
  'kernel-stack': 'orange',
  'shadow-call-stack': 'orange',
  'page-table': 'red',
  'slab-page': 'lightblue',
  'slab-object': 'blue',
  'kmalloc-large': 'purple',
  vmalloc: 'magenta',
  'mmu-gather': 'yellow',
  'user-anon': 'green',
  'user-file': 'green',
  pipe: 'brown',
  'socket-buffer': 'brown',
  percpu: 'lightred',
  'driver/other': 'darkgrey',
  unknown: 'grey',
};

/** What the profiler calls a unit, and how many of ours are one of it: it knows times in milliseconds. */
const WEIGHT: { readonly [Unit in Measure['unit']]: { readonly type: string; readonly unit: number } } = {
  count: { type: 'samples', unit: 1 },
  bytes: { type: 'bytes', unit: 1 },
  nanoseconds: { type: 'tracing-ms', unit: 1e6 },
};

/**
 * Stacks for the Firefox Profiler: a process for each result, in it a thread for each measure that is not all zero; the
 * category of a function is its allocation class. Samples have no time: they stand one after another, a millisecond
 * each, and weigh what they weigh. Losses are markers.
 */
export function firefoxProfile(all: readonly WeightedStacks[], notes: FirefoxNotes): unknown {
  const strings = new StringInterner();
  const threads = all.flatMap((stacks, process) =>
    MEASURES.map((measure) => ({
      measure,
      values: wholeValues(
        stacks.rows.map(({ work }) => work),
        measure,
      ),
    }))
      .filter(({ values }) => values.some((value) => value > 0))
      .map((weights, index) => threadOf(stacks, weights, { process, index, losses: notes.losses, strings })),
  );
  return {
    meta: {
      version: GECKO_PROFILE_VERSION,
      preprocessedProfileVersion: PROCESSED_PROFILE_VERSION,
      interval: 1,
      startTime: 0,
      processType: 0,
      product: notes.title,
      importedFrom: `tagscope ${notes.version}`,
      arguments: notes.command,
      stackwalk: 1,
      debug: false,
      symbolicated: true,
      symbolicationNotSupported: true,
      usesOnlyOneStackType: true,
      sourceCodeIsNotOnSearchfox: true,
      keepProfileThreadOrder: true,
      initialVisibleThreads: threads.map((_, index) => index),
      initialSelectedThreads: [0],
      categories: ALLOCATION_CLASSES.map((name) => ({ name, color: COLORS[name], subcategories: ['Other'] })),
      markerSchema: [
        {
          name: 'Loss',
          tooltipLabel: 'Not covered',
          tableLabel: '{marker.data.loss}',
          display: ['marker-chart', 'marker-table', 'timeline-overview'],
          fields: [{ key: 'loss', label: 'What is not covered', format: 'string' }],
        },
      ],
    },
    libs: [],
    pages: [],
    counters: [],
    shared: { stringArray: strings.texts, sources: { length: 0, uuid: [], filename: [] } },
    threads,
  };
}

/** What the stacks weigh by one measure. */
interface Weights {
  readonly measure: Measure;
  readonly values: readonly number[];
}

interface ThreadPlace {
  readonly process: number;
  readonly index: number;
  readonly losses: readonly string[];
  readonly strings: StringInterner;
}

function threadOf(
  stacks: WeightedStacks,
  { measure, values }: Weights,
  { process, index, losses, strings }: ThreadPlace,
): unknown {
  const functions = new StringInterner();
  const frames: { readonly func: number; readonly category: number }[] = [];
  const frameIds = new StringInterner();
  const stackRows: { readonly frame: number; readonly prefix: number | null }[] = [];
  const stackIds = new StringInterner();
  const frameOf = (name: string, category: number): number => {
    const func = functions.intern(name);
    const id = frameIds.intern(`${func} ${category}`);
    if (id === frames.length) frames.push({ func, category });
    return id;
  };
  const stackOf = (frame: number, prefix: number | null): number => {
    const id = stackIds.intern(`${frame} ${prefix}`);
    if (id === stackRows.length) stackRows.push({ frame, prefix });
    return id;
  };
  const samples = stacks.rows
    .map((row, at) => ({ row, value: values[at] }))
    .filter(({ value }) => value > 0)
    .map(({ row, value }) => {
      const category = ALLOCATION_CLASSES.indexOf(row.class);
      const stack = row.frames.reduce<number | null>((prefix, name) => stackOf(frameOf(name, category), prefix), null);
      return { stack, weight: value / WEIGHT[measure.unit].unit };
    });
  const names = functions.texts;
  const empty = <Value>(length: number, value: Value): Value[] => Array.from({ length }, () => value);
  return {
    processType: 'default',
    processName: stacks.name,
    processStartupTime: 0,
    processShutdownTime: null,
    registerTime: 0,
    unregisterTime: null,
    pausedRanges: [],
    name: measure.name,
    isMainThread: index === 0,
    pid: String(process),
    tid: process * MEASURES.length + index,
    samples: {
      stack: samples.map(({ stack }) => stack),
      time: samples.map((_, at) => at),
      weight: samples.map(({ weight }) => weight),
      weightType: WEIGHT[measure.unit].type,
      length: samples.length,
    },
    markers: {
      data: losses.map((loss) => ({ type: 'Loss', loss })),
      name: losses.map(() => strings.intern('Loss')),
      startTime: empty(losses.length, 0),
      endTime: empty(losses.length, null),
      // An instant, as src/types/gecko-profile.ts of the profiler numbers phases.
      phase: empty(losses.length, 0),
      category: empty(losses.length, ALLOCATION_CLASSES.indexOf('unknown')),
      length: losses.length,
    },
    stackTable: {
      frame: stackRows.map(({ frame }) => frame),
      prefix: stackRows.map(({ prefix }) => prefix),
      length: stackRows.length,
    },
    frameTable: {
      address: empty(frames.length, -1),
      inlineDepth: empty(frames.length, 0),
      category: frames.map(({ category }) => category),
      subcategory: empty(frames.length, 0),
      func: frames.map(({ func }) => func),
      nativeSymbol: empty(frames.length, null),
      innerWindowID: empty(frames.length, null),
      line: empty(frames.length, null),
      column: empty(frames.length, null),
      length: frames.length,
    },
    funcTable: {
      name: names.map((name) => strings.intern(name)),
      isJS: empty(names.length, false),
      relevantForJS: empty(names.length, false),
      resource: empty(names.length, -1),
      source: empty(names.length, null),
      lineNumber: empty(names.length, null),
      columnNumber: empty(names.length, null),
      length: names.length,
    },
    resourceTable: { lib: [], name: [], host: [], type: [], length: 0 },
    nativeSymbols: { libIndex: [], address: [], name: [], functionSize: [], length: 0 },
  };
}
