/** Something that must take any input: to be fuzzed, a reader (or what comes after one) says how it is fed. */
export interface FuzzTarget {
  readonly name: string;
  /** Inputs that are mutated: small, valid, together showing all of the format. */
  readonly corpus: readonly Uint8Array[];
  /** Whether the format says at which offsets things are: then most mutations leave them there. */
  readonly hasOffsets?: boolean;
  /** Inputs that `npm test` gives; 300 if it is not said. Fewer for a target that does much with each. */
  readonly shortRuns?: number;
  /**
   * Takes one input, given in chunks. Returning and throwing an `InputError` or `UsageError` are right; anything else
   * that is thrown is a bug. May check its own result, and throw an `Error` if it is wrong.
   */
  run(chunks: Iterable<Uint8Array>, whole: Uint8Array): void | Promise<void>;
}
