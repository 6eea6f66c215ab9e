import { tagSetting, INSTRUCTION_KINDS, INSTRUCTION_NAMES } from '../mte/instruction.ts';
import { didTheSame, type BenchResult, type BenchRunResult, type PublishedFigure } from '../result/bench.ts';
import { diffRows, totalSides } from '../result/diff.ts';
import { allGranules } from '../result/granules.ts';
import { differencesTable } from './difference-section.ts';
import { savedInstructions, type DifferenceRow } from './diff-table.ts';
import { commandText } from './command-text.ts';
import { byteSize, count, counted, duration, percent, timeSpan } from './number-format.ts';
import { printable } from './printable.ts';
import { indentedProse, labelled, prose } from './prose.ts';
import { detail, layOut, warnings, type Section } from './layout.ts';
import { proseWidth, type TextOptions } from './text-options.ts';
import { textTable, type Column } from './text-table.ts';
import { profileText, savedTimes, timesText, workTimes, type Times } from './time-text.ts';
import { untaggedText } from './untagged-text.ts';
import { classesTable, namesTable } from './work-section.ts';
import { classRows, siteRows, withTagWork } from './work-table.ts';

const LABEL_WIDTH = 10;

/** A benchmark on the model as text: what the policies differ in first, then what happened, then what it can be compared with. */
export function renderBench(result: BenchResult, options: TextOptions): string {
  const [from, to] = result.runs;
  const compared = to !== undefined;
  const { command } = result.provenance;
  return layOut(
    [
      prose(benchHeadline(result), options).map(options.style.strong),
      warnings([...result.warnings, ...benchEndings(result)], options),
      detail('what happened', operationsSection(result, options)),
      compared ? differenceSection(from, to, options) : classSection(from, options),
      sitesSection(to ?? from, compared, options),
      detail('instructions by kind', instructionsSection(result.runs, options)),
      detail('time by class', timeSection(result, options)),
      detail('the published figures', publishedSection(result, options)),
      detail(
        'model and profile',
        [
          ...machineLines(result, options),
          ...(result.cost === null ? [] : profileText(result.cost, options)),
          ...commandText(command, options),
        ],
        `Counts are ${result.provenance.counts}, given the operations; operations are ${result.provenance.operations}.`,
      ),
    ],
    options,
    command,
  );
}

const instructionsOf = ({ totals }: BenchRunResult): number => tagSetting(totals.instructions);

/** What a benchmark is of, in a few words. */
export const benchTitle = ({ workload, runs }: BenchResult): string =>
  `${runs.map(({ policy }) => policy.name).join(' to ')} on ${workload.name}, ${counted(workload.iterations, 'iteration')}`;

/** The answer in one sentence. */
export const benchHeadline = ({ runs: [from, to] }: BenchResult): string =>
  to === undefined ? single(from) : comparison(from, to);

const single = (run: BenchRunResult): string =>
  `${run.policy.name}: ${counted(allGranules(run.totals), 'granule')} tagged by ${counted(instructionsOf(run), 'tag-setting instruction')} in ${counted(run.iterations, 'iteration')}.`;

function comparison(from: BenchRunResult, to: BenchRunResult): string {
  if (!didTheSame(from, to)) return perIteration(from, to);
  const granules = allGranules(from.totals) - allGranules(to.totals);
  const instructions = instructionsOf(from) - instructionsOf(to);
  if (granules === 0 && instructions === 0)
    return `${to.policy.name} and ${from.policy.name} do the same amount of tag work.`;
  const verb = granules >= 0 ? 'saves' : 'adds';
  const worked = withTagWork(to.byClass).slice(0, 3);
  const remains = worked.map((work) => `${work.class} ${percent(tagSetting(work.instructions), instructionsOf(to))}`);
  return `${to.policy.name} ${verb} ${counted(Math.abs(granules), 'granule')} (${percent(Math.abs(granules), allGranules(from.totals))}) and ${counted(Math.abs(instructions), 'tag-setting instruction')} (${percent(Math.abs(instructions), instructionsOf(from))}) of ${from.policy.name}${remains.length === 0 ? '; nothing remains' : `; what remains is ${remains.join(', ')}`}.`;
}

/** Of runs that did not come equally far nothing but the work of an iteration can be compared. */
function perIteration(...runs: readonly BenchRunResult[]): string {
  const each = runs.map((run) => {
    const { policy, iterations, totals } = run;
    if (iterations === 0) return `${policy.name} ended before its first iteration was over`;
    return `${policy.name} tags ${counted(Math.round(allGranules(totals) / iterations), 'granule')} by ${counted(Math.round(instructionsOf(run) / iterations), 'tag-setting instruction')} an iteration (${count(iterations)} of them)`;
  });
  return `${each.join(', ')}: the runs did not come equally far, and their totals are not compared.`;
}

