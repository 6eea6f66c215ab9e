import type { AuditCell } from '../audit/audit.ts';
import { SUBJECTS } from '../audit/subject.ts';
import type { AllocationClass } from '../base/allocation-class.ts';
import { timeDifference, timeSum, type Time } from '../cost/time.ts';
import { tagSetting } from '../mte/instruction.ts';
import type { Policy } from '../policy/policy.ts';
import { allGranules } from '../result/granules.ts';
import type { ReportResult, SiteLifetimes, SiteWork } from '../result/result.ts';
import { ADVICE_RULES, type AdviceId, type AdviceRule, type SiteFacts } from './advice-rules.ts';
import type { AuditedKernel } from './compare.ts';
import { detectionOf, type Detection } from './detection.ts';

export const ADVISE_SCHEMA = 'tagscope.advise';
export const ADVISE_VERSION = 1;

/** A call site that is not worth a word: its share of all tag-setting instructions. */
const MIN_SHARE = 0.001;
/** Memory of which the audit has no kind is audited as this: a page that the kernel reaches by its pointer. */
const ORDINARY_PAGE: AllocationClass = 'driver/other';

/** Call sites that a rule found, and what it would do about them. */
export interface Candidate {
  readonly rule: AdviceRule;
  readonly sites: readonly AdvisedSite[];
  /** What a policy can do about them; undefined where only their own code can. */
  readonly trial: Trial | undefined;
}

/** A policy that does what a rule proposes, and one to audit. */
export interface Trial {
  /** The policy in force, and what the rule would change in it for these call sites. */
  readonly policy: Policy;
  /** The same for all memory of the classes that are audited in their place: the audit has no call sites. */
  readonly audited: { readonly policy: Policy; readonly classes: readonly AllocationClass[] };
}

/** A call site, why a rule applies to it, and what it costs. */
export interface AdvisedSite {
  readonly site: string;
  readonly class: AllocationClass;
  readonly evidence: string;
  readonly allocations: number;
  readonly frees: number;
  readonly granules: number;
  readonly tagInstructions: number;
  readonly time: Time | null;
}

/** What a policy would do, and what would be detected less. */
export interface Tried {
  /** The classes whose memory was audited in place of the call sites; none for all memory. */
  readonly auditedAs: readonly AllocationClass[];
  readonly detection: Detection;
  /** Nothing that the kernel itself does is detected less. */
  readonly losesNothing: boolean;
  /** What does it in `--policy` and `--to`. */
  readonly policy: Policy;
}

/** What could be left undone: what that saves, and what would be detected less. */
export interface Advice {
  readonly rule: AdviceId;
  readonly title: string;
  readonly because: string;
  readonly change: string;
  /** The most costly first. */
  readonly sites: readonly AdvisedSite[];
  /** Against the policy in force, on this trace; where only their code can save it, what the call sites cost. */
  readonly saved: {
    readonly granules: number;
    readonly tagInstructions: number;
    /** Share of all tag-setting instructions, 0 … 1. */
    readonly share: number;
    readonly time: Time | null;
  };
  /** Null where no policy can do it. */
  readonly tried: Tried | null;
}

/** What to skip next, as `--json` prints it. */
export interface AdviseResult {
  readonly schema: typeof ADVISE_SCHEMA;
  readonly version: typeof ADVISE_VERSION;
  readonly source: ReportResult['source'];
  readonly kernel: ReportResult['kernel'];
  readonly events: ReportResult['events'];
  /** The policy in force: what is advised comes on top of it. */
  readonly policy: ReportResult['policy'];
  readonly totals: ReportResult['totals'];
  readonly losses: ReportResult['losses'];
  readonly cost: ReportResult['cost'];
  readonly audit: AuditedKernel;
  /** What loses nothing first, then what does, then what no policy can do; of each what saves most first. */
  readonly advice: readonly Advice[];
  /** Whose allocations were counted, if not all. */
  readonly selection: ReportResult['selection'];
  readonly recorder: ReportResult['recorder'];
  readonly warnings: readonly string[];
  readonly provenance: ReportResult['provenance'];
}

/** Finds what rules have to say of a report that knows lifetimes. */
export function candidates(report: ReportResult, policy: Policy): readonly Candidate[] {
  const found = new Map<AdviceRule, AdvisedSite[]>();
  for (const site of factsOf(report)) {
    if (site.share < MIN_SHARE) continue;
    for (const rule of ADVICE_RULES) {
      const evidence = rule.evidence(site);
      if (evidence === undefined) continue;
      found.set(rule, [...(found.get(rule) ?? []), advisedSite(site, evidence)]);
      break;
    }
  }
  return ADVICE_RULES.flatMap((rule) => {
    const sites = found.get(rule)?.toSorted((a, b) => b.tagInstructions - a.tagInstructions || b.granules - a.granules);
    return sites === undefined ? [] : [{ rule, sites, trial: trialOf(rule, sites, policy) }];
  });
}

function factsOf({ bySite, totals, kernel, lifetimes = [] }: ReportResult): readonly SiteFacts[] {
  const all = tagSetting(totals.instructions);
  const keyOf = ({ class: name, site }: Pick<SiteWork, 'class' | 'site'>): string => `${name}\0${site}`;
  const lived = new Map(lifetimes.map((each): [string, SiteLifetimes] => [keyOf(each), each]));
  return bySite.map((work) => ({
    ...work,
    share: all === 0 ? 0 : tagSetting(work.instructions) / all,
    pageSize: kernel.pageSize,
    lifetimes: lived.get(keyOf(work)),
  }));
}

const advisedSite = (work: SiteFacts, evidence: string): AdvisedSite => ({
  site: work.site,
  class: work.class,
  evidence,
  allocations: work.allocations,
  frees: work.frees,
  granules: allGranules(work),
  tagInstructions: tagSetting(work.instructions),
  time: work.time,
});

