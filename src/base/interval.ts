/** A figure that is not certain: the best estimate, and the interval that the truth lies in. */
export interface Interval {
  readonly low: number;
  readonly best: number;
  readonly high: number;
}

/** Work that left no event of its own, apart: how much is in the totals, and between which bounds it lies. */
export interface Estimate {
  readonly name:
    | 'unseenObjectFrees'
    | 'unseenObjectAllocations'
    | 'objectsFromBeforeTrace'
    | 'pagesFromBeforeTrace'
    | 'objectOffsets'
    | 'compaction';
  /** What it is and how it was estimated, for readers. */
  readonly description: string;
  readonly calls: Interval;
  readonly granules: Interval;
  /** Instructions that set tags. */
  readonly tagInstructions: Interval;
}
