import type { ClassWork, CostDescription, DiffRow, DiffSide, Losses, ReportResult, Work } from '../result/result.ts';
import { savedTime } from '../result/diff.ts';
import type { Time } from '../cost/time.ts';
import { nanoseconds, percent, timeSpan } from './number-format.ts';
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

/** The end of a headline: what is saved in time; empty where there is no time. */
export function savedTimeSentence(
  total: { readonly from: DiffSide; readonly to: DiffSide },
  { profile }: Pick<CostDescription, 'profile'>,
): string {
  const saved = savedTime(total);
  if (saved === null || saved.best === 0) return '';
  const verb = saved.best > 0 ? 'saves' : 'adds';
  const size: Time = saved.best > 0 ? saved : { ...saved, low: -saved.high, best: -saved.best, high: -saved.low };
  const whole = total.from.time?.best ?? 0;
  return ` By the profile ${profile} that ${verb} ${timeSpan(size)} of CPU time, ${percent(size.best, whole)} of what tags take.`;
}

/** What the times rest on. */
export const profileText = (cost: CostDescription, options: TextOptions): string[] =>
  labelled('Profile', LABEL_WIDTH, printable(profileSentence(cost), options.unicode), proseWidth(options));

/** The profile, and how good it is. */
export const profileSentence = ({ profile, provenance, description, source }: CostDescription): string =>
  `${profile}, ${provenance}. ${description} Source: ${source}. What the bounds assume: tagscope profiles ${profile}.`;
