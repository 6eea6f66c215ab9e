import { tagSetting } from '../mte/instruction.ts';
import { allGranules, granuleInterval } from '../result/granules.ts';
import type { DiffResult, DiffRow, DiffScale, Interval, ReportResult, RunsOfSide } from '../result/result.ts';
import { commandText } from './command-text.ts';
import { differencesTable } from './difference-section.ts';
import { differenceTable, savedGranules, savedInstructions, type DifferenceRow } from './diff-table.ts';
import { estimatesDetail } from './estimates-text.ts';
import { kernelText, policyText, provenanceBrief } from './kernel-text.ts';
import { allLines, detail, layOut, warnings, type Detail, type Section } from './layout.ts';
import { lossesDetail } from './losses-text.ts';
import { boundOrBest, lostSentence, lostWords } from './lost-text.ts';
import { bounds, count, counted, clockDuration, percent } from './number-format.ts';
import { printable, shortenMiddle } from './printable.ts';
import { labelled, prose } from './prose.ts';
import { remarks } from './remarks.ts';
import { selectionSentence } from './selection-text.ts';
import { isOneTrace, sideNames, type SideNames } from './side-names.ts';
import { proseWidth, type TextOptions } from './text-options.ts';
import { profileText, savedTimes, savedTimeSentence, timesText } from './time-text.ts';
import { noteLines } from './top-rows.ts';
import { namesTable } from './work-section.ts';
import { siteRows, withTagWork } from './work-table.ts';

/** Classes that the sentence on what remains names. */
const NAMED_REMAINS = 4;
/** The widest name beside the sums. */
const MAX_LABEL = 24;
/** Call sites of what remains, at most: the difference is the subject. */
const REMAINING_SITES = 5;

/** A difference as text: what the second result saves, where, and what remains. Ends with a newline. */
export function renderDiff(diff: DiffResult, options: TextOptions): string {
  const names = sideNames(diff);
  const sameTrace = isOneTrace(diff);
  const both = (section: (result: ReportResult) => readonly string[]): readonly string[] =>
    sameTrace
      ? section(diff.to)
      : [diff.from, diff.to].flatMap((result, index) => [
          ...(index === 0 ? [] : ['']),
          ...prose(result.source.files.join(', '), options).map(options.style.strong),
          ...section(result),
        ]);
  const { command } = diff.to.provenance;
  const sites = siteSection(diff, options);
  const remaining = remainsSection(diff.to, names.to, options);
  /** On a small screen a line, or one for each trace. */
  const coverage = (of: (result: ReportResult) => Detail): Detail => {
    const parts = sameTrace ? [of(diff.to)] : [of(diff.from), of(diff.to)];
    return { ...parts[0], lines: both((result) => of(result).lines), brief: parts.flatMap(({ brief }) => brief) };
  };
  return layOut(
    [
      prose(diffHeadline(diff, names), options).map(options.style.strong),
      // Of several runs the headline has the means.
      diff.scale === null || isSingle(diff.scale) ? detail('the sums', totals(diff, names, sameTrace, options)) : [],
      warnings(remarks(diff.from, diff.to), options),
      classSection(diff, names, options),
      // Of one trace the classes say what is saved: what remains tells more than what is gone.
      sameTrace ? detail('what differs by call site', allLines(sites)) : sites,
      detail('time by class', timeSection(diff, sameTrace, options)),
      remaining,
      coverage((result) => estimatesDetail(result, options)),
      coverage((result) => lossesDetail(result.losses, options)),
      detail(
        'trace, kernel, policies, profile',
        [
          ...kernelText(diff.from, options),
          ...(sameTrace ? [] : kernelText(diff.to, options)),
          ...policyText(diff.from, options, sameTrace ? 'From' : 'Policy'),
          ...(sameTrace ? policyText(diff.to, options, 'To') : []),
          ...profileText(diff.to.cost, options),
          ...commandText(command, options),
        ],
        provenanceBrief(diff.to, diff.to.cost.profile),
      ),
    ],
    options,
    command,
  );
}

