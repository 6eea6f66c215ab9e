import { SAME_SHARE } from '../audit/theory.ts';
import type {
  Caught,
  CaughtChange,
  ExplainedReport,
  ExplainResult,
  PolicySummary,
  PolicyVerdict,
} from '../explain/result.ts';
import { count } from './number-format.ts';

/** A share of bugs as people say it: certain, 13/14, never, or bounds. */
export function shareWord({ value, low, high }: Pick<Caught, 'value' | 'low' | 'high'>): string {
  if (value === null) {
    if (low <= SAME_SHARE && high >= 1 - SAME_SHARE) return 'not decidable';
    return `${figure(low)} to ${figure(high)}`;
  }
  if (value >= 1 - SAME_SHARE) return 'certain';
  return value <= SAME_SHARE ? 'never' : figure(value);
}

function figure(share: number): string {
  for (const of of [14, 127]) {
    const part = share * of;
    if (share > 0 && share < 1 && Math.abs(part - Math.round(part)) < 1e-6) return `${Math.round(part)}/${of}`;
  }
  return Number.isInteger(share) ? String(share) : share.toFixed(3);
}

/** What becomes of a bug under another policy, in words. */
export const CHANGE_WORDS: { readonly [Change in CaughtChange]: string } = {
  kept: 'caught as before',
  less: 'caught less surely',
  missed: 'missed',
  more: 'caught more surely',
  never: 'not caught, as before',
  undecidable: 'not decidable',
};

/** What a reader looks for first: losses. */
const CHANGE_ORDER: readonly CaughtChange[] = ['missed', 'less', 'undecidable', 'more', 'kept', 'never'];

/** Verdicts that say the same: one at least. */
export type AlikeVerdicts = readonly [PolicyVerdict, ...PolicyVerdict[]];

/** Policies that make the same of a bug, for the same reason; those that lose it first. */
export function alikeVerdicts(policies: readonly PolicyVerdict[]): AlikeVerdicts[] {
  const groups = new Map<string, [PolicyVerdict, ...PolicyVerdict[]]>();
  for (const verdict of policies) {
    const { change, low, high, why } = verdict;
    const key = JSON.stringify([change, low, high, why]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [verdict]);
    else group.push(verdict);
  }
  return [...groups.values()].toSorted(([a], [b]) => CHANGE_ORDER.indexOf(a.change) - CHANGE_ORDER.indexOf(b.change));
}

/** Whether a policy makes of a bug what the kernel's own does. */
export const isAsBefore = ({ change }: PolicyVerdict): boolean => change === 'kept' || change === 'never';

/** How many policies change nothing, in a few words. */
export function asBeforeText(policies: readonly PolicyVerdict[]): string {
  const number = policies.filter(isAsBefore).length;
  if (number === policies.length)
    return number === 1 ? 'The policy changes nothing' : `None of ${number} policies changes that`;
  return `${plural(number, 'policy changes nothing', 'policies change nothing')}`;
}

/** What such policies make of a bug, and which they are. Their reason is left out where it is the kernel's own policy's. */
export function alikeText(group: AlikeVerdicts, own: Pick<Caught, 'why'>): string {
  const [verdict] = group;
  const share = verdict.value === 0 || verdict.change === 'undecidable' ? '' : ` (${shareWord(verdict)})`;
  const names = group.map(({ policy }) => policy).join(', ');
  const why = verdict.why === own.why ? '' : `: ${verdict.why}`;
  return `${CHANGE_WORDS[verdict.change]}${share} by ${plural(group.length, 'policy', 'policies')} (${names})${why}`;
}

/** The access in words. */
export function accessText({ access, tags }: ExplainedReport): string {
  const size = access.size === null ? '' : ` of ${access.size} ${access.size === 1 ? 'byte' : 'bytes'}`;
  const at = access.address === null ? '' : ` at ${access.address}`;
  const by = access.task === null ? '' : ` by ${access.task}`;
  const tag = tags === null ? '' : `; pointer tag ${tags.pointer}, memory tag ${tags.memory}`;
  return `${access.kind === 'unknown' ? 'an access that the report does not tell' : access.kind}${size}${at}${by}${tag}`;
}

/** A title without the words that all have. */
export const shortTitle = (title: string): string => title.replace(/^BUG: KASAN: /, '');

const plural = (number: number, one: string, many = `${one}s`): string =>
  `${count(number)} ${number === 1 ? one : many}`;

