import type { Claim } from '../../review/claim.ts';
import type { Question } from '../../review/question.ts';
import type { Prediction, ReviewedCover, ReviewResult } from '../../review/result.ts';
import type { FileChanges } from '../../series/net-changes.ts';
import { savedGranules } from '../diff-table.ts';
import { markup, NOTHING, type Markup } from '../markup.ts';
import { count, counted, percent } from '../number-format.ts';
import { realReportsText, worseReportText, type RealReports } from '../../review/real-reports.ts';
import { placeOf, predictionText, reviewedKernel, reviewFinding } from '../review-text.ts';
import { classTable } from './difference-sections.ts';
import { bar, htmlTable } from './html-table.ts';
import { asWritten, byline, repliesSection } from './mail-parts.ts';
import { page } from './page.ts';
import { command, figures, howAgain, list, section, warnings, type Figure } from './parts.ts';
import { patchId, patchSection } from './patch-section.ts';
import { questionAside, questionId } from './question-aside.ts';
import { versionsSection } from './versions-section.ts';

/** A review as one page: what was found, then the series as a thread with the questions beside their lines. */
export function reviewHtml(result: ReviewResult): string {
  const { series, questions, claims, predictions, reports, remarks, history, policy, kernel } = result;
  const { title, version, patches, cover } = series;
  const finding = reviewFinding(result);
  return page(
    `${title} – tagscope`,
    'A patch series, reviewed for what it does to memory tags',
    markup`<h1>${title}</h1>
<p class="lead">Version ${version}, ${counted(patches.length, 'patch', 'patches')}, ${finding}</p>
${warnings((policy?.notUnderstood ?? []).map((text) => `Not understood: ${text}.`))}${headFigures(result)}${questionTable(questions)}${claimTable(claims)}${predictions.map((prediction) => predictionSection(prediction, result))}${reports === null ? NOTHING : realReportsSection(reports)}${
      remarks.length === 0 ? NOTHING : section('Remarks', list(remarks.map(({ text }) => text)))
    }${versionsSection(history, version)}${problemsSection(result)}${diffstat(series.changes, result)}${cover === null ? NOTHING : coverSection(cover, questions)}${patches.map(
      (patch) =>
        patchSection(
          patch,
          patches.length,
          questions.filter((question) => question.patch === patch.number),
        ),
    )}${howAgain([['Kernel', reviewedKernel(kernel).replace('Kernel: ', '')]], result.provenance.command)}`,
  );
}

const ofVerdict = (claims: readonly Claim[], verdict: Claim['verdict']): number =>
  claims.filter((claim) => claim.verdict === verdict).length;

function headFigures({
  aboutTagging,
  questions,
  newQuestions,
  history,
  claims,
  predictions,
  audit,
}: ReviewResult): Markup {
  if (!aboutTagging) return NOTHING;
  const all: Figure[] = [
    {
      name: 'Questions',
      value: count(questions.length),
      note: history.length === 0 ? '' : `${count(newQuestions.length)} of them new`,
    },
    {
      name: 'Claims refuted',
      value: count(ofVerdict(claims, 'refuted')),
      note: `${count(ofVerdict(claims, 'confirmed'))} confirmed, ${count(ofVerdict(claims, 'not decidable'))} not decidable`,
    },
    ...predictions.slice(0, 2).map(({ of, total }): Figure => {
      const saved = savedGranules(total);
      const before = total.from.granules.alloc + total.from.granules.free;
      return {
        name: saved < 0 ? 'Granules added' : 'Granules saved',
        value: before === 0 ? count(Math.abs(saved)) : percent(Math.abs(saved), before),
        note: of,
      };
    }),
    ...(audit === null
      ? []
      : [
          { name: 'Kinds of bugs found less often', value: count(audit.lost.length), note: `of ${count(audit.kinds)}` },
        ]),
  ];
  return figures(all);
}

