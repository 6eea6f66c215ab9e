import type {
  ClassWork,
  CostDescription,
  DiffRow,
  DiffSide,
  Losses,
  ProfiledTime,
  ReportResult,
  Work,
} from '../result/result.ts';
import { savedTime } from '../result/diff.ts';
import { timeDifference, timeSum, type Time } from '../cost/time.ts';
import { counted, duration, nanoseconds, percent, timeSpan } from './number-format.ts';
import { printable } from './printable.ts';
import { indentedProse, labelled, prose } from './prose.ts';
import { proseWidth, type TextOptions } from './text-options.ts';
import { textTable, type Column } from './text-table.ts';

const LABEL_WIDTH = 9;

/** The figures of a time, as all tables show them. */
export const TIME_FIGURES: readonly { readonly title: string; readonly cell: (time: Time) => string }[] = [
  { title: 'time', cell: ({ best }) => nanoseconds(best) },
  { title: 'at least', cell: ({ low }) => nanoseconds(low) },
  { title: 'at most', cell: ({ high }) => nanoseconds(high) },
];

/** A time of something, to be shown with its bounds. */
export interface TimeRow {
  readonly name: string;
  readonly time: Time;
}

const hasTime = ({ time }: TimeRow): boolean => time.high !== 0 || time.low !== 0;
const longestFirst = (a: TimeRow, b: TimeRow): number => b.time.best - a.time.best || b.time.high - a.time.high;

/** Times of classes, the longest first, with their sum. @param heading of the names */
function timeTable(heading: string, rows: readonly TimeRow[], total: Time, options: TextOptions): string[] {
  const right = (title: string, cell: (row: TimeRow) => string): Column<TimeRow> => ({ title, align: 'right', cell });
  return textTable(
    [...rows, { name: 'total', time: total }],
    [
      [
        { title: heading, align: 'left', cell: ({ name }) => name, shrinkTo: 13 },
        ...TIME_FIGURES.map(({ title, cell }) => right(title, ({ time }) => cell(time))),
        right('share of time', ({ time }) => percent(time.best, total.best)),
      ],
    ],
    options,
  );
}

/** The times of classes that have any, the longest first. */
const timesOf = (works: readonly (Pick<Work, 'time'> & { readonly class: string })[]): readonly TimeRow[] =>
  works
    .flatMap(({ class: name, time }) => (time === null ? [] : [{ name, time }]))
    .filter(hasTime)
    .toSorted(longestFirst);

/** Times by class, and their sum. */
export interface Times {
  readonly title: string;
  readonly rows: readonly TimeRow[];
  readonly total: Time;
}

/** The times of some work; undefined where the profile has none, or no tag takes any. */
export function workTimes(
  {
    totals,
    byClass,
    losses,
  }: {
    readonly totals: Pick<Work, 'time'>;
    readonly byClass: readonly ClassWork[];
    readonly losses?: Losses;
  },
  cost: Pick<CostDescription, 'profile'>,
): Times | undefined {
  const { time: total } = totals;
  if (total === null || total.high === 0) return undefined;
  return {
    title: timeTitle(
      losses === undefined || losses.lost.events === 0 ? 'Time of the tags' : 'Time of the tags that were recorded',
      cost,
    ),
    rows: timesOf(byClass),
    total,
  };
}

/** What the second side of a difference saves; undefined where the profile has no times, or nothing differs. */
export function savedTimes(
  byClass: readonly DiffRow[],
  total: { readonly from: DiffSide; readonly to: DiffSide },
  cost: Pick<CostDescription, 'profile'>,
): Times | undefined {
  const saved = savedTime(total);
  if (saved === null || (saved.low === 0 && saved.high === 0)) return undefined;
  const rows = timesOf(byClass.map((row) => ({ class: row.class, time: savedTime(row) })));
  return { title: timeTitle('Time saved', cost), rows, total: saved };
}

/** What the time of a report is made of. */
export function timePartsSentence({ cost }: ReportResult): string {
  const { instructions, lines, tagMemory } = cost.parts;
  const parts = [
    `instructions ${timeSpan(instructions)}`,
    `cache lines ${timeSpan(lines)}`,
    ...(tagMemory.high === 0 ? [] : [`tag memory ${timeSpan(tagMemory)}`]),
  ];
  return `Of the total: ${parts.join(', ')}.`;
}

/** Times as text; no lines where there are none. */
export const timesText = (times: Times | undefined, options: TextOptions): string[] =>
  times === undefined
    ? []
    : [
        ...prose(times.title, options).map(options.style.strong),
        ...timeTable('class', times.rows, times.total, options),
      ];

/** The time that tags take, by class, and what it is made of. */
export function timeText(result: ReportResult, options: TextOptions): string[] {
  const times = workTimes(result, result.cost);
  if (times === undefined) return [];
  return [...timesText(times, options), ...indentedProse(timePartsSentence(result), options).map(options.style.faint)];
}

