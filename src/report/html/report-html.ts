import { allGranules, granuleInterval } from '../../result/granules.ts';
import type { Interval, ReportResult } from '../../result/result.ts';
import { estimateSentences } from '../estimates-text.ts';
import { GROUP_NAMES } from '../group-names.ts';
import { headline } from '../headline.ts';
import { countsSentence, kernelSentence, policySentence, traceSentence } from '../kernel-text.ts';
import { reportFinding } from '../findings.ts';
import { markup, NOTHING, type Markup } from '../markup.ts';
import { boundOrBest, boundsOrLost } from '../lost-text.ts';
import { boundsAlone, byteSize, count, counted, clockDuration } from '../number-format.ts';
import { remarks } from '../remarks.ts';
import { reportTitle } from '../side-names.ts';
import { measureOf } from '../stacks/measures.ts';
import { NOT_KNOWN, weightedStacks } from '../stacks/weighted-stacks.ts';
import { stackGraph, type Graph } from '../svg/graphs.ts';
import { profileSentence, timePartsSentence, workTimes } from '../time-text.ts';
import type { WorkRow } from '../work-table.ts';
import type { OutputOptions } from '../writers.ts';
import { page } from './page.ts';
import { figures, howAgain, list, lossesSection, section, timeFigures, warnings } from './parts.ts';
import { timeSection } from './time-section.ts';
import { classSection, graphSection, instructionsSection, namesSection, siteSection } from './work-sections.ts';

/** A report as one page. */
export function reportHtml(result: ReportResult, options: OutputOptions): string {
  const title = reportTitle(result);
  return page(
    `${title} – tagscope`,
    'Tag work of a kernel',
    markup`<h1>${reportFinding(result)}</h1>
<p class="lead">${headline(result)}</p>
${warnings(remarks(result))}${headFigures(result)}${classSection(result)}${graphSection(graphsOf(result, options))}${groupSection(result, options)}${siteSection(result)}${instructionsSection(result, result.kernel.dcBlock)}${timeSection(workTimes(result, result.cost), timePartsSentence(result))}${coverageSections(result)}${aboutSection(result)}`,
  );
}

const graphsOf = (result: ReportResult, { text, weight }: OutputOptions): readonly Graph[] =>
  stackGraph(weightedStacks(result.policy.name, result, text.by), measureOf(weight));

/** Commands, tasks, caches or orders, where the report is by them. */
function groupSection(result: ReportResult, { text }: OutputOptions): Markup {
  const { by } = text;
  if (by === 'class' || by === 'site' || by === 'stack') return NOTHING;
  const groups = result.byGroup.map((work): WorkRow => ({
    name: work.group === '' ? NOT_KNOWN : work.group,
    class: work.class,
    work,
  }));
  return namesSection(result, GROUP_NAMES[by].title, GROUP_NAMES[by].column, groups);
}

function headFigures(result: ReportResult): Markup {
  const { totals, source, losses } = result;
  const granules = granuleInterval(result);
  const shown = (interval: Interval): number => boundOrBest(interval, losses);
  return figures([
    {
      name: 'Tag-setting instructions',
      value: count(shown(totals.tagInstructions)),
      note: boundsOrLost(boundsAlone(totals.tagInstructions), losses),
    },
    {
      name: 'Granules tagged',
      value: count(shown(granules)),
      note: boundsOrLost(boundsAlone(granules), losses) || 'of 16 bytes',
    },
    ...timeFigures(result.cost.byProfile),
    { name: 'Allocations', value: count(totals.allocations), note: `of ${byteSize(totals.bytes)}` },
    { name: 'Time of the trace', value: clockDuration(source), note: `on ${counted(source.cpus, 'CPU')}` },
  ]);
}

/** What is sure, and what the figures do not cover. */
export const coverageSections = (result: ReportResult): Markup =>
  markup`${section('Certain and estimated', list(estimateSentences(result)))}${lossesSection(result.losses)}`;

function aboutSection(result: ReportResult): Markup {
  const { provenance } = result;
  return howAgain(
    [
      ['Trace', traceSentence(result)],
      ['Kernel', kernelSentence(result)],
      ['Policy', policySentence(result)],
      ['Profile', profileSentence(result.cost)],
      ['Figures', `${countsSentence(result)} ${count(allGranules(result.totals))} granules are of 16 bytes each.`],
    ],
    provenance.command,
  );
}
