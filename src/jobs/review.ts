import type { AuditCell } from '../audit/audit.ts';
import { compareCells, isLoss } from '../audit/result.ts';
import { SUBJECTS } from '../audit/subject.ts';
import { ALLOCATION_CLASSES, type AllocationClass } from '../base/allocation-class.ts';
import { UsageError } from '../base/errors.ts';
import { conformUnderPolicy } from '../conform/policy-cases.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { cpuProfile, DEFAULT_CPU } from '../mte/cpu.ts';
import { builtInPolicy } from '../policy/named.ts';
import { kasanChanges, type Policy } from '../policy/policy.ts';
import { ask, withoutModel } from '../review/ask.ts';
import type { AuditedPolicy } from '../review/audited-policy.ts';
import { claimsOf, claimsOfText } from '../review/claims.ts';
import { isAboutTagging } from '../review/gate.ts';
import type { Base } from '../review/kernel-facts.ts';
import { policyOfSeries, type PolicyOfSeries } from '../review/policy-of-series.ts';
import type { Question } from '../review/question.ts';
import { remarksOf } from '../review/remarks.ts';
import {
  REVIEW_SCHEMA,
  REVIEW_VERSION,
  type ReviewedComparison,
  type ReviewedCover,
  type ReviewedPatch,
  type ReviewResult,
  type VersionHistory,
} from '../review/result.ts';
import type { Surroundings } from '../review/rule.ts';
import { understand, type KernelTree, type Understood } from '../review/understood.ts';
import { applySeries } from '../series/apply-series.ts';
import { compareVersions, type ComparedPatch } from '../series/compare-versions.ts';
import { pathOf } from '../series/file-diff.ts';
import { netChanges } from '../series/net-changes.ts';
import { newestOf, type Cover, type Patch, type Series, type SeriesVersion } from '../series/series.ts';
import { auditHere, auditTogether } from './audit-tasks.ts';
import { watched, type Monitor } from './monitor.ts';
import { judgeReports, type ExplainedFile } from './review-reports.ts';
import { policySites } from '../workload/policy-sites.ts';
import { predictOnModel, predictOnTrace, type PredictedTrace, type PolicyWords } from './review-predictions.ts';

/** A series and what it is reviewed with, opened. */
export interface ReviewInputs {
  readonly series: Series;
  /** A kernel tree, or a part of it, before the series. */
  readonly tree?: KernelTree | undefined;
  /** Traces to predict the effect on. */
  readonly traces: readonly PredictedTrace[];
  /** Real reports to judge the policy by. */
  readonly explained?: ExplainedFile | undefined;
}

export interface ReviewSettings {
  /** The kernel that the series is for, where its diffs do not tell. */
  readonly base: Base | undefined;
  /** Trials of each kind of bug in the audits. */
  readonly trials: number;
  readonly seed: number;
  /** How the command line of the reproducing commands names the series. */
  readonly seriesWords: string;
  /** Names of files as a shell takes them. */
  quote(files: readonly string[]): string;
  /** How they name the policy that follows from it, if it is no built-in one. */
  readonly policyFile: string;
  /** The command line that gives this result again. */
  readonly command: string;
  /** The command line that judges a text by the facts of the same series. */
  claimCommand(text: string): string;
  /** Version of tagscope. */
  readonly version: string;
  /** A text to check as if it were of the series: its claims are judged by the same facts, and stand alone. */
  readonly claim?: string | undefined;
}

/** Reads what a version does, up to one of its patches. */
const understander =
  (version: SeriesVersion, { tree }: Pick<ReviewInputs, 'tree'>, { base }: Pick<ReviewSettings, 'base'>) =>
  (patch: number): Understood => {
    const patches = version.patches.filter(({ number }) => number <= patch);
    return understand({ ...version, patches }, applySeries(patches, tree), { base, tree });
  };

const lastPatch = ({ patches }: SeriesVersion): number => patches.at(-1)?.number ?? 0;

/**
 * Reviews the newest version of a series: the policy that it amounts to, its predicted effect, its claims, and what a reviewer
 * would ask.
 */