const questionTable = (questions: readonly Question[]): Markup =>
  questions.length === 0
    ? NOTHING
    : section(
        'Questions',
        htmlTable(
          [
            {
              title: 'question',
              kind: 'name',
              cell: (each) => markup`<a href="#${questionId(each)}">${each.rule}</a>`,
            },
            { title: 'patch', kind: 'figure', cell: ({ patch }) => String(patch), sort: ({ patch }) => patch },
            { title: 'where', kind: 'name', cell: placeOf },
            { title: 'what follows', kind: 'text', cell: ({ follows }) => follows },
          ],
          questions,
          { caption: 'Each stands with its evidence at its line of the patch below.' },
        ),
      );

/** Claims are sentences: as a list they may be as long as they are. */
const claimTable = (claims: readonly Claim[]): Markup =>
  claims.length === 0
    ? NOTHING
    : section(
        'Claims',
        markup`<ul class="claims">${claims.map(
          ({
            kind,
            text,
            patch,
            verdict,
            is,
            reproduce,
          }) => markup`<li><p class="faint"><strong>${verdict}</strong> · ${kind} · ${patch === 0 ? 'cover letter' : markup`<a href="#${patchId(patch)}">patch ${patch}</a>`}</p>
<blockquote>${text}</blockquote>
<p>${is}${reproduce === null ? NOTHING : markup` <code>${reproduce}</code>`}</p></li>
`,
        )}</ul>\n`,
      );

const predictionSection = (prediction: Prediction, { policy }: ReviewResult): Markup =>
  section(
    `Predicted effect, ${prediction.provenance}`,
    markup`<p>${predictionText(prediction)}</p>\n`,
    classTable({
      of: prediction.of,
      names: { from: policy?.base ?? 'before', to: policy?.name ?? 'with the series' },
      from: prediction.total.from,
      to: prediction.total.to,
      byClass: prediction.byClass,
      bySite: prediction.bySite,
    }),
    command(prediction.command),
  );

const realReportsSection = (reports: RealReports): Markup =>
  section(
    'Real reports',
    markup`<p>${realReportsText(reports)}</p>\n`,
    reports.worse.length === 0 ? NOTHING : list(reports.worse.map(worseReportText)),
    command(reports.command),
  );

const problemsSection = ({ problems }: ReviewResult): Markup =>
  problems.length === 0
    ? NOTHING
    : section(
        'What could not be read as it stands',
        list(problems.map(({ kind, where, found, expected }) => `${kind}: ${where}: ${found}; expected ${expected}`)),
      );

function diffstat(changes: readonly FileChanges[] | null, { series }: ReviewResult): Markup {
  if (changes === null || changes.length === 0) return NOTHING;
  const longest = Math.max(...changes.map(({ insertions, deletions }) => Math.max(insertions, deletions)), 1);
  const patchesOf = (path: string): readonly number[] =>
    series.patches.filter(({ files }) => files.includes(path)).map(({ number }) => number);
  return section(
    'Diffstat',
    htmlTable(
      [
        { title: 'file', kind: 'name', cell: ({ path }) => path },
        {
          title: '',
          kind: 'bar',
          cell: ({ insertions, deletions }) => [
            bar(insertions / longest, 'added'),
            bar(deletions / longest, 'removed'),
          ],
        },
        { title: 'added', kind: 'figure', cell: ({ insertions }) => count(insertions), sort: (row) => row.insertions },
        { title: 'removed', kind: 'figure', cell: ({ deletions }) => count(deletions), sort: (row) => row.deletions },
        { title: 'patches', kind: 'text', cell: ({ path }) => patchesOf(path).join(', ') },
      ],
      changes,
      { caption: 'Lines of the whole series, net: what one patch adds and a later one removes is not counted.' },
    ),
  );
}

const coverSection = ({ title, author, date, text, replies }: ReviewedCover, questions: readonly Question[]): Markup =>
  markup`<section class="mail" id="${patchId(0)}">
<h2>Cover letter: ${title}</h2>
${byline(author, date)}<pre class="text">${asWritten(text.trim())}</pre>
${questions.filter(({ patch }) => patch === 0).map(questionAside)}${repliesSection(replies, 'the cover letter')}</section>
`;