/** The title of a table of times: what they are, and that they are of a model. */
export const timeTitle = (what: string, { profile }: Pick<CostDescription, 'profile'>): string =>
  `${what}, modelled by the profile ${profile}`;

type Costed = Pick<ReportResult, 'cost'>;

const lowestOf = (times: readonly [ProfiledTime, ...ProfiledTime[]]): ProfiledTime =>
  times.reduce((found, each) => (each.time.low < found.time.low ? each : found));
const by = ({ profile, basis }: ProfiledTime): string => `(${profile}: ${basis})`;

/** The lower end of what profiles span, with what it rests on. */
function leastWords(times: readonly [ProfiledTime, ...ProfiledTime[]]): string {
  const lowest = lowestOf(times);
  return `${nanoseconds(lowest.time.low)} ${by(lowest)}`;
}

/**
 * What profiles span, with what the ends rest on: `1.0 us (issue-a: ...) to 3.0 us (series-2026: ...)`. No single one of
 * them is right, and their own intervals need not meet.
 */
function spanWords(times: readonly [ProfiledTime, ...ProfiledTime[]]): string {
  const lowest = lowestOf(times);
  const highest = times.reduce((found, each) => (each.time.high > found.time.high ? each : found));
  return lowest === highest
    ? `${nanoseconds(lowest.time.low)} to ${nanoseconds(highest.time.high)} ${by(lowest)}`
    : `${nanoseconds(lowest.time.low)} ${by(lowest)} to ${nanoseconds(highest.time.high)} ${by(highest)}`;
}

/**
 * The end of a headline: what the tags take, and of what; empty where they take nothing. Where events were lost, what it is
 * at least: the time of what was lost comes on top.
 */
export function takenTimeSentence({ cost, losses }: Pick<ReportResult, 'cost' | 'losses'>): string {
  const { byProfile, cpuTime, shareOfCpuTime } = cost;
  const [first, ...others] = byProfile;
  if (first === undefined || byProfile.every(({ time }) => time.high === 0)) return '';
  const isBound = losses.lost.events > 0;
  const times = [first, ...others] as const;
  const taken = isBound ? `at least ${leastWords(times)}` : spanWords(times);
  return ` Modelled, that takes ${taken} of CPU time${share()}.`;

  function share(): string {
    if (cpuTime === null) return '';
    if (shareOfCpuTime === null) {
      return `, which is more than ${counted(cpuTime.cpus, 'CPU')} had in ${duration(cpuTime.seconds)}: too short a trace, or times too coarse, for a share`;
    }
    const low = percent(shareOfCpuTime.low, 1);
    const high = percent(shareOfCpuTime.high, 1);
    // That it is more than next to nothing says nothing.
    if (isBound && low.startsWith('<')) return '';
    const part = isBound ? `at least ${low}` : low === high ? low : `${low} to ${high}`;
    return `: ${part} of what ${counted(cpuTime.cpus, 'CPU')} had in ${duration(cpuTime.seconds)}, busy or idle, if a machine with MTE is as fast`;
  }
}

/** What the second of two results takes less, by each profile. */
export const savedByProfile = (from: Costed, to: Costed): readonly (ProfiledTime & { readonly whole: Time })[] =>
  from.cost.byProfile.flatMap((before) => {
    const after = to.cost.byProfile.find(({ profile }) => profile === before.profile);
    return after === undefined
      ? []
      : [{ ...before, whole: before.time, time: timeDifference(before.time, after.time) }];
  });

/** The end of a headline: what is saved in time; empty where no profile says that any is. */
export function savedTimeSentence(from: Costed, to: Costed): string {
  const saved = savedByProfile(from, to);
  if (saved.every(({ time }) => time.low === 0 && time.high === 0)) return '';
  const adds = saved.every(({ time }) => time.high <= 0);
  const [first, ...others] = saved.map(({ time, ...each }) => ({ ...each, time: adds ? negative(time) : time }));
  const shares = saved
    .flatMap(({ time, whole }) => time.readings.map((ns, reading) => ns / whole.readings[reading]))
    .filter(Number.isFinite)
    .map((share) => (adds ? -share : share));
  const share =
    shares.length === 0
      ? ''
      : `, ${percent(Math.min(...shares), 1)} to ${percent(Math.max(...shares), 1)} of what tags take`;
  return ` Modelled, that ${adds ? 'adds' : 'saves'} ${spanWords([first, ...others])} of CPU time${share}.`;
}

const negative = (time: Time): Time => timeDifference(timeSum([]), time);

/** What the times rest on. */
export const profileText = (cost: CostDescription, options: TextOptions): string[] =>
  labelled('Profile', LABEL_WIDTH, printable(profileSentence(cost), options.unicode), proseWidth(options));

/** The profile, and how good it is. */
export const profileSentence = ({ profile, provenance, description, source }: CostDescription): string =>
  `${profile}, ${provenance}. ${description} Source: ${source}. What the bounds assume: tagscope profiles ${profile}.`;
