import { allGranules } from '../../result/granules.ts';
import type { DiffResult, ReportResult } from '../../result/result.ts';
import { savedGranules, savedInstructions } from '../diff-table.ts';
import { diffHeadline } from '../diff-text.ts';
import { countsSentence, kernelSentence, policySentence, traceSentence } from '../kernel-text.ts';
import { diffFinding } from '../findings.ts';
import { markup, type Markup } from '../markup.ts';
import { boundOrBest, boundsOrLost } from '../lost-text.ts';
import { boundsAlone, count, percent } from '../number-format.ts';
import { remarks } from '../remarks.ts';
import { diffTitle, isOneTrace, sideNames, type SideNames } from '../side-names.ts';
import { measureOf } from '../stacks/measures.ts';
import { weightedStacks } from '../stacks/weighted-stacks.ts';
import { differenceGraphs, type Graph } from '../svg/graphs.ts';
import { profileSentence, savedTimes } from '../time-text.ts';
import type { OutputOptions } from '../writers.ts';
import { differenceSections } from './difference-sections.ts';
import { page } from './page.ts';
import { figures, howAgain, warnings, type Figure } from './parts.ts';
import { coverageSections } from './report-html.ts';
import { timeSection } from './time-section.ts';

/** A difference as one page. */
export function diffHtml(result: DiffResult, options: OutputOptions): string {
  const names = sideNames(result);
  const title = diffTitle(result);
  const sides = isOneTrace(result) ? [result.to] : [result.from, result.to];
  return page(
    `${title} – tagscope`,
    'Tag work of a kernel, compared',
    markup`<h1>${diffFinding(result)}</h1>
<p class="lead">${diffHeadline(result, names)}</p>
${warnings(remarks(result.from, result.to))}${headFigures(result, names)}${differenceSections({ names, ...result, ...result.totals }, graphsOf(result, names, options))}${timeSection(isOneTrace(result) ? savedTimes(result.byClass, result.totals, result.to.cost) : undefined)}${sides.map(coverageSections)}${aboutSection(result, sides)}`,
  );
}

const graphsOf = (result: DiffResult, names: SideNames, { text, weight }: OutputOptions): readonly Graph[] =>
  differenceGraphs(
    weightedStacks(names.from, result.from, text.by),
    weightedStacks(names.to, result.to, text.by),
    measureOf(weight),
  );

function headFigures({ from, to, totals: row }: DiffResult, names: SideNames): Markup {
  const saved = savedInstructions(row);
  const granules = savedGranules(row);
  const side = (name: string, { totals, losses }: ReportResult): Figure => ({
    name: `Tag-setting instructions, ${name}`,
    value: count(boundOrBest(totals.tagInstructions, losses)),
    note: boundsOrLost(boundsAlone(totals.tagInstructions), losses),
  });
  const change = (name: string, less: number, whole: number): Figure => ({
    name: `${name} ${less < 0 ? 'added' : 'saved'}`,
    value: count(Math.abs(less)),
    note: whole === 0 ? '' : `${percent(Math.abs(less), whole)} of ${names.from}`,
  });
  return figures([
    side(names.from, from),
    side(names.to, to),
    change('Instructions', saved, row.from.tagInstructions),
    change('Granules', granules, allGranules(row.from)),
  ]);
}

function aboutSection(result: DiffResult, sides: readonly ReportResult[]): Markup {
  const { provenance } = result.to;
  return howAgain(
    [
      ...sides.flatMap((side): [string, string][] => [
        ['Trace', traceSentence(side)],
        ['Kernel', kernelSentence(side)],
      ]),
      ...(sides.length === 1
        ? [['Before', policySentence(result.from)] as const, ['After', policySentence(result.to)] as const]
        : [['Policy', policySentence(result.to)] as const]),
      ['Profile', profileSentence(result.to.cost)],
      ['Figures', countsSentence(result.to)],
    ],
    provenance.command,
  );
}