export async function review(inputs: ReviewInputs, settings: ReviewSettings, monitor: Monitor): Promise<ReviewResult> {
  const version = newestOf(inputs.series);
  const upTo = understander(version, inputs, settings);
  const understood = upTo(lastPatch(version));
  const aboutTagging = version.patches.some(isAboutTagging);
  const empty = {
    policy: null,
    predictions: [],
    reports: null,
    audit: null,
    questions: [],
    claims: [],
    remarks: [],
    history: [],
    newQuestions: [],
  };
  const found = aboutTagging ? await judge(understood, upTo, { inputs, settings, monitor }) : empty;
  return {
    schema: REVIEW_SCHEMA,
    version: REVIEW_VERSION,
    aboutTagging,
    series: {
      title: version.title,
      version: version.version,
      patches: version.patches.map(reviewedPatch),
      cover: version.cover === undefined ? null : reviewedCover(version.cover),
      changes: netChanges(understood.applied) ?? null,
    },
    kernel: {
      base: understood.base,
      baseFrom: understood.baseIsShown ? 'the diffs' : settings.base === undefined ? 'assumed' : 'given',
      facts: inputs.tree === undefined ? 'Linux 7.3' : 'tree',
    },
    ...found,
    problems: [...inputs.series.problems, ...understood.applied.problems],
    provenance: { command: settings.command, tagscope: settings.version },
  };
}

const reviewedPatch = (patch: Patch): ReviewedPatch => ({
  number: patch.number,
  subject: patch.subject,
  author: patch.author.name,
  messageId: patch.head.messageId ?? null,
  date: patch.head.date ?? null,
  message: patch.message,
  trailers: patch.trailers,
  notes: patch.notes,
  aboutTagging: isAboutTagging(patch),
  files: patch.files.map(pathOf),
  diffs: patch.files,
  replies: patch.replies,
});

const reviewedCover = ({ title, head, text, replies }: Cover): ReviewedCover => ({
  title,
  author: head.from.name,
  messageId: head.messageId ?? null,
  date: head.date ?? null,
  text,
  replies,
});

interface Judging {
  readonly inputs: ReviewInputs;
  readonly settings: ReviewSettings;
  readonly monitor: Monitor;
}

type Judged = Pick<
  ReviewResult,
  'policy' | 'predictions' | 'reports' | 'audit' | 'questions' | 'claims' | 'remarks' | 'history' | 'newQuestions'
>;

async function judge(understood: Understood, upTo: (patch: number) => Understood, judging: Judging): Promise<Judged> {
  const { inputs, settings, monitor } = judging;
  const derived = policyOfSeries(understood);
  const base = baseOf(derived);
  const changes = derived.policy.name !== base.name;
  const words = commandWords(derived, settings);
  const audited = changes ? await auditPolicy(base, { derived, understood, words }, judging) : undefined;
  const reports =
    inputs.explained === undefined ? undefined : judgeReports(inputs.explained, base, derived.policy, words);
  const surroundings: Surroundings = { audited, reports, upTo };
  const questions = ask(understood, surroundings);
  const earlier = inputs.series.versions.slice(0, -1).toReversed();
  const history = earlier.map((version) => historyOf(version, understood.version, questions, judging));
  const [previous] = earlier;
  const raisedBefore = new Set(history.flatMap(({ open, settled }) => [...open, ...settled]));
  return {
    policy: {
      name: derived.policy.name,
      isBuiltIn: derived.isBuiltIn,
      base: base.name,
      notUnderstood: derived.notUnderstood,
      rules: derived.policy,
    },
    predictions: changes
      ? [
          ...(await predictOnModel(base, derived.policy, words, monitor)),
          ...inputs.traces.map((trace) => predictOnTrace(trace, base, derived.policy, words)),
        ]
      : [],
    reports: reports ?? null,
    audit: audited ?? null,
    questions,
    claims: (settings.claim === undefined
      ? claimsOf(understood, surroundings)
      : claimsOfText(settings.claim, understood, surroundings)
    ).map((claim) => ({ ...claim, reproduce: claim.reproduce ?? settings.claimCommand(claim.text) })),
    remarks: remarksOf(
      understood,
      previous === undefined ? undefined : understander(previous, inputs, settings)(lastPatch(previous)),
    ),
    history,
    newQuestions: history.length === 0 ? [] : questions.map(({ id }) => id).filter((id) => !raisedBefore.has(id)),
  };
}

/** The kernel before the series, as a policy. */
function baseOf({ base }: PolicyOfSeries): Policy {
  const policy = builtInPolicy(base);
  if (policy === undefined) throw new UsageError(`no policy ${base}`, 'It is a built-in one.');
  return policy;
}

/** A built-in policy is named by its name, another one by a file that the first command writes. */
function commandWords(derived: PolicyOfSeries, { seriesWords, policyFile, quote }: ReviewSettings): PolicyWords {
  if (derived.isBuiltIn) return { from: derived.base, to: derived.policy.name, first: '', quote };
  return {
    from: derived.base,
    to: policyFile,
    first: `tagscope review ${seriesWords} --policy-out ${policyFile} --force -q > /dev/null && `,
    quote,
  };
}

