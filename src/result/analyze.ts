import { versionText } from '../base/kernel-version.ts';
import { tagSetting } from '../mte/instruction.ts';
import type { ReplayOptions } from '../replay/options.ts';
import { COST_PARTS, CostModel, type CostPart } from '../cost/cost-model.ts';
import { applicableProfiles } from '../cost/applicable.ts';
import type { CostProfile } from '../cost/profile.ts';
import { profileDoubts } from '../cost/profiles.ts';
import type { Time } from '../cost/time.ts';
import { policyFor } from '../replay/recording-kernel.ts';
import { replayer, type Replayed } from '../replay/replay.ts';
import { boundsText, versionBounds } from '../replay/version-by-form.ts';
import type { Policy } from '../policy/policy.ts';
import type { EventTable } from '../trace/event-table.ts';
import { gapsBetween, type TracePart, type TraceSource } from '../trace/trace-source.ts';
import { cpuTimeOf, shareOfCpuTime } from './cpu-time.ts';
import { describeCost } from './describe-cost.ts';
import { byClass, byGroup, byHook, bySite, byStack, sumOfRows } from './ledger-work.ts';
import { siteLifetimes } from './site-lifetimes.ts';
import { lostEvents } from './lost-events.ts';
import { recordedBehaviours, recorderNote } from './notes.ts';
import { recorderWork } from './recorder-work.ts';
import { EVERYTHING, selectsSome } from '../replay/selection.ts';
import { doubts, formDoubts, outOfRange, refuseContradictions, unseenWork } from './plausible.ts';
import { RESULT_SCHEMA, RESULT_VERSION, type Losses, type ProfiledTime, type ReportResult } from './result.ts';

/** What a result says of how it was made, beside what the replay needs. */
export interface AnalyzeOptions extends ReplayOptions {
  /** The command line that gives this result again. */
  readonly command: string;
  /** Version of tagscope. */
  readonly version: string;
  /** What the work costs. */
  readonly profile: CostProfile;
  /** Kernel parameters as given. */
  readonly cmdline: string;
  readonly warnings?: readonly string[];
}

/**
 * Replays a trace under a policy and sums the ledger into a result.
 *
 * @throws UsageError if the trace contradicts the options, or the policy names flags that its kernel does not have
 */
export const analyze = (table: EventTable, source: TraceSource, options: AnalyzeOptions): ReportResult =>
  analyzer(table, source, options, [options.policy])(options.policy);

/**
 * The same under any number of policies; the trace is followed once.
 *
 * @param expected policies that will be asked for
 */
export function analyzer(
  table: EventTable,
  source: TraceSource,
  options: Omit<AnalyzeOptions, 'policy'>,
  expected: readonly Policy[],
): (policy: Policy) => ReportResult {
  const replayUnder = replayer(table, options, expected);
  return (policy) => {
    refuseContradictions(table, options);
    const inForce = policyFor(policy, table, options);
    return resultOf(table, source, { ...options, policy: inForce }, replayUnder(inForce));
  };
}

