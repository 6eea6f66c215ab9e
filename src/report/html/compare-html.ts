import type { ComparedPolicy, CompareResult } from '../../decide/compare.ts';
import {
  auditText,
  compareHeadline,
  detectedShares,
  disagreement,
  FRONT,
  lossSentence,
  wholeOf,
} from '../compare-text.ts';
import { compareFinding } from '../findings.ts';
import { countsSentence, kernelSentence, traceSentence } from '../kernel-text.ts';
import { markup, NOTHING, type Markup } from '../markup.ts';
import { count, percent } from '../number-format.ts';
import { remarks } from '../remarks.ts';
import { profileSentence, TIME_FIGURES, timeTitle } from '../time-text.ts';
import { pointsOf } from '../trade-off.ts';
import { tradeOffFigure } from '../trade-off-svg.ts';
import { htmlTable, type HtmlColumn } from './html-table.ts';
import { page } from './page.ts';
import { howAgain, list, lossesSection, section, warnings } from './parts.ts';

/** Policies side by side as one page. */
export function compareHtml(result: CompareResult): string {
  const finding = compareFinding(result);
  const wrong = disagreement(result);
  return page(
    `${finding} – tagscope`,
    'Policies compared',
    markup`<h1>${finding}</h1>
<p class="lead">${compareHeadline(result)}</p>
${warnings([...remarks(result), ...(wrong === '' ? [] : [wrong])])}${plotSection(result)}${policiesSection(result)}${timesSection(result)}${lostSection(result)}${lossesSection(result.losses)}${howAgain(
      [
        ['Trace', traceSentence(result)],
        ['Kernel', kernelSentence(result)],
        ['Profile', profileSentence(result.cost)],
        ['Audit', auditText(result)],
        ['Figures', countsSentence(result)],
      ],
      result.provenance.command,
    )}`,
  );
}

const plotSection = (result: CompareResult): Markup =>
  pointsOf(result).inside.length < 2
    ? NOTHING
    : section(
        'The trade-off',
        markup`<p class="note">To the right less is tagged, upwards more bugs are detected. Blue: ${FRONT}.</p>
<div class="scroll" tabindex="0" role="region" aria-label="The trade-off">${tradeOffFigure(result)}</div>
`,
      );

type Column = HtmlColumn<ComparedPolicy>;
const NAME: Column = {
  title: 'policy',
  kind: 'name',
  cell: ({ policy, isBaseline, onFront }) =>
    `${policy.name}${isBaseline ? ' (baseline)' : ''}${onFront ? ', on the front' : ''}`,
};
const figure = (title: string, cell: Column['cell'], sort: (row: ComparedPolicy) => number): Column => ({
  title,
  kind: 'figure',
  cell,
  sort,
});

function policiesSection(result: CompareResult): Markup {
  const { granules, tagInstructions } = wholeOf(result);
  return section(
    `What each saves of ${result.baseline}, and what it still detects`,
    htmlTable(
      [
        NAME,
        figure(
          'granules saved',
          ({ saved }) => count(saved.granules),
          ({ saved }) => saved.granules,
        ),
        figure(
          'share',
          ({ saved }) => percent(saved.granules, granules),
          ({ saved }) => saved.granules,
        ),
        figure(
          'tag-setting instructions saved',
          ({ saved }) => count(saved.tagInstructions),
          ({ saved }) => saved.tagInstructions,
        ),
        figure(
          'share',
          ({ saved }) => percent(saved.tagInstructions, tagInstructions),
          ({ saved }) => saved.tagInstructions,
        ),
        figure(
          'detected, by the rules',
          ({ detection }) => percent(detection.byRules, 1),
          ({ detection }) => detection.byRules,
        ),
        figure(
          'observed',
          ({ detection }) => percent(detection.observed, 1),
          ({ detection }) => detection.observed,
        ),
        figure(
          'kinds lost',
          ({ detection }) => count(detection.kindsLost),
          ({ detection }) => detection.kindsLost,
        ),
        figure(
          'gained',
          ({ detection }) => count(detection.kindsGained),
          ({ detection }) => detection.kindsGained,
        ),
      ],
      result.policies,
      { caption: `Granules are of 16 bytes. ${detectedShares(result)}`, sortable: true },
    ),
  );
}

function timesSection({ policies, cost }: CompareResult): Markup {
  const timed = policies.flatMap((row) =>
    row.saved.time === null ? [] : [{ name: row.policy.name, time: row.saved.time }],
  );
  if (timed.length === 0) return NOTHING;
  return section(
    timeTitle('Time saved', cost),
    htmlTable(
      [
        { title: 'policy', kind: 'name', cell: ({ name }) => name },
        ...TIME_FIGURES.map(({ title, cell }): HtmlColumn<(typeof timed)[number]> => ({
          title,
          kind: 'figure',
          cell: ({ time }) => cell(time),
        })),
      ],
      timed,
      {
        caption:
          'A model, with the bounds that the profile leaves: where these have two signs, it is not known whether time is saved.',
        narrow: true,
      },
    ),
  );
}

function lostSection({ policies }: CompareResult): Markup {
  const losing = policies.map(lossSentence).filter((text) => text !== '');
  return losing.length === 0 ? NOTHING : section('What is lost', list(losing));
}
