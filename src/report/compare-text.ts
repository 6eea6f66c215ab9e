import { selectionSentence } from './selection-text.ts';
import { lostSentence } from './lost-text.ts';
import { remarks } from './remarks.ts';
import type { ComparedPolicy, CompareResult } from '../decide/compare.ts';
import { commandText } from './command-text.ts';
import { kernelText, provenanceBrief } from './kernel-text.ts';
import { lossesDetail } from './losses-text.ts';
import { count, counted, percent } from './number-format.ts';
import { printable } from './printable.ts';
import { labelled, prose } from './prose.ts';
import { detail, layOut, warnings } from './layout.ts';
import { textPlot } from './text-plot.ts';
import { profileText, TIME_FIGURES, timeTitle } from './time-text.ts';
import { textTable, type Column, type Layout } from './text-table.ts';
import { proseWidth, type TextOptions } from './text-options.ts';
import { noteLines } from './top-rows.ts';
import { letterOf, pointsOf } from './trade-off.ts';

interface Row extends ComparedPolicy {
  readonly letter: string;
  /** All of the baseline's work, to be shares of. */
  readonly granules: number;
  readonly tagInstructions: number;
}

/** What it means to be on the front. */
export const FRONT =
  'on the front, where no other policy here saves as much and detects as much, and more of one of the two';
/** What shares of bugs mean. */
const EACH_ONCE =
  'Detected: of bugs injected on the model, the mean share by the rules, each kind of memory counting the same and each kind of bug in it once, however frequent it is in practice; lost and gained: kinds of bug detected less or more often than with the baseline.';

/** The same, by what they are weighed. */
export const detectedShares = ({ weights }: CompareResult): string =>
  weights === null
    ? EACH_ONCE
    : `Detected: the share by the rules of the real bugs that --weights gives, each counting once: ${weights.known} of ${weights.bugs}, the others being of no kind that the audit has, or not decided. Lost and gained: kinds of bug detected less or more often than with the baseline, each once.`;

const SHORT_LEGEND = 'Capital letters: on the front. Lost, gained: kinds of bug detected less, more often.';

/** Policies side by side, as text. Ends with a newline. */
export function renderCompare(result: CompareResult, options: TextOptions): string {
  const { baseline, policies } = result;
  const rows = policies.map((policy, index): Row => ({
    ...policy,
    letter: letterOf(policy, index),
    ...wholeOf(result),
  }));
  const { command } = result.provenance;
  const legend = `Capital letters: ${FRONT}. Saved: tags written, by granules of 16 bytes and by tag-setting instructions, on this trace. ${detectedShares(result)}`;
  return layOut(
    [
      prose(compareHeadline(result), options).map(options.style.strong),
      warnings(remarks(result), options),
      {
        name: 'all policies',
        rows: rows.length,
        render: (limit) => [
          ...prose(`What each saves of ${baseline}, and what it still detects`, options).map(options.style.strong),
          ...textTable(rows.slice(0, limit), [WIDE, NARROW, NARROWEST], options),
          ...(limit < rows.length
            ? noteLines(`${counted(rows.length - limit, 'more policy', 'more policies')}; -v shows them.`, options)
            : []),
        ],
      },
      detail('what the columns are', prose(legend, options).map(options.style.faint), SHORT_LEGEND),
      detail('time saved', timeSection(rows, result, options)),
      detail('the trade-off as a plot', plot(result, options)),
      detail('what is lost', lossSection(rows, options)),
      agreement(result, options),
      lossesDetail(result.losses, options),
      detail(
        'trace, kernel, profile, audit',
        [
          ...kernelText(result, options),
          ...profileText(result.cost, options),
          ...labelled('Audit', 9, auditText(result), proseWidth(options)),
          ...commandText(command, options),
        ],
        provenanceBrief(result, undefined),
      ),
    ],
    options,
    command,
  );
}

/** The baseline's work, which shares are of. */
export function wholeOf({ policies }: CompareResult): { readonly granules: number; readonly tagInstructions: number } {
  const baseline = policies.find(({ isBaseline }) => isBaseline);
  const { granules, tagInstructions } = (baseline ?? policies[0]).work;
  return { granules: granules.alloc + granules.free, tagInstructions: tagInstructions.best };
}

const shareText = (share: number): string => percent(share, 1);

/** Which policies are on the front, in a sentence. */
export function compareHeadline(result: CompareResult): string {
  const { granules } = wholeOf(result);
  const front = groupsOf(result.policies.filter(({ onFront }) => onFront)).map(([first, ...same]) => {
    const saved = `${first.saved.granules < 0 ? 'adds' : 'saves'} ${percent(Math.abs(first.saved.granules), granules)}`;
    const names = [first, ...same].map(({ policy }) => policy.name).join(' = ');
    return `${names} (${saved}, detects ${shareText(first.detection.byRules)})`;
  });
  return `Of ${counted(result.policies.length, 'policy', 'policies')}, compared with ${result.baseline}, these are on the front of the trade-off: ${front.join('; ')}.${selectionSentence(result)}${lostSentence(result.losses)}`;
}