function resultOf(table: EventTable, source: TraceSource, options: AnalyzeOptions, replayed: Replayed): ReportResult {
  const { policy } = options;
  const { ledger, facts, counts } = replayed;
  const all = ledger.countedRows;
  const readings = options.profile.readings(options.cpu);
  const cost = new CostModel(readings, options.cpu);
  const costed = { ledger, cost };
  const totals = sumOfRows(costed, all);
  const best = tagSetting(totals.instructions);
  const spread = (bound: 'low' | 'high'): number =>
    replayed.estimates.reduce((off, { tagInstructions }) => off + tagInstructions[bound] - tagInstructions.best, 0);
  const { recordedBy, versionFrom = 'given', config, cpu } = options;
  const selection = options.selection ?? EVERYTHING;
  const sites = bySite(costed);
  const recorder = recorderWork(costed, totals);
  const byProfile = applicableProfiles(options.profile, cpu).map((profile): ProfiledTime => ({
    profile: profile.name,
    basis: profile.basis,
    time: new CostModel(profile.readings(cpu), cpu).time(ledger, all),
  }));
  const seconds = secondsCounted(table, options, source.parts);
  const { timeUnit } = table.recording;
  const cpuTime = cpuTimeOf(table.cpus, seconds, timeUnit);

  return {
    schema: RESULT_SCHEMA,
    version: RESULT_VERSION,
    source: {
      ...source,
      firstTime: table.baseSeconds + table.firstTime / 1e9,
      lastTime: table.baseSeconds + table.lastTime / 1e9,
      seconds,
      timeUnit,
      cpus: table.cpus,
      since: options.since ?? null,
      until: options.until ?? null,
    },
    kernel: {
      rules: '7.3',
      recordedBy: versionText(recordedBy),
      versionFrom,
      versionBounds: boundsText(versionBounds(table)),
      mode: facts.hwTags ? 'own-flags' : 'as-if',
      pointers: facts.pointers,
      stacks: facts.stacks,
      pageSize: config.pageSize,
      cpu: cpu.name,
      dcBlock: cpu.dcBlock,
      dzp: cpu.dzp,
      cmdline: options.cmdline,
    },
    policy: {
      name: policy.name,
      description: policy.description,
      source: policy.source,
      ...(policy.basis === undefined ? {} : { basis: policy.basis }),
    },
    events: { total: table.totalEvents, byType: Object.fromEntries(table.byType) },
    losses: lossesOf(table, replayed),
    totals: { ...totals, tagInstructions: { low: best + spread('low'), best, high: best + spread('high') } },
    cost: {
      ...describeCost(options.profile, readings),
      parts: costParts((part) => cost.part(ledger, all, part)),
      byProfile,
      cpuTime,
      shareOfCpuTime:
        cpuTime === null
          ? null
          : shareOfCpuTime(
              byProfile.map(({ time }) => time),
              cpuTime,
            ),
    },
    estimates: replayed.estimates.filter(({ calls, tagInstructions: { low, high } }) => calls.high > 0 || high > low),
    byClass: byClass(costed),
    bySite: sites,
    byHook: byHook(ledger),
    ...(replayed.lifetimes === undefined ? {} : { lifetimes: siteLifetimes(ledger, replayed.lifetimes) }),
    byGroup: options.groupBy === undefined ? [] : options.groupBy === 'stack' ? byStack(costed) : byGroup(costed),
    warnings: [
      ...(options.warnings ?? []),
      ...outOfRange(table.recording, options),
      ...doubts(facts, options),
      ...formDoubts(table, options),
      ...unseenWork(counts),
      ...(selectsSome(selection) && byClass(costed).every(({ allocations }) => allocations === 0)
        ? ['no allocation in the trace is of those that were asked for: --by comm and --by pid show who allocates']
        : []),
      ...profileDoubts(options.profile, options.cpu),
    ],
    selection: selection === EVERYTHING ? null : selection,
    recorder,
    notes: [...recordedBehaviours(sites, totals), ...recorderNote(recorder, selection)],
    provenance: {
      counts: 'exact',
      classesFromEvidence: counts.pages === 0 ? 1 : counts.pagesFromEvidence / counts.pages,
      command: options.command,
      tagscope: options.version,
    },
  };
}

/** How long the part is that is counted, in seconds: of files that were merged without what lies between two of them. */
function secondsCounted(
  { baseSeconds, firstTime, lastTime }: EventTable,
  { since, until }: AnalyzeOptions,
  parts: readonly TracePart[] = [],
): number {
  const sinceBase = (seconds: number): number => (seconds - baseSeconds) * 1e9;
  const start = since === undefined ? firstTime : Math.max(firstTime, sinceBase(since));
  const end = until === undefined ? lastTime : Math.min(lastTime, sinceBase(until));
  const unrecorded = gapsBetween(parts).reduce((sum, { before, after }) => {
    const from = Math.max(start, sinceBase(before.lastTime));
    return sum + Math.max(0, Math.min(end, sinceBase(after.firstTime)) - from);
  }, 0);
  return Math.max(0, end - start - unrecorded) / 1e9;
}

const costParts = (timeOf: (part: CostPart) => Time): ReportResult['cost']['parts'] => {
  const [instructions, lines, tagMemory] = COST_PARTS.map(timeOf);
  return { instructions, lines, tagMemory };
};

function lossesOf(table: EventTable, { counts, unknownFlagNames }: Replayed): Losses {
  const { losses } = table;
  return {
    lost: lostEvents(losses, table.totalEvents + table.recording.stackEntries),
    droppedEvents: losses.droppedEvents,
    unmatchedFrees: counts.unmatchedFrees,
    userMemoryFrees: counts.userMemoryFrees,
    unknownFlags: counts.unknownFlags,
    truncatedLines: losses.truncatedLines,
    missingEntries: losses.missingEntries,
    unprintedPointers: losses.unprintedPointers,
    orphanStacks: losses.orphanStacks,
    unrecordedFlags: losses.unrecordedFlags,
    unresolvedAddresses: losses.unresolvedAddresses,
    clockBackwards: losses.clockBackwards,
    missedPageFrees: counts.missedPageFrees,
    unclassifiedPages: counts.pagesUnclassified,
    unknownFlagNames,
    samples: losses.samples,
  };
}
