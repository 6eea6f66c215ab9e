import type { Policy } from '../policy/policy.ts';

/** The policies that can be named without a file, or some that were named, as `policies --json` prints them. */
export interface PoliciesResult {
  readonly schema: 'tagscope.policies';
  readonly version: 1;
  /** The one that holds if none is named; only in the list of all. */
  readonly default?: string;
  /** Names by group; only in the list of all. */
  readonly groups?: readonly { readonly title: string; readonly policies: readonly string[] }[];
  /** Names that take numbers, such as `sample=N,order=K`; only in the list of all. */
  readonly parametric?: readonly string[];
  readonly policies: readonly Policy[];
}