/** The answer in a sentence or two. */
export function diffHeadline(diff: DiffResult, names: SideNames): string {
  const time = isOneTrace(diff) ? savedTimeSentence(diff.from, diff.to) : '';
  return workSentence(diff, names) + runsSentence(diff, names) + time + selectionSentence(diff.to) + lostOfSides(diff);
}

/** What figures are divided by, to follow one; empty where by nothing. */
export const perWords = ({ scale }: DiffResult): string =>
  scale === null || scale.per === 'run' ? '' : ` per ${scale.per}`;

/** Whether there is but one run on either side. */
const isSingle = ({ from, to }: DiffScale): boolean => from.runs.length + to.runs.length === 2;

/** How far apart the runs of either side are, and whether that leaves a difference. */
function runsSentence(diff: DiffResult, names: SideNames): string {
  const { scale } = diff;
  if (scale === null || isSingle(scale)) return '';
  const side = (name: string, { runs, tagInstructions: { mean, low, high } }: RunsOfSide): string =>
    `${count(mean)} (${count(low)} to ${count(high)}) in ${counted(runs.length, 'run')} of ${name}`;
  const [before, after] = [scale.from.tagInstructions, scale.to.tagInstructions];
  const overlap = before.low <= after.high && after.low <= before.high;
  const verdict = overlap
    ? 'the runs overlap, so that this may be chance'
    : `no run of one side is within those of the other; ${count(Math.abs(before.mean > after.mean ? before.low - after.high : after.low - before.high))} lie between them`;
  return ` Tag-setting instructions${perWords(diff)}: ${side(names.from, scale.from)}, ${side(names.to, scale.to)}; ${verdict}.`;
}

/** Of two traces the one that lost more may do less for that alone. */
function lostOfSides(diff: DiffResult): string {
  const { from, to } = diff;
  if (isOneTrace(diff)) return lostSentence(to.losses);
  if (from.losses.lost.events + to.losses.lost.events === 0) return '';
  const of = ({ losses }: ReportResult): string => lostWords(losses) || 'nothing was lost';
  return ` Figures are of what was recorded alone: of the first trace ${of(from)}, of the second ${of(to)}.`;
}

function workSentence(diff: DiffResult, names: SideNames): string {
  const row = diff.totals;
  const granules = savedGranules(row);
  const instructions = savedInstructions(row);
  if (granules === 0 && instructions === 0) return `${names.to} and ${names.from} do the same amount of tag work.`;
  const amount = (saved: number, one: string, whole: number): string =>
    `${counted(Math.abs(saved), one)}${perWords(diff)} (${percent(Math.abs(saved), whole)})`;
  const parts = [
    amount(granules, 'granule', allGranules(row.from)),
    amount(instructions, 'tag-setting instruction', row.from.tagInstructions),
  ];
  if (granules >= 0 && instructions >= 0)
    return `${names.to} saves ${parts.join(' and ')} of ${names.from}${remains(diff.to)}`;
  if (granules <= 0 && instructions <= 0)
    return `${names.to} adds ${parts.join(' and ')} to ${names.from}${remains(diff.to)}`;
  const verb = (saved: number): string => (saved >= 0 ? 'saves' : 'adds');
  return `Compared with ${names.from}, ${names.to} ${verb(granules)} ${parts[0]} and ${verb(instructions)} ${parts[1]}${remains(diff.to)}`;
}

/** The end of the headline: what is left to save. */
function remains(to: ReportResult): string {
  const total = tagSetting(to.totals.instructions);
  const worked = withTagWork(to.byClass);
  if (worked.length === 0) return '; nothing remains.';
  const named = worked
    .slice(0, NAMED_REMAINS)
    .map((work) => `${work.class} ${percent(tagSetting(work.instructions), total)}`);
  return `; what remains is ${named.join(', ')}${worked.length > NAMED_REMAINS ? ' and others' : ''}.`;
}

