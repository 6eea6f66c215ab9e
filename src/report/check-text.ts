import { selectionSentence } from './selection-text.ts';
import { lostSentence } from './lost-text.ts';
import { remarks } from './remarks.ts';
import { isLeast, type CheckedLimit, type CheckResult } from '../decide/check.ts';
import type { MetricUnit } from '../decide/budget.ts';
import { commandText } from './command-text.ts';
import { kernelText, policyName, policyText, provenanceBrief } from './kernel-text.ts';
import { lossesDetail } from './losses-text.ts';
import { byteSize, count, counted, nanoseconds } from './number-format.ts';
import { detail, layOut, warnings, type Table } from './layout.ts';
import { textTable, type Column } from './text-table.ts';
import { type TextOptions } from './text-options.ts';
import { noteLines } from './top-rows.ts';
import { indentedProse, prose } from './prose.ts';

/** A share, with digits enough to be told from a limit. */
const shareText = (share: number): string => `${Number((100 * share).toPrecision(4))} %`;

const UNITS: { readonly [Unit in MetricUnit]: (value: number) => string } = {
  count,
  bytes: (value) => (value < 1024 ? `${count(value)} bytes` : byteSize(value)),
  share: shareText,
  time: nanoseconds,
};

/** A value of a limit, with its unit: `1,500,000`, `5 %`, `2.00 ms`. */
export const valueText = ({ unit }: Pick<CheckedLimit, 'unit'>, value: number): string => UNITS[unit](value);

/** What a limit is about: all of it but the comparison. */
export const subjectText = ({ scope, metric }: Pick<CheckedLimit, 'scope' | 'metric'>): string => {
  switch (scope.of) {
    case 'all':
      return metric;
    case 'class':
      return `class.${scope.class}.${metric}`;
    case 'site':
      return `site.${scope.site}.${metric}`;
  }
};

/** What was found, with its bounds where it has some. */
const actualText = (limit: CheckedLimit): string => {
  const { low, best, high } = limit.actual;
  const [from, value, to] = [low, best, high].map((each) => valueText(limit, each));
  return from === to ? value : `${value} (${from} to ${to})`;
};

/** What became of a limit. */
export const verdictText = ({ holds, operator, certain, absent }: CheckedLimit): string =>
  `${holds ? 'holds' : isLeast(operator) ? 'NOT MET' : 'EXCEEDED'}${certain ? '' : ', not certain'}${absent ? ', absent' : ''}`;

/** What became of a limit, in a sentence without its end. */
export const limitSentence = (limit: CheckedLimit): string =>
  `${subjectText(limit)} is ${actualText(limit)}, the limit is ${limit.operator} ${valueText(limit, limit.value)}`;

/** What the verdicts mean that are not plain. */
export const verdictNotes = ({ limits, losses }: CheckResult): readonly string[] => [
  ...(limits.every(({ certain }) => certain)
    ? []
    : losses.lost.events === 0
      ? ['Not certain: the best estimate decides, and within its bounds it could be otherwise.']
      : [
          'Not certain: the best estimate of what was recorded decides, and with what was lost it could be otherwise. A limit for `losses` makes a recording fail that is not whole.',
        ]),
  ...(limits.some(({ absent }) => absent)
    ? ['Absent: nothing in the trace is of this class or has this call site; the figure is 0. Check the name.']
    : []),
];

/** Of what shares are. */
const shareNotes = ({ limits }: CheckResult): readonly string[] => [
  ...(limits.some(({ metric }) => metric === 'share') ? ['share: of all tag-setting instructions.'] : []),
  ...(limits.some(({ metric }) => metric === 'share.granules') ? ['share.granules: of all granules tagged.'] : []),
];

const broken = (limits: readonly CheckedLimit[]): readonly CheckedLimit[] => limits.filter(({ holds }) => !holds);

const brokenTitle = (limits: readonly CheckedLimit[]): string =>
  broken(limits).every(({ operator }) => isLeast(operator)) ? 'Not within budget' : 'Over budget';

/** What became of the limits that do not hold: what is too much is exceeded, what is too little is not met. */
function brokenWord(limits: readonly CheckedLimit[]): string {
  const least = broken(limits).filter(({ operator }) => isLeast(operator)).length;
  if (least === 0) return 'exceeded';
  return least === broken(limits).length ? 'not met' : 'exceeded or not met';
}

/** The answer in a sentence. */
export const checkHeadline = (result: CheckResult): string => {
  const { limits, exceeded, policy, losses } = result;
  const verdict =
    exceeded === 0
      ? `Within budget${losses.lost.events === 0 ? '' : ' as far as the trace shows,'} under ${policyName({ policy })}: ${limits.length === 1 ? 'the limit holds' : `all ${count(limits.length)} limits hold`}.`
      : `${brokenTitle(limits)} under ${policyName({ policy })}: ${count(exceeded)} of ${counted(limits.length, 'limit')} ${exceeded === 1 ? 'is' : 'are'} ${brokenWord(limits)}.`;
  return `${verdict}${selectionSentence(result)}${lostSentence(losses)}`;
};

/** A result beside its budget, as text. Ends with a newline. */
export function renderCheck(result: CheckResult, options: TextOptions): string {
  const columns: readonly Column<CheckedLimit>[] = [
    { title: 'what', align: 'left', cell: subjectText, shrinkTo: 20 },
    { title: 'is', align: 'right', cell: (limit) => valueText(limit, limit.actual.best) },
    { title: 'limit', align: 'right', cell: (limit) => `${limit.operator} ${valueText(limit, limit.value)}` },
    { title: 'verdict', align: 'left', cell: verdictText },
  ];
  const hasTime = result.limits.some(({ unit }) => unit === 'time');
  const { profile, provenance, source } = result.cost;
  const { command } = result.provenance;
  return layOut(
    [
      prose(checkHeadline(result), options).map(result.exceeded === 0 ? options.style.strong : options.style.warning),
      warnings(remarks(result), options),
      limitsTable(result, columns, options),
      detail('notes on the limits', [
        ...[
          ...result.limits
            .filter(({ actual }) => actual.low !== actual.high)
            .map((limit) => `${subjectText(limit)}: ${actualText(limit)}.`),
          ...verdictNotes(result),
          ...shareNotes(result),
          ...(hasTime ? [`Times are modelled by the profile ${profile} (${provenance}: ${source}).`] : []),
        ].flatMap((text) => indentedProse(text, options).map(options.style.faint)),
      ]),
      lossesDetail(result.losses, options),
      detail(
        'trace, kernel, policy',
        [...kernelText(result, options), ...policyText(result, options), ...commandText(command, options)],
        provenanceBrief(result, hasTime ? profile : undefined),
      ),
    ],
    options,
    command,
  );
}

/** The limits; on a small screen those that do not hold come first. */
const limitsTable = (
  { limits }: CheckResult,
  columns: readonly Column<CheckedLimit>[],
  options: TextOptions,
): Table => ({
  name: 'all limits',
  rows: limits.length,
  render: (rows) => {
    if (rows >= limits.length) return textTable(limits, [columns], options);
    const worstFirst = limits.toSorted((a, b) => Number(a.holds) - Number(b.holds)).slice(0, rows);
    return [
      ...textTable(worstFirst, [columns], options),
      ...noteLines(`${counted(limits.length - rows, 'more limit')}; -v shows them.`, options),
    ];
  },
});
