import { didTheSame, type BenchResult } from '../../result/bench.ts';
import { diffRows, sideOf, totalSides } from '../../result/diff.ts';
import { allGranules } from '../../result/granules.ts';
import {
  benchCountsSentence,
  benchEndings,
  benchHeadline,
  benchTimes,
  benchTitle,
  machineSentence,
  OPERATIONS,
  publishedSentences,
} from '../bench-text.ts';
import { benchFinding } from '../findings.ts';
import { markup, NOTHING, type Markup } from '../markup.ts';
import { count, percent } from '../number-format.ts';
import { measureOf } from '../stacks/measures.ts';
import { weightedStacks } from '../stacks/weighted-stacks.ts';
import { differenceGraphs, stackGraph } from '../svg/graphs.ts';
import { profileSentence } from '../time-text.ts';
import type { OutputOptions } from '../writers.ts';
import { differenceSections } from './difference-sections.ts';
import { htmlTable } from './html-table.ts';
import { page } from './page.ts';
import { figures, howAgain, section, warnings, type Figure } from './parts.ts';
import { timeSection } from './time-section.ts';
import { classSection, graphSection, instructionsSection, siteSection } from './work-sections.ts';

/** A benchmark on the model as one page. */
export function benchHtml(result: BenchResult, { weight }: OutputOptions): string {
  const [from, to] = result.runs;
  const measure = measureOf(weight);
  const [before, after] = result.runs.map((run) => weightedStacks(run.policy.name, run, 'site'));
  const sections =
    to === undefined
      ? markup`${classSection(from)}${graphSection(stackGraph(before, measure))}${siteSection(from)}${instructionsSection(from, result.machine.dcBlock)}`
      : !didTheSame(from, to)
        ? markup``
        : differenceSections(
            {
              names: { from: from.policy.name, to: to.policy.name },
              ...totalSides(from, to),
              ...diffRows(from, to),
            },
            differenceGraphs(before, after, measure),
          );
  return page(
    `${benchTitle(result)} – tagscope`,
    'Tag work of a workload on the model',
    markup`<h1>${benchFinding(result)}</h1>
<p class="lead">${benchHeadline(result)}</p>
${warnings([...result.warnings, ...benchEndings(result)])}${headFigures(result)}${sections}${operationsSection(result)}${timeSection(benchTimes(result))}${publishedSection(result)}${aboutSection(result)}`,
  );
}

function headFigures({ runs }: BenchResult): Markup {
  const [from, to] = runs.map((run) => ({ name: run.policy.name, ...sideOf(run.totals) }));
  const instructions = (side: typeof from): Figure => ({
    name: `Tag-setting instructions, ${side.name}`,
    value: count(side.tagInstructions),
    note: `${count(allGranules(side))} granules of 16 bytes`,
  });
  if (to === undefined) return figures([instructions(from)]);
  // What was saved is a figure of runs that did the same work.
  if (!didTheSame(runs[0], runs[1] ?? runs[0])) return figures([instructions(from), instructions(to)]);
  const saved = from.tagInstructions - to.tagInstructions;
  return figures([
    instructions(from),
    instructions(to),
    {
      name: `Instructions ${saved < 0 ? 'added' : 'saved'}`,
      value: count(Math.abs(saved)),
      note: `${percent(Math.abs(saved), from.tagInstructions)} of ${from.name}`,
    },
  ]);
}

const operationsSection = ({ runs }: BenchResult): Markup =>
  section(
    'What happened',
    htmlTable(
      [
        { title: 'operation', kind: 'text', cell: ({ name }) => name },
        ...runs.map((run) => ({
          title: run.policy.name,
          kind: 'figure' as const,
          cell: ({ of }: (typeof OPERATIONS)[number]) => of(run),
        })),
      ],
      OPERATIONS,
      { caption: 'What the workload made the model do, and what of it was tagged.', narrow: true },
    ),
  );

const publishedSection = (result: BenchResult): Markup =>
  result.published === null
    ? NOTHING
    : section(
        'Beside the published figures',
        publishedSentences(result).map((text) => markup`<p>${text}</p>\n`),
      );

const aboutSection = (result: BenchResult): Markup =>
  howAgain(
    [
      ['Model', machineSentence(result)],
      ...(result.cost === null ? [] : [['Profile', profileSentence(result.cost)] as const]),
      ...result.runs.map(({ policy }) => [`Policy ${policy.name}`, policy.description] as const),
      ['Figures', benchCountsSentence(result)],
    ],
    result.provenance.command,
  );
