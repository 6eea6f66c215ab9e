/**
 * The parts of the processed profile format that a reader follows, version 58.
 *
 * Source: src/types/profile.ts of github.com/firefox-devtools/profiler
 */
export interface FirefoxProfile {
  readonly meta: {
    readonly preprocessedProfileVersion: number;
    readonly categories: readonly { name: string; color: string; subcategories: readonly string[] }[];
  };
  readonly shared: { readonly stringArray: readonly string[] };
  readonly threads: readonly Thread[];
}

interface Thread {
  readonly name: string;
  readonly processName: string;
  readonly pid: string;
  readonly tid: number;
  readonly samples: Columns<{ stack: number; time: number; weight: number }> & { readonly weightType: string };
  readonly markers: Columns<{ data: unknown; name: number; startTime: number; phase: number; category: number }>;
  readonly stackTable: Columns<{ frame: number; prefix: number | null }>;
  readonly frameTable: Columns<{ func: number; category: number; address: number }>;
  readonly funcTable: Columns<{ name: number; resource: number }>;
}

/** A table: columns of one length. */
type Columns<Row> = { readonly [Name in keyof Row]: readonly Row[Name][] } & { readonly length: number };

export interface ReadThread {
  readonly name: string;
  readonly samples: readonly { frames: readonly string[]; category: string; weight: number }[];
}

/** Reads a profile as the profiler does: sample, stack, frame, function, string. Columns that do not fit are an error. */
export function readFirefox({ threads, shared, meta }: FirefoxProfile): readonly ReadThread[] {
  return threads.map((thread) => {
    for (const table of [thread.samples, thread.markers, thread.stackTable, thread.frameTable, thread.funcTable]) {
      for (const [name, column] of Object.entries(table))
        if (Array.isArray(column) && column.length !== table.length) throw new Error(`column ${name} does not fit`);
    }
    const { stackTable, frameTable, funcTable, samples } = thread;
    const framesOf = (stack: number | null): string[] => {
      if (stack === null) return [];
      const name = shared.stringArray[funcTable.name[frameTable.func[stackTable.frame[stack]]]];
      return [...framesOf(stackTable.prefix[stack]), name];
    };
    return {
      name: thread.name,
      samples: samples.stack.map((stack, index) => ({
        frames: framesOf(stack),
        category: meta.categories[frameTable.category[stackTable.frame[stack]]].name,
        weight: samples.weight[index],
      })),
    };
  });
}
