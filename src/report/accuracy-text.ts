import { printable } from './printable.ts';
import {
  errorOf,
  isAllowed,
  isInInterval,
  TOTAL_LIMIT,
  type Comparison,
  type RunComparison,
} from '../accuracy/compare.ts';
import { DIFF_LIMIT, failures, type AccuracyResult, type DiffComparison } from '../accuracy/judge.ts';
import { comparedInstructions, MODEL_LIMITS, offInterval, type ModelComparison } from '../accuracy/model.ts';
import { bounds, count, counted } from './number-format.ts';
import { wrap } from './prose.ts';
import { joinSections } from './layout.ts';
import { textTable, type Layout } from './text-table.ts';
import { proseWidth, type TextOptions } from './text-options.ts';

interface Row extends Omit<Comparison, 'expectation'> {
  /** Stands before a figure that is not as it must be. */
  readonly mark: string;
}

const WRONG = '! ';

const COLUMNS: Layout<Row> = [
  { title: '', align: 'left', cell: (row) => row.name, shrinkTo: 24 },
  { title: 'predicted', align: 'right', cell: (row) => count(row.predicted) },
  { title: 'executed', align: 'right', cell: (row) => count(row.executed) },
  { title: 'off by', align: 'right', cell: (row) => `${row.mark}${offBy(row.predicted, row.executed)}` },
];

/** Predictions beside what a kernel executed, as text. Ends with a newline. */
export function renderAccuracy(result: AccuracyResult, options: TextOptions): string {
  return joinSections([
    headline(result, options),
    ...result.runs.map((run) => runSection(run, options)),
    diffSection(result.diffs, options),
    ...result.model.map((run) => modelSection(run, options)),
    skippedSection(result, options),
    failureLines(result, options),
  ]);
}

const percentOff = (predicted: number, executed: number): string => {
  const off = 100 * errorOf(predicted, executed);
  return `${off > 0 ? '+' : ''}${off.toFixed(2)} %`;
};

const offBy = (predicted: number, executed: number): string =>
  predicted === executed ? 'equal' : percentOff(predicted, executed);

function headline({ runs, diffs, model }: AccuracyResult, options: TextOptions): string[] {
  const worst = runs.reduce(
    (most, run) => Math.max(most, Math.abs(errorOf(run.tagInstructions.best, run.executedTagInstructions))),
    0,
  );
  const inside = runs.filter(isInInterval).length;
  const text =
    `${count(runs.length)} runs of a real kernel, whose executed instructions were counted: tag-setting instructions ` +
    `are predicted within ${(100 * worst).toFixed(2)} %, and ${inside} of ${runs.length} executed totals lie in the stated interval` +
    (diffs.length === 0
      ? '.'
      : `; what the series leaves is predicted from a trace without it within ${worstOf(diffs, ({ predicted, sameRun }) => errorOf(predicted, sameRun))} % of what that run executed, and within ${worstOf(diffs, ({ predicted, executed }) => errorOf(predicted, executed))} % of what a patched kernel did in another run.`) +
    modelSentence(model);
  return title(text, options);
}

function modelSentence(model: readonly ModelComparison[]): string {
  if (model.length === 0) return '';
  const percent = (worst: number): string => (100 * worst).toFixed(2);
  const best = model.map((item) => Math.abs(errorOf(item.tagInstructions.best, comparedInstructions(item))));
  const near = model.filter((item) => Math.abs(offInterval(item)) <= MODEL_LIMITS.total).length;
  return (
    ` The model, which sees no trace, is within ${percent(Math.max(...best))} % in ${count(model.length)} runs; ` +
    `${near} of ${model.length} executed totals lie within ${100 * MODEL_LIMITS.total} % of the interval that it has for when timer ticks fall.`
  );
}

const worstOf = (diffs: readonly DiffComparison[], offOf: (item: DiffComparison) => number): string =>
  (100 * Math.max(...diffs.map((item) => Math.abs(offOf(item))))).toFixed(2);

const title = (text: string, options: TextOptions): string[] =>
  wrap(text, proseWidth(options)).map(options.style.strong);

function runSection(run: RunComparison, options: TextOptions): string[] {
  const rows: Row[] = [
    {
      name: 'tag-setting instructions',
      predicted: run.tagInstructions.best,
      executed: run.executedTagInstructions,
      mark: isInInterval(run) ? '' : WRONG,
    },
    ...run.totals.map((item) => ({ ...item, mark: '' })),
    ...run.functions.map((item) => ({ ...item, name: `in ${item.name}`, mark: '' })),
    ...run.categories.map((item) => ({
      ...item,
      name: `${item.name}${item.unit === 'calls' ? ', calls' : ''}`,
      mark: isAllowed(item) ? '' : WRONG,
    })),
  ];
  return [
    ...title(`${run.run}, policy ${run.policy}${bounds(run.tagInstructions)}`, options),
    ...textTable(rows, [COLUMNS], options),
  ];
}