/** Policies that save and detect the same, together. */
function groupsOf(policies: readonly ComparedPolicy[]): readonly (readonly [ComparedPolicy, ...ComparedPolicy[]])[] {
  const groups = new Map<string, [ComparedPolicy, ...ComparedPolicy[]]>();
  for (const policy of policies) {
    const key = `${policy.saved.granules} ${policy.detection.byRules.toFixed(9)}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [policy]);
    else known.push(policy);
  }
  return [...groups.values()];
}

const named = ({ policy, isBaseline }: ComparedPolicy): string => `${policy.name}${isBaseline ? ' (baseline)' : ''}`;

const NAME: Layout<Row>[number] = {
  title: 'policy',
  align: 'left',
  cell: (row) => `${row.letter} ${named(row)}`,
  shrinkTo: 18,
};
const SAVED: Layout<Row> = [
  { title: 'granules\nsaved', align: 'right', cell: ({ saved }) => count(saved.granules) },
  { title: '\nshare', align: 'right', cell: ({ saved, granules }) => percent(saved.granules, granules) },
  { title: 'tag-setting\ninstr. saved', align: 'right', cell: ({ saved }) => count(saved.tagInstructions) },
  {
    title: '\nshare',
    align: 'right',
    cell: ({ saved, tagInstructions }) => percent(saved.tagInstructions, tagInstructions),
  },
];
const DETECTED: Layout<Row> = [
  { title: 'detected,\nby rules', align: 'right', cell: ({ detection }) => shareText(detection.byRules) },
  { title: '\nobserved', align: 'right', cell: ({ detection }) => shareText(detection.observed) },
];
const KINDS: Layout<Row> = [
  { title: 'kinds\nlost', align: 'right', cell: ({ detection }) => count(detection.kindsLost) },
  { title: '\ngained', align: 'right', cell: ({ detection }) => count(detection.kindsGained) },
];

const WIDE: Layout<Row> = [NAME, ...SAVED, ...DETECTED, ...KINDS];
const NARROW: Layout<Row> = [
  NAME,
  { ...SAVED[1], title: 'granules\nsaved' },
  { ...SAVED[3], title: 'instr.\nsaved' },
  DETECTED[0],
  ...KINDS,
];

const NARROWEST: Layout<Row> = [NAME, { ...SAVED[1], title: 'granules\nsaved' }, DETECTED[0], ...KINDS];

/** Times that policies save, each with its bounds: where these have two signs, it is not known whether anything is saved. */
function timeSection(rows: readonly Row[], { cost }: CompareResult, options: TextOptions): string[] {
  const timed = rows.flatMap((row) => (row.saved.time === null ? [] : [{ ...row, time: row.saved.time }]));
  if (timed.length === 0) return [];
  return [
    ...prose(timeTitle('Time saved', cost), options).map(options.style.strong),
    ...textTable(
      timed,
      [
        [
          NAME,
          ...TIME_FIGURES.map(({ title, cell }): Column<(typeof timed)[number]> => ({
            title,
            align: 'right',
            cell: ({ time }) => cell(time),
          })),
        ],
      ],
      options,
    ),
  ];
}

function plot(result: CompareResult, options: TextOptions): string[] {
  const { inside, outside } = pointsOf(result);
  if (inside.length < 2) return [];
  const off = outside.map(({ letter, name, saved, detected }) => {
    const share = `${(-saved).toFixed(0)} % more work`;
    return `${letter} ${name}: ${share}, ${detected.toFixed(1)} % detected`;
  });
  return [
    options.style.strong('The trade-off'),
    ...textPlot(inside, `granules saved of ${result.baseline}`, 'detected by the rules', options),
    ...(off.length === 0 ? [] : prose(`Off the plot: ${off.join('; ')}.`, options)),
  ];
}

function lossSection(rows: readonly Row[], options: TextOptions): string[] {
  const losing = rows.filter(({ detection }) => detection.worst !== null);
  if (losing.length === 0) return [];
  return [
    options.style.strong('What is lost'),
    ...losing.flatMap((row) =>
      labelled(`  ${row.letter}`, 4, printable(lossSentence(row), options.unicode), proseWidth(options)),
    ),
  ];
}

/** What a policy loses of detection, in words; empty if nothing. */
export function lossSentence({ policy, detection: { worst, kindsLost, kinds, lost } }: ComparedPolicy): string {
  if (worst === null) return '';
  return `${policy.name}: ${count(kindsLost)} of ${count(kinds)} kinds of bug, ${(100 * lost).toFixed(1)} points of what is detected; most in ${worst.subject}: ${worst.bug}, ${shareText(worst.from)} to ${shareText(worst.to)}`;
}

const agreement = (result: CompareResult, options: TextOptions): string[] =>
  prose(disagreement(result), options).map(options.style.warning);

/** What was not detected as often as the rules say, in a sentence; empty if all was. */
export function disagreement({ policies, audit }: CompareResult): string {
  const wrong = policies.filter(({ detection }) => detection.disagreeing > 0);
  if (wrong.length === 0) return '';
  const names = wrong.map(({ policy, detection }) => `${policy.name} (${detection.disagreeing})`).join(', ');
  return `Not all was detected as often as the rules say, in ${counted(audit.trials, 'trial')} of each kind: ${names}. \`tagscope audit --policy NAME\` shows which.`;
}

/** What was audited, and how. */
export function auditText({ audit, policies }: CompareResult): string {
  const kinds = policies[0]?.detection.kinds ?? 0;
  return `${count(kinds)} kinds of bug where the kernel itself goes, ${counted(audit.trials, 'trial')} each, seed ${audit.seed}, on the model with pages of ${audit.pageSize / 1024} KiB. \`tagscope audit --from A --to B\` shows each of them.`;
}
