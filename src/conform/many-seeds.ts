import { wilson, type Share } from '../base/share.ts';
import type { Steps } from '../base/steps.ts';
import { conform, type ConformOptions } from './conform.ts';
import type { CaseResult, Outcome } from './harness.ts';
import { kasanSuite } from './suite.ts';

/** How a case went over many seeds. */
export interface CaseOverSeeds {
  readonly name: string;
  /** The outcome where chance has no part in it; undefined where it does. */
  readonly always: Outcome | undefined;
  readonly failed: Share;
  /** What share fails by the rules: the mean over the seeds of how likely a tag was to be the pointer's own. */
  readonly predicted: number;
  /** Whether failures agree with the prediction: within four standard deviations. */
  readonly agrees: boolean;
}

/** The suite over many seeds, as `--json` prints it. */
export interface SeedsResult {
  readonly schema: 'tagscope.conform-seeds';
  readonly version: 1;
  readonly command: string;
  readonly seeds: { readonly first: number; readonly count: number };
  readonly cases: readonly CaseOverSeeds[];
}

/** How far the number of failures may be from the predicted one, in standard deviations. */
const TOLERANCE = 4;

/** What is kept of a case: reports of thousands of runs would fill memory. */
type Ended = Pick<CaseResult, 'outcome' | 'missProbability'>;

/** Sums up one case. A case that no chance explains, and that does not always go the same way, does not agree. */
function overSeeds(name: string, results: readonly Ended[]): CaseOverSeeds {
  const [first] = results;
  const same = results.every(({ outcome }) => outcome === first.outcome);
  const failures = results.filter(({ outcome }) => outcome === 'fail').length;
  const expected = results.reduce((sum, { missProbability }) => sum + missProbability, 0);
  const variance = results.reduce((sum, { missProbability: miss }) => sum + miss * (1 - miss), 0);
  const isChance = expected > 0 && !(same && first.outcome === 'fail');
  return {
    name,
    always: isChance ? undefined : same ? first.outcome : undefined,
    failed: wilson(failures, results.length),
    predicted: isChance ? expected / results.length : same && first.outcome === 'fail' ? 1 : 0,
    agrees: isChance ? Math.abs(failures - expected) <= TOLERANCE * Math.sqrt(variance) + 1 : same,
  };
}

/** Runs the suite with one seed after the other: a step for each. */
export function* conformOverSeeds(options: ConformOptions, count: number): Steps<CaseOverSeeds[]> {
  const runs: (readonly Ended[])[] = [];
  for (let index = 0; index < count; index++) {
    const { cases } = conform({ ...options, seed: options.seed + index });
    runs.push(cases.map(({ outcome, missProbability }) => ({ outcome, missProbability })));
    yield;
  }
  return kasanSuite(options.config.version).map(({ name }, index) =>
    overSeeds(
      name,
      runs.flatMap((run) => (run[index] === undefined ? [] : [run[index]])),
    ),
  );
}