function diffSection(diffs: readonly DiffComparison[], options: TextOptions): string[] {
  if (diffs.length === 0) return [];
  return [
    ...title('The patched kernel, predicted from the trace of the other (diff --to series)', options),
    ...textTable(
      diffs.flatMap((item) => [
        { name: `${item.run}, the patched kernel`, predicted: item.predicted, executed: item.executed, mark: '' },
        { name: '  the same run, but what it skips', predicted: item.predicted, executed: item.sameRun, mark: '' },
        {
          name: '  stacks and page tables',
          predicted: item.skipped,
          executed: 0,
          mark: item.skipped === 0 ? '' : WRONG,
        },
      ]),
      [COLUMNS],
      options,
    ),
    ...wrap(
      'The two kernels are two runs, which differ by chance. The same run: what the kernel of the trace executed in it for anything but stacks and page tables.',
      proseWidth(options) - 2,
    ).map((line) => `  ${options.style.faint(line)}`),
  ];
}

function modelSection(run: ModelComparison, options: TextOptions): string[] {
  const rows: Row[] = [
    {
      name: 'tag-setting instructions',
      predicted: run.tagInstructions.best,
      executed: comparedInstructions(run),
      mark: Math.abs(offInterval(run)) > MODEL_LIMITS.total ? WRONG : '',
    },
    ...run.categories.map((item) => ({
      ...item,
      name: `${item.name}${item.unit === 'calls' ? ', calls' : ''}`,
      mark: Math.abs(item.predicted - item.executed) > item.allowed ? WRONG : '',
    })),
  ];
  return [
    ...title(
      printable(`The model: ${run.run}, policy ${run.policy}${bounds(run.tagInstructions)}`, options.unicode),
      options,
    ),
    ...textTable(rows, [COLUMNS], options),
    ...(run.compaction === 0
      ? []
      : wrap(
          `Left out: ${count(run.compaction)} instructions that the kernel executed for compaction (mm/compaction.c), which the model does not have.`,
          proseWidth(options) - 2,
        ).map((line) => `  ${options.style.faint(line)}`)),
  ];
}

/** Runs that were not compared: nothing is passed over silently. */
function skippedSection({ skipped }: AccuracyResult, options: TextOptions): string[] {
  if (skipped.length === 0) return [];
  return [
    ...title(`Not compared: ${count(skipped.length)} ${skipped.length === 1 ? 'run' : 'runs'}`, options),
    ...skipped.flatMap(({ run, why }) =>
      wrap(printable(`  ${run}: ${why}`, options.unicode), proseWidth(options) - 2, '  ').map((line) => `  ${line}`),
    ),
  ];
}

function failureLines(result: AccuracyResult, options: TextOptions): string[] {
  const failed = failures(result);
  const rule =
    `Required: totals within ${100 * TOTAL_LIMIT.usual} % (${100 * TOTAL_LIMIT.file} % of short file work; where memory was compacted only inside the interval), executed totals ` +
    `and figures with estimates inside their intervals, operations that have an event equal, ` +
    `diff within ${100 * DIFF_LIMIT} %; of the model, stacks, tables and batch pages ` +
    `within ${100 * MODEL_LIMITS.stacksAndTables} %, objects within ${100 * MODEL_LIMITS.objects} %, or both within what grace ` +
    `periods move across the ends of a run, and totals within ${100 * MODEL_LIMITS.total} % of its interval.`;
  return [
    ...wrap(rule, proseWidth(options)),
    ...(failed.length === 0
      ? wrap(allHolds(result, options), proseWidth(options))
      : failed.flatMap((line) => wrap(printable(`FAILED ${line}`, options.unicode), proseWidth(options)))),
  ];
}

/** Single figures that are further off than this are counted: limits are on totals, and of estimates they are wide. */
const FAR_OFF = 0.05;

/** That no limit is exceeded, and how far off single figures are all the same: nobody should read more into it. */
function allHolds({ runs, model }: AccuracyResult, options: TextOptions): string {
  const estimated = [
    ...runs.flatMap(({ run, categories }) => categories.map((item) => ({ ...item, run }))),
    ...model.flatMap(({ run, categories }) => categories.map((item) => ({ ...item, run: `the model, ${run}` }))),
  ].filter(({ unit, executed }) => unit === 'instructions' && executed > 0);
  const off = (item: (typeof estimated)[number]): number => Math.abs(errorOf(item.predicted, item.executed));
  const worst = estimated.toSorted((a, b) => off(b) - off(a))[0];
  if (worst === undefined || worst.predicted === worst.executed)
    return 'No limit is exceeded, and every figure is equal.';
  const far = estimated.filter((item) => off(item) > FAR_OFF).length;
  return (
    `No limit is exceeded. That does not make every figure exact: of ${counted(estimated.length, 'single count')} of instructions ` +
    `${count(far)} ${far === 1 ? 'is' : 'are'} more than ${100 * FAR_OFF} % off, within what ${far === 1 ? 'its' : 'their'} ` +
    `estimates leave open. The furthest: ${worst.name} in ${printable(worst.run, options.unicode)}, ${count(worst.predicted)} for ${count(worst.executed)} (${percentOff(worst.predicted, worst.executed)}).`
  );
}