/** The headline: what was read, and what was not. */
export function explainHeadline({ summary, unreadTitles, reports }: ExplainResult): string {
  const bugs = summary.distinct - summary.notABug;
  const parts = [
    `${plural(summary.reports, 'KASAN report')} in ${plural(summary.logs, 'log')}: ${plural(bugs, 'distinct bug')}`,
    summary.duplicates === 0 ? '' : `${plural(summary.duplicates, 'duplicate')}`,
    summary.notABug === 0 ? '' : `${plural(summary.notABug, 'known false positive')}`,
    unreadTitles.length === 0 ? '' : `${plural(unreadTitles.length, 'title')} that could not be read`,
  ];
  const caught = reports.filter(({ duplicateOf, notABug }) => duplicateOf === null && notABug === null);
  const of = (holds: (report: ExplainedReport) => boolean): number => caught.filter(holds).length;
  const certain = of((report) => report.caught.certainty === 'certain');
  const never = of((report) => report.caught.certainty === 'never');
  const open = of((report) => report.caught.certainty === 'open');
  const chance = caught.length - certain - never - open;
  const shares = [
    certain === 0 ? '' : `${count(certain)} for certain`,
    chance === 0 ? '' : `${count(chance)} by chance`,
    never === 0 ? '' : `${count(never)} never`,
    open === 0 ? '' : `${count(open)} ${open === 1 ? 'is' : 'are'} not decidable`,
  ].filter((text) => text !== '');
  const words = shares.length === 0 ? '' : ` Caught by hardware tags: ${shares.join(', ')}.`;
  return `${parts.filter((part) => part !== '').join(', ')}.${words}`;
}

/** What policies lose of all bugs: those that lose some by name, the others together. */
export function lossesText({ policies }: ExplainResult['summary']): string {
  const isLosing = ({ missed, less }: PolicySummary): boolean => missed + less > 0;
  const losing = policies.filter(isLosing).map(({ policy, missed, less }) => {
    const parts = [
      missed === 0 ? '' : `misses ${count(missed)}`,
      less === 0 ? '' : `catches ${count(less)} less surely`,
    ];
    return `The policy ${policy} ${parts.filter((part) => part !== '').join(' and ')}.`;
  });
  const others = policies.filter((policy) => !isLosing(policy));
  const open = Math.max(0, ...others.map(({ undecidable }) => undecidable));
  const what = open === 0 ? 'none' : `none that can be decided (${count(open)} cannot)`;
  const names = others.map(({ policy }) => policy).join(', ');
  const rest =
    others.length === 0 ? [] : [`${plural(others.length, 'policy loses', 'policies lose')} ${what}: ${names}.`];
  return [...losing, ...rest].join(' ');
}

/** What is to be said beside: logs without a report, titles that were not read, reports that are cut off. */
export function explainRemarks({ unreadTitles, summary, reports }: ExplainResult): string[] {
  const without = summary.logsWithoutReport;
  const disagreeing = reports.filter(({ model }) => model !== null && !model.agrees);
  return [
    ...titleRemarks(unreadTitles),
    ...(without.length === 0
      ? []
      : [
          `${plural(without.length, 'log')} without a report that can be read: ${without.slice(0, NAMED).join(', ')}${without.length > NAMED ? ` and ${count(without.length - NAMED)} more` : ''}.`,
        ]),
    ...disagreeing.map(
      ({ title, model }) =>
        `The model does not agree with the rules on "${shortTitle(title)}" (${model?.subject}): please report it as a bug of tagscope.`,
    ),
  ];
}

/** What is named of many, before the rest is counted. */
const NAMED = 3;

/** Titles that were not read: one remark for each log, for prose about reports has many. */
function titleRemarks(titles: ExplainResult['unreadTitles']): string[] {
  const logs = [...new Set(titles.map(({ log }) => log))].map((name) => titles.filter(({ log }) => log === name));
  const remarks = logs.slice(0, NAMED).map(([{ log, line, title, reason }, ...others]) => {
    const more = others.length === 0 ? '' : ` The same log has ${plural(others.length, 'more such title')}.`;
    return `${log}, line ${line}: "${title.slice(0, 120)}" is not read: ${reason}.${more}`;
  });
  const rest = logs.slice(NAMED).flat().length;
  return rest === 0
    ? remarks
    : [...remarks, `${plural(rest, 'more title')} in ${plural(logs.length - NAMED, 'other log')} cannot be read.`];
}
