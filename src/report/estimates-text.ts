import type { Estimate, ReportResult } from '../result/result.ts';
import { certainInstructions } from './headline.ts';
import { detail, type Detail } from './layout.ts';
import { bounds, count, isCertain, percent } from './number-format.ts';
import { printable } from './printable.ts';
import { wrap } from './prose.ts';
import { proseWidth, type TextOptions } from './text-options.ts';

const NAMES: { readonly [Name in Estimate['name']]: string } = {
  unseenObjectFrees: 'Frees of objects that left no event',
  objectsFromBeforeTrace: 'Objects from before the trace',
  pagesFromBeforeTrace: 'Pages from before the trace',
  unseenObjectAllocations: 'Allocations of objects that left no event',
  compaction: 'Compaction',
  objectOffsets: 'Where objects begin in their slab',
};

/** Says what follows from events, and what is estimated between which bounds. */
export function estimatesText(result: ReportResult, options: TextOptions): string[] {
  return [
    options.style.strong('Certain and estimated'),
    ...estimateSentences(result).flatMap((text) =>
      wrap(printable(text, options.unicode), proseWidth(options) - 2, '  ').map((line) => `  ${line}`),
    ),
  ];
}

/** The same as a part of a text, of which a small screen shows one line. */
export const estimatesDetail = (result: ReportResult, options: TextOptions): Detail =>
  detail('what is certain', estimatesText(result, options), estimatesBrief(result));

function estimatesBrief(result: ReportResult): string {
  if (result.estimates.every(isNothing)) return 'All figures follow from events in the trace.';
  const share = percent(certainInstructions(result), result.totals.tagInstructions.best);
  return `${share} of instructions follow from events; the others are estimated.`;
}

/** The same as sentences: what is certain first, then each estimate, then where the classes are from. */
export function estimateSentences(result: ReportResult): readonly string[] {
  const { estimates, totals, provenance } = result;
  const estimated = estimates.filter((estimate) => !isNothing(estimate));
  const total = totals.tagInstructions.best;
  const certain = certainInstructions(result);
  return [
    estimated.length === 0
      ? 'All figures follow from events in the trace; nothing is estimated.'
      : `${count(certain)} of ${count(total)} tag-setting instructions (${percent(certain, total)}) follow from events in the trace. The others are estimated, and are in the figures above:`,
    ...estimated.map(
      ({ name, calls, granules, tagInstructions, description }) =>
        `${NAMES[name]}: ${count(calls.best)}${bounds(calls)}, with ${count(granules.best)} granules${bounds(granules)} and ${count(tagInstructions.best)} tag-setting instructions${bounds(tagInstructions)}. ${firstSentence(description)}`,
    ),
    `Classes: for ${percent(provenance.classesFromEvidence, 1)} of pages the class follows from a stack or an event${provenance.classesFromEvidence < 1 ? '; for the others from the gfp mask alone' : ''}.`,
  ];
}

/** What it is; how it was estimated is in the result for who wants to check. */
const firstSentence = (text: string): string => text.split(/(?<=[.!?])\s/)[0];

const isNothing = (estimate: Estimate): boolean =>
  [estimate.calls, estimate.granules, estimate.tagInstructions].every(
    (interval) => isCertain(interval) && interval.best === 0,
  );