/** The two sums below the headline, with their bounds. */
function totals(diff: DiffResult, names: SideNames, sameTrace: boolean, options: TextOptions): string[] {
  const labelWidth = Math.min(MAX_LABEL, Math.max(names.from.length, names.to.length)) + 2;
  const line = (name: string, result: ReportResult): string[] => {
    const granules = granuleInterval(result);
    const { tagInstructions, allocations } = result.totals;
    const lost = lostWords(result.losses);
    const figure = (interval: Interval, noun: string): string =>
      lost === ''
        ? `${count(interval.best)} ${noun}${bounds(interval)}`
        : `at least ${count(boundOrBest(interval, result.losses))} ${noun}`;
    return labelled(
      shortenMiddle(printable(name, options.unicode), labelWidth - 2, options.unicode),
      labelWidth,
      `${figure(granules, 'granules')} by ${figure(tagInstructions, 'tag-setting instructions')}${lost === '' ? '' : ` (${lost})`}${sameTrace ? '' : ` in ${clockDuration(result.source)}, for ${counted(allocations, 'allocation')}`}`,
      proseWidth(options) - 2,
    ).map((text) => `  ${text}`);
  };
  return [...line(names.from, diff.from), ...line(names.to, diff.to)];
}

/** Whether either side does any. */
export const hasWork = ({ from, to }: Pick<DiffRow, 'from' | 'to'>): boolean =>
  [from, to].some((side) => allGranules(side) > 0 || side.tagInstructions > 0);

/** Whether two sides do different work. */
export const differs = (row: Pick<DiffRow, 'from' | 'to'>): boolean =>
  savedGranules(row) !== 0 || savedInstructions(row) !== 0;

/** The greatest change first, whichever way it goes. */
export const byChange = (a: DiffRow, b: DiffRow): number =>
  Math.abs(savedInstructions(b)) - Math.abs(savedInstructions(a));

function classSection(diff: DiffResult, names: SideNames, options: TextOptions): Section {
  const rows: DifferenceRow[] = diff.byClass
    .filter(hasWork)
    .toSorted(byChange)
    .map((row) => ({ ...row, name: row.class }));
  if (rows.length === 0) return [];
  return differencesTable(rows, diff.totals, names, options);
}

/** Of two traces the times are of two runs, and what one takes less may be for less work. */
function timeSection(diff: DiffResult, sameTrace: boolean, options: TextOptions): string[] {
  if (!sameTrace) return [];
  return timesText(savedTimes(diff.byClass, diff.totals, diff.to.cost), options);
}

function siteSection(diff: DiffResult, options: TextOptions): Section {
  const rows = diff.bySite.filter(differs).toSorted(byChange);
  if (rows.length === 0 || options.by === 'class') return [];
  return {
    name: 'what differs by call site',
    rows: options.top === 0 ? rows.length : Math.min(options.top, rows.length),
    render: (limit) => {
      const shown = rows.slice(0, limit).map((row): DifferenceRow => ({ ...row, name: row.site }));
      const left = rows.length - shown.length;
      return [
        options.style.strong('By call site, where they differ'),
        ...differenceTable('call site', true, shown, options),
        ...(left === 0 ? [] : noteLines(`${count(left)} more that differ; --top 0 shows all.`, options)),
      ];
    },
  };
}

function remainsSection(to: ReportResult, name: string, options: TextOptions): Section {
  const rows = siteRows(to.bySite);
  if (rows.length === 0 || options.by === 'class') return [];
  const top = options.top === 0 ? REMAINING_SITES : Math.min(REMAINING_SITES, options.top);
  const names = {
    title: `What remains with ${name}, by call site`,
    column: 'call site',
    noun: 'call sites',
    hint: 'a report has them all',
  };
  return namesTable(rows, tagSetting(to.totals.instructions), names, { ...options, top });
}