/** How good the counts are, and of what. */
export const benchCountsSentence = ({ provenance }: BenchResult): string =>
  `tagscope ${provenance.tagscope}. Granules and instructions are ${provenance.counts}, given the operations; the operations are ${provenance.operations}.`;

/** Why runs ended early; none if none did. */
export const benchEndings = ({ runs, workload }: BenchResult): string[] =>
  runs.flatMap(({ ended, iterations, policy }) =>
    ended === null
      ? []
      : [`${policy.name}: ${counted(iterations, 'iteration')} of ${count(workload.iterations)}: ${ended}.`],
  );

/** Something that a workload did, as it is shown. */
export interface Operation {
  readonly name: string;
  readonly of: (run: BenchRunResult) => string;
}

export const OPERATIONS: readonly Operation[] = [
  { name: 'processes created', of: ({ operations }) => count(operations.processes) },
  { name: 'threads created', of: ({ operations }) => count(operations.threads) },
  { name: 'kernel stacks, fresh', of: ({ operations }) => count(operations.stacks.fresh) },
  { name: 'kernel stacks, reused', of: ({ operations }) => count(operations.stacks.reused) },
  { name: 'page-table pages', of: ({ operations }) => count(operations.pageTables) },
  { name: 'pages allocated', of: ({ operations }) => count(operations.pages) },
  { name: 'pages tagged', of: ({ pagesTagged }) => count(pagesTagged) },
  { name: 'granules tagged', of: ({ totals }) => count(allGranules(totals)) },
  { name: 'tag-setting instructions', of: (run) => count(instructionsOf(run)) },
  { name: 'time of the simulation', of: ({ wallSeconds }) => duration(wallSeconds) },
];

function operationsSection({ runs, workload }: BenchResult, options: TextOptions): string[] {
  const columns: readonly Column<Operation>[] = [
    {
      title: `${workload.name}, ${counted(workload.iterations, 'iteration')}`,
      align: 'left',
      cell: ({ name }) => name,
      shrinkTo: 16,
    },
    ...runs.map((run): Column<Operation> => ({
      title: run.policy.name,
      align: 'right',
      cell: ({ of }) => of(run),
      shrinkTo: 10,
    })),
  ];
  return [options.style.strong('What happened'), ...textTable(OPERATIONS, [columns], options)];
}

function differenceSection(from: BenchRunResult, to: BenchRunResult, options: TextOptions): Section {
  if (!didTheSame(from, to)) return [];
  const rows: DifferenceRow[] = diffRows(from, to)
    .byClass.toSorted((a, b) => Math.abs(savedInstructions(b)) - Math.abs(savedInstructions(a)))
    .map((row) => ({ ...row, name: row.class }));
  if (rows.length === 0) return [];
  return differencesTable(rows, totalSides(from, to), { from: from.policy.name, to: to.policy.name }, options);
}

function classSection(run: BenchRunResult, options: TextOptions): Section {
  const rows = classRows(run.byClass);
  const title = 'By allocation class';
  const untagged = untaggedText(run.byClass, options);
  return rows.length === 0
    ? [options.style.strong(title), ...untagged]
    : classesTable(title, rows, run.totals, options, untagged);
}

const timeSection = (result: BenchResult, options: TextOptions): string[] => timesText(benchTimes(result), options);

/** What the tags of a run take, or what the second of two saves. */
export function benchTimes({ runs: [from, to], cost }: BenchResult): Times | undefined {
  if (cost === null || (to !== undefined && !didTheSame(from, to))) return undefined;
  return to === undefined ? workTimes(from, cost) : savedTimes(diffRows(from, to).byClass, totalSides(from, to), cost);
}

function sitesSection(run: BenchRunResult, compared: boolean, options: TextOptions): Section {
  const title = compared ? `What remains with ${run.policy.name}, by call site` : 'By call site';
  const names = { title, column: 'call site', noun: 'call sites' };
  return namesTable(siteRows(run.bySite), instructionsOf(run), names, options);
}

function instructionsSection(runs: readonly BenchRunResult[], options: TextOptions): string[] {
  const kinds = INSTRUCTION_KINDS.filter((kind) => runs.some(({ totals }) => totals.instructions[kind] > 0));
  if (kinds.length === 0) return [];
  const columns: readonly Column<(typeof kinds)[number]>[] = [
    { title: 'instruction', align: 'left', cell: (kind) => INSTRUCTION_NAMES[kind] },
    ...runs.map((run): Column<(typeof kinds)[number]> => ({
      title: run.policy.name,
      align: 'right',
      cell: (kind) => count(run.totals.instructions[kind]),
      shrinkTo: 10,
    })),
  ];
  return [options.style.strong('Instructions by kind'), ...textTable(kinds, [columns], options)];
}