function trialOf(rule: AdviceRule, sites: readonly AdvisedSite[], inForce: Policy): Trial | undefined {
  const { remedy } = rule;
  if ('code' in remedy) return undefined;
  const base = {
    name: `${inForce.name}+${rule.id}`,
    description: `${inForce.name}, and: ${rule.title.toLowerCase()}.`,
    source: 'tagscope advise',
    otherwise: inForce.otherwise,
  };
  if ('kasan' in remedy) {
    const policy = { ...inForce, ...base, kasan: { ...inForce.kasan, ...remedy.kasan } };
    return { policy, audited: { policy, classes: [] } };
  }
  const classes = [...new Set(sites.map((site) => site.class))];
  const rules = classes.map((name) => ({
    match: { class: [name], site: sites.filter((site) => site.class === name).map(({ site }) => site) },
    action: 'skip' as const,
  }));
  const own = (name: AllocationClass): AllocationClass => (isAudited(name) ? name : ORDINARY_PAGE);
  const audited = [...new Set(classes.map(rule.auditedAs ?? own))];
  return {
    policy: { ...inForce, ...base, rules: [...rules, ...inForce.rules] },
    audited: {
      policy: { ...inForce, ...base, rules: [{ match: { class: audited }, action: 'skip' }, ...inForce.rules] },
      classes: audited,
    },
  };
}

const isAudited = (name: AllocationClass): boolean => SUBJECTS.some((subject) => subject.class === name);

/** A candidate with what its policy does to the trace, and to detection; the latter only where there is a policy. */
export interface JudgedCandidate {
  readonly candidate: Candidate;
  readonly outcome: Outcome | undefined;
}

export interface Outcome {
  readonly report: ReportResult;
  /** Audits of the memory that is audited in its place: under the policy in force, and under its own. */
  readonly cells: { readonly from: readonly AuditCell[]; readonly to: readonly AuditCell[] };
}

/**
 * Says what candidates save and what they lose.
 *
 * @param report under the policy in force
 * @param command the command line that does it again
 */
export function advise(
  report: ReportResult,
  judged: readonly JudgedCandidate[],
  audit: AuditedKernel,
  command: string,
): AdviseResult {
  const { source, kernel, events, policy, totals, losses, cost, warnings, selection, recorder, provenance } = report;
  return {
    schema: ADVISE_SCHEMA,
    version: ADVISE_VERSION,
    source,
    kernel,
    events,
    policy,
    totals,
    losses,
    cost,
    audit,
    advice: judged
      .map((each) => adviceOf(report, each))
      .filter(({ saved }) => saved.tagInstructions > 0)
      .toSorted((a, b) => rank(a) - rank(b) || b.saved.tagInstructions - a.saved.tagInstructions),
    selection,
    recorder,
    warnings,
    provenance: { ...provenance, command },
  };
}

/** What loses nothing comes first, and what no policy can do last. */
const rank = ({ tried }: Advice): number => (tried === null ? 2 : tried.losesNothing ? 0 : 1);

function adviceOf(report: ReportResult, { candidate: { rule, sites, trial }, outcome }: JudgedCandidate): Advice {
  return {
    rule: rule.id,
    title: rule.title,
    because: rule.because,
    change: rule.change,
    sites,
    saved: outcome === undefined ? costOf(report, sites) : savedBy(report, outcome.report),
    tried: trial === undefined || outcome === undefined ? null : triedOf(trial, outcome),
  };
}

function triedOf({ policy, audited }: Trial, { cells }: Outcome): Tried {
  const detection = detectionOf(cells.from, cells.to);
  return {
    auditedAs: audited.classes,
    detection,
    losesNothing: detection.kindsLost === 0 && detection.observedLost === 0,
    policy,
  };
}

const shareOf = ({ totals }: ReportResult, tagInstructions: number): number => {
  const all = tagSetting(totals.instructions);
  return all === 0 ? 0 : tagInstructions / all;
};

function savedBy(report: ReportResult, { totals: after }: ReportResult): Advice['saved'] {
  const { totals } = report;
  const tagInstructions = tagSetting(totals.instructions) - tagSetting(after.instructions);
  return {
    granules: allGranules(totals) - allGranules(after),
    tagInstructions,
    share: shareOf(report, tagInstructions),
    time: totals.time === null || after.time === null ? null : timeDifference(totals.time, after.time),
  };
}

function costOf(report: ReportResult, sites: readonly AdvisedSite[]): Advice['saved'] {
  const tagInstructions = sites.reduce((sum, site) => sum + site.tagInstructions, 0);
  return {
    granules: sites.reduce((sum, site) => sum + site.granules, 0),
    tagInstructions,
    share: shareOf(report, tagInstructions),
    time: timeSum(sites.flatMap(({ time }) => (time === null ? [] : [time]))),
  };
}

/** The policy in force with all advice that loses nothing; undefined where there is none. */
export function freePolicy({ advice }: AdviseResult, inForce: Policy): Policy | undefined {
  const free = advice.flatMap(({ rule, tried }) =>
    tried?.losesNothing === true ? [{ rule, policy: tried.policy }] : [],
  );
  if (free.length === 0) return undefined;
  const added = free.flatMap(({ policy: { rules } }) => rules.slice(0, rules.length - inForce.rules.length));
  return {
    name: `${inForce.name}+advice`,
    description: `${inForce.name}, and what can be left undone without detecting less: ${free.map(({ rule }) => rule).join(', ')}.`,
    source: 'tagscope advise',
    rules: [...added, ...inForce.rules],
    otherwise: inForce.otherwise,
    kasan: Object.assign({}, inForce.kasan, ...free.map(({ policy }) => policy.kasan)),
  };
}
