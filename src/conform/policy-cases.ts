import { mayBe, wilson, type Share } from '../base/share.ts';
import type { Steps } from '../base/steps.ts';
import type { ConformOptions } from './conform.ts';
import type { KunitCase } from './kunit-case.ts';
import { runSuite, type CaseResult, type Outcome, type UnnoticedStep } from './harness.ts';
import { kasanSuite } from './suite.ts';
import { TestKernel, type TestKernelOptions } from './test-kernel.ts';

/** What a policy makes of a kernel under test. */
export type PolicyOfKernel = Required<Pick<TestKernelOptions, 'sites' | 'changes'>>;

/** How a case goes under a policy, beside how it goes as the kernel is. */
export type CaseChange =
  | 'same'
  /** It passed, or failed by chance, and fails always. */
  | 'fails'
  /** Chance decides now, or does so more often. */
  | 'fails by chance'
  /** It failed, and passes. */
  | 'passes'
  /** It fails less often. */
  | 'fails less often';

/** Whether a case detects less than it did. */
export const isWorse = (change: CaseChange): boolean => change === 'fails' || change === 'fails by chance';

/** A case of the suite under a policy. */
export interface PolicyCase {
  readonly name: string;
  readonly skipped: boolean;
  /** Failures over the seeds, as the kernel is and under the policy. */
  readonly own: Share;
  readonly under: Share;
  readonly change: CaseChange;
  /** Steps that KASAN does not notice under the policy, each with the commonest reason; empty where nothing changes. */
  readonly unnoticed: readonly CountedStep[];
}

/** The suite under a policy, as `--json` prints it. */
export interface PolicyCases {
  readonly schema: 'tagscope.conform-policy';
  readonly version: 1;
  readonly command: string;
  readonly policy: string;
  readonly kasan: ConformOptions['config']['build'];
  readonly bootMessage: string | undefined;
  readonly cpu: string;
  readonly seeds: { readonly first: number; readonly count: number };
  readonly cases: readonly PolicyCase[];
  readonly changed: number;
}

/** What is kept of a run of a case: reports of thousands of runs would fill memory. */
interface Tally {
  readonly outcomes: { [Key in Outcome]: number };
  /** How often chance hides what the case is about, by the rules: the sum over the runs. */
  expected: number;
  /** By step and reason. */
  readonly unnoticed: Map<string, CountedStep>;
}

type CountedStep = UnnoticedStep & { readonly count: number };

const newTally = (): Tally => ({ outcomes: { pass: 0, fail: 0, skip: 0 }, expected: 0, unnoticed: new Map() });

/** Runs the suite as the kernel is and under a policy, with one seed after the other: a step for each. */
export function* conformUnderPolicy(
  options: ConformOptions,
  policy: PolicyOfKernel,
  count: number,
): Steps<PolicyCase[]> {
  const suite = kasanSuite(options.config.version);
  const own = suite.map(newTally);
  const under = suite.map(newTally);
  for (let index = 0; index < count; index++) {
    const seed = options.seed + index;
    runCases(suite, { ...options, seed }, own);
    runCases(suite, { ...options, ...policy, seed }, under);
    yield;
  }
  return suite.map(({ name }, index) => policyCase(name, own[index], under[index], count));
}

/** One after the other, as KUnit does; what a bug leaves behind that nobody noticed must not be charged to the next case. */
function runCases(suite: readonly KunitCase[], of: TestKernelOptions, tallies: readonly Tally[]): void {
  // Stacks are for the text of reports, which nobody reads here.
  const { config } = of;
  const options = { ...of, config: { ...config, detection: { ...config.detection, stacktrace: false } } };
  let kernel = new TestKernel(options);
  for (const [index, kunitCase] of suite.entries()) {
    const [result] = runSuite([kunitCase], kernel).cases;
    note(tallies[index], result);
    if (result.unnoticed.length > 0) kernel = new TestKernel({ ...options, seed: options.seed ^ (index + 1) });
  }
}

function note(tally: Tally, { outcome, missProbability, unnoticed }: CaseResult): void {
  tally.outcomes[outcome]++;
  tally.expected += missProbability;
  for (const { step, because } of unnoticed) {
    const key = `${because} ${step}`;
    tally.unnoticed.set(key, { step, because, count: (tally.unnoticed.get(key)?.count ?? 0) + 1 });
  }
}

function policyCase(name: string, own: Tally, under: Tally, count: number): PolicyCase {
  const [before, after] = [wilson(own.outcomes.fail, count), wilson(under.outcomes.fail, count)];
  const change = changeOf(before, after, own.expected / count);
  return {
    name,
    skipped: own.outcomes.skip === count,
    own: before,
    under: after,
    change,
    unnoticed: change === 'same' ? [] : stepsOf(under),
  };
}

/** @param chance how often the case fails by chance as the kernel is, by the rules; 0 where it has no part in it */
function changeOf(own: Share, under: Share, chance: number): CaseChange {
  const isChance = chance > 0 && own.count < own.of;
  if (isChance ? mayBe(under.count, under.of, chance, chance) : own.count === under.count) return 'same';
  if (under.share > own.share) return under.count === under.of ? 'fails' : 'fails by chance';
  return under.count === 0 ? 'passes' : 'fails less often';
}

/** The steps, each once, with the reason that came most often. */
function stepsOf({ unnoticed }: Tally): PolicyCase['unnoticed'] {
  const byStep = new Map<string, CountedStep>();
  for (const counted of unnoticed.values()) {
    const known = byStep.get(counted.step);
    if (known === undefined || known.count < counted.count) byStep.set(counted.step, counted);
  }
  return [...byStep.values()].toSorted((a, b) => b.count - a.count);
}