/** The published figures, and in plain words what of them can be compared. */
function publishedSection(result: BenchResult, options: TextOptions): string[] {
  if (result.published === null) return [];
  return [
    options.style.strong('Beside the published figures'),
    ...publishedSentences(result).flatMap((text) => indentedProse(text, options)),
  ];
}

/** The same as sentences; none where the series gives no figure. */
export const publishedSentences = (result: BenchResult): readonly string[] =>
  result.published === null
    ? []
    : [publishedText(result.published), instructionsSaved(result), predictionText(result)].filter(
        (text) => text !== '',
      );

const publishedText = (figure: PublishedFigure): string =>
  `The series gives ${figure.before} s before and ${figure.with} s with it (${share((figure.before - figure.with) / figure.before)} less) for ${figure.parameters}: ${figure.source}.`;

function instructionsSaved({ workload, runs: [from, to] }: BenchResult): string {
  if (to === undefined) return '';
  const per = workload.name === 'thread' ? from.operations.threads : from.operations.pageTables;
  const unit = workload.name === 'thread' ? 'thread' : 'page-table page';
  const saved = instructionsOf(from) - instructionsOf(to);
  return per === 0 ? '' : `The model saves ${(saved / per).toFixed(1)} tag-setting instructions for each ${unit}.`;
}

/** A share of the published time, with both digits that the published figures bear. */
const share = (value: number): string => `${(100 * value).toFixed(2)} %`;

function predictionText({ prediction, cost, published }: BenchResult): string {
  if (prediction === null || cost === null || published === null) return '';
  const { basis, savedEach, each, share: shares, scaled } = prediction;
  const origin =
    basis === 'construction'
      ? `By construction: the profile ${cost.profile} is fitted to this result`
      : `A prediction: the profile ${cost.profile} is not fitted to this result`;
  const saves = `it saves ${timeSpan(savedEach)} for each ${each}, ${share(shares.best)} (${share(shares.low)} to ${share(shares.high)}) of the published time before the series (${scaled})`;
  const impossible =
    shares.high > 1
      ? ' More than all of it cannot be saved: the two published results do not hold together for as many threads, whose stacks wait for memory as page tables do. What the letter counts as a thread is not known.'
      : '';
  return `${origin}; ${saves}.${impossible}`;
}

/** What a granule is where there are no tags. */
const SHADOWED: ReadonlyMap<string, string> = new Map([
  ['sw-tags', 'a granule is a byte of shadow memory, for 16 bytes of memory; it is written by plain stores.'],
  ['generic', 'a granule is a byte of shadow memory, for 8 bytes of memory; it is written by plain stores.'],
]);

function machineLines({ machine, provenance }: BenchResult, options: TextOptions): string[] {
  const shadowed = SHADOWED.get(machine.kasan);
  const paragraph = (label: string, text: string): string[] =>
    labelled(label, LABEL_WIDTH, printable(text, options.unicode), proseWidth(options));
  return [
    ...paragraph('Model', machineSentence({ machine })),
    ...(shadowed === undefined ? [] : paragraph('Granules', shadowed)),
    ...paragraph(
      'Sure',
      `counts are ${provenance.counts}, given the operations; operations are ${provenance.operations}: how far they are from a real kernel's is in docs/accuracy.md.`,
    ),
  ];
}

/** What was modelled. */
export function machineSentence({ machine }: Pick<BenchResult, 'machine'>): string {
  const blocks = machine.dzp ? 'DC GVA prohibited' : `DC blocks of ${byteSize(machine.dcBlock)}`;
  const cmdline = machine.cmdline === '' ? 'default boot parameters' : `boot parameters ${machine.cmdline}`;
  const kernel = machine.kernel === machine.rules ? '' : ` on the allocators of ${machine.kernel}`;
  const config = machine.config === '' ? '' : ` ${machine.config};`;
  return `rules of Linux ${machine.rules}${kernel}, KASAN ${machine.kasan}. Pages of ${byteSize(machine.pageSize)}, ${byteSize(machine.ram)} of memory; ${counted(machine.cpus, 'CPU')} ${machine.cpu}, ${blocks};${config}${machine.vmapStack ? '' : ' no VMAP_STACK;'} ${cmdline}; seed ${machine.seed}.`;
}