async function auditPolicy(
  from: Policy,
  {
    derived: { policy: to },
    understood,
    words,
  }: { readonly derived: PolicyOfSeries; readonly understood: Understood; readonly words: PolicyWords },
  { settings: { trials, seed }, monitor }: Judging,
): Promise<AuditedPolicy> {
  const scope = { config: defaultKernelConfig(), cpu: cpuProfile(DEFAULT_CPU), seed, trials };
  const [before, after] = await auditTogether(
    { scope, policies: [from, to], what: `audit of ${from.name} and ${to.name}` },
    { monitor, runAuditTasks: auditHere },
  );
  const cells = compareCells(before, after);
  const failing = await failingTests(to, seed, monitor);
  const share = ({ theory }: AuditCell): number => (theory.low + theory.high) / 2;
  return {
    kinds: cells.length,
    lost: cells.filter(isLoss).map((cell) => ({
      class: cell.to.class,
      bug: `${cell.to.bug} (${cell.to.access}) in ${cell.to.subject}`,
      before: share(cell.from),
      after: share(cell.to),
    })),
    matchAllOnly: matchAllClasses(),
    notAudited: notAuditedOf(understood),
    failingTests: failing,
    auditCommand: `${words.first}tagscope audit --from ${words.from} --to ${words.to} --trials ${trials}${seed === 1 ? '' : ` --seed ${seed}`}`,
    conformCommand: `${words.first}tagscope conform --policy ${words.to} --seeds ${KUNIT_SEEDS}`,
  };
}

const AUDITED: ReadonlySet<string> = new Set(
  SUBJECTS.filter(({ hypothetical }) => !hypothetical).map((subject) => subject.class),
);

/** What a series leaves untagged and the audit has no bugs in. */
const notAuditedOf = ({
  skippedClasses,
  skippedSites,
}: Pick<Understood, 'skippedClasses' | 'skippedSites'>): readonly string[] => [
  ...skippedClasses.filter((name) => !AUDITED.has(name)),
  ...skippedSites.map((name) => `${name}()`),
];

/** Runs of the KASAN tests: one that fails in all of them, and not as the kernel is, fails by the policy and not by chance. */
const KUNIT_SEEDS = 3;

/** The KASAN tests of the kernel that fail under a policy, and not as the kernel is. */
async function failingTests(policy: Policy, seed: number, monitor: Monitor): Promise<readonly string[]> {
  const config = defaultKernelConfig();
  const cases = await watched(
    conformUnderPolicy(
      { config, cpu: cpuProfile(DEFAULT_CPU), seed },
      { sites: policySites(config, policy), changes: kasanChanges(policy) },
      KUNIT_SEEDS,
    ),
    { what: `KASAN tests under ${policy.name}`, count: KUNIT_SEEDS, unit: 'seeds' },
    monitor,
  );
  return cases.filter(({ change }) => change === 'fails').map(({ name }) => name);
}

/** Classes that the kernel reaches by match-all pointers alone: by the audit's table of memory. */
const matchAllClasses = (): readonly AllocationClass[] =>
  ALLOCATION_CLASSES.filter((name) => {
    const subjects = SUBJECTS.filter((subject) => subject.class === name && !subject.hypothetical);
    return subjects.length > 0 && subjects.every(({ route }) => route === 'match-all');
  });

/** What became of the questions to an earlier version. What the model says is left out: its policy may be another one. */
function historyOf(
  version: SeriesVersion,
  newest: SeriesVersion,
  now: readonly Question[],
  { inputs, settings }: Judging,
): VersionHistory {
  const upTo = understander(version, inputs, settings);
  const then = withoutModel(upTo(lastPatch(version)), upTo).map(({ id }) => id);
  const open = new Set(now.map(({ id }) => id));
  return {
    version: version.version,
    title: version.title,
    patches: version.patches.length,
    settled: then.filter((id) => !open.has(id)),
    open: then.filter((id) => open.has(id)),
    compared: compareVersions(version, newest).patches.map(reviewedComparison),
  };
}

const reviewedComparison = ({ fate, old, new: fresh, lines }: ComparedPatch): ReviewedComparison => ({
  fate,
  old: old?.number ?? null,
  new: fresh?.number ?? null,
  subject: (fresh ?? old)?.subject ?? '',
  lines: lines.map((line) => line ?? null),
});
