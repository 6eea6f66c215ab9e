import { selectionSentence } from './selection-text.ts';
import { lostSentence } from './lost-text.ts';
import type { Advice, AdvisedSite, AdviseResult, Tried } from '../decide/advise.ts';
import { tagSetting } from '../mte/instruction.ts';
import { commandText } from './command-text.ts';
import { kernelText, policyText, provenanceBrief } from './kernel-text.ts';
import { lossesDetail } from './losses-text.ts';
import { count, counted, percent, timeSpan } from './number-format.ts';
import { printable } from './printable.ts';
import { labelled, prose, wrap } from './prose.ts';
import { detail, layOut, warnings, type Detail } from './layout.ts';
import { textTable, type Column } from './text-table.ts';
import { proseWidth, type TextOptions } from './text-options.ts';
import { profileText } from './time-text.ts';

const INDENT = '   ';

/** What to skip next, as text. Ends with a newline. */
export function renderAdvise(result: AdviseResult, options: TextOptions): string {
  const { command } = result.provenance;
  return layOut(
    [
      prose(headline(result), options).map(options.style.strong),
      warnings(result.warnings, options),
      ...result.advice.map((advice, index) => adviceDetail(advice, index + 1, result, options)),
      lossesDetail(result.losses, options),
      detail(
        'trace, kernel, policy, profile, audit',
        [
          ...kernelText(result, options),
          ...policyText(result, options),
          ...profileText(result.cost, options),
          ...labelled('Audit', 9, auditText(result), proseWidth(options)),
          ...commandText(command, options),
        ],
        provenanceBrief(result, result.cost.profile),
      ),
    ],
    options,
    command,
  );
}

function headline(result: AdviseResult): string {
  const { advice, policy, totals, losses } = result;
  const all = tagSetting(totals.instructions);
  if (advice.length === 0)
    return `Nothing to advise: no rule finds call sites with a thousandth or more of the ${counted(all, 'tag-setting instruction')} that ${policy.name} leaves.${selectionSentence(result)}${lostSentence(losses)}`;
  const of = (verdict: Verdict): readonly Advice[] => advice.filter((each) => verdictOf(each) === verdict);
  const [free, traded, code] = [of('free'), of('loses'), of('code')];
  const saved = free.reduce((sum, { saved: { tagInstructions } }) => sum + tagInstructions, 0);
  const parts = [
    ...(free.length === 0
      ? []
      : [
          `${counted(free.length, 'saving')} of together ${count(saved)} tag-setting instructions (${percent(saved, all)} of all) ${free.length === 1 ? 'loses' : 'lose'} no detection`,
        ]),
    ...(traded.length === 0 ? [] : [`${counted(traded.length, 'saving')} would lose detection, as said below`]),
    ...(code.length === 0 ? [] : [`${counted(code.length, 'cost')} no flag can save`]),
  ];
  return `Beyond ${policy.name}, which leaves ${counted(all, 'tag-setting instruction')}: ${parts.join('; ')}.${selectionSentence(result)}${lostSentence(losses)}`;
}

/** Whether a piece of advice loses nothing, or something, or is no matter of a policy. */
type Verdict = 'free' | 'loses' | 'code';

const verdictOf = ({ tried }: Advice): Verdict => (tried === null ? 'code' : tried.losesNothing ? 'free' : 'loses');

const VERDICTS: { readonly [Name in Verdict]: string } = {
  free: 'nothing is detected less',
  loses: 'LOSES DETECTION',
  code: 'by its own code',
};

/** A piece of advice; on a small screen a line. */
function adviceDetail(advice: Advice, number: number, result: AdviseResult, options: TextOptions): Detail {
  const { tagInstructions } = advice.saved;
  const verdict = verdictOf(advice);
  const share = percent(tagInstructions, tagSetting(result.totals.instructions));
  const amount = `${counted(tagInstructions, 'tag-setting instruction')} (${share} of all)`;
  const brief = [
    `${number}. ${advice.title}`,
    `${INDENT}${verdict === 'code' ? 'Costs' : 'Saves'} ${amount}: ${VERDICTS[verdict]}.`,
  ].map((line) => printable(line, options.unicode));
  const shown = detail(`advice ${number}`, adviceText(advice, number, result, options), ...brief);
  return verdict === 'loses' ? { ...shown, tone: 'warning' } : shown;
}

function adviceText(advice: Advice, number: number, { totals }: AdviseResult, options: TextOptions): string[] {
  const { style, unicode, top } = options;
  const all = tagSetting(totals.instructions);
  const paragraph = (label: string, text: string): string[] =>
    labelled(`${INDENT}${label}`, 14, printable(text, unicode), proseWidth(options));
  const shown = advice.sites.slice(0, top === 0 ? advice.sites.length : top);
  const rest = advice.sites.length - shown.length;
  const verdict = verdictOf(advice);
  const { granules, tagInstructions, time } = advice.saved;
  return [
    ...wrap(printable(`${number}. ${advice.title}: ${VERDICTS[verdict]}`, unicode), proseWidth(options), INDENT).map(
      verdict === 'loses' ? style.warning : style.strong,
    ),
    ...paragraph(
      verdict === 'code' ? 'Costs' : 'Saves',
      `${counted(granules, 'granule')} and ${counted(tagInstructions, 'tag-setting instruction')} (${percent(tagInstructions, all)} of all)${time === null ? '' : `, ${timeSpan(time)} of CPU time`}.`,
    ),
    ...paragraph('Because', advice.because),
    ...paragraph('Change', advice.change),
    ...(advice.tried === null ? [] : paragraph('Detection', detectionText(advice.tried))),
    ...textTable(shown, [SITE_COLUMNS, SITE_COLUMNS.filter(({ title }) => title !== 'class')], options),
    ...(rest === 0 ? [] : [`${INDENT}${style.faint(`${counted(rest, 'more call site')}; --top 0 shows all.`)}`]),
  ];
}

const SITE_COLUMNS: readonly [Column<AdvisedSite>, ...Column<AdvisedSite>[]] = [
  { title: 'call site', align: 'left', cell: ({ site }) => site, shrinkTo: 16 },
  { title: 'class', align: 'left', cell: ({ class: name }) => name },
  { title: 'instr.', align: 'right', cell: ({ tagInstructions }) => count(tagInstructions) },
  { title: 'found by', align: 'left', cell: ({ evidence }) => evidence, shrinkTo: 16 },
];

function detectionText({ detection, auditedAs, losesNothing }: Tried): string {
  const { kinds, kindsLost, kindsGained, worst } = detection;
  const what = auditedAs.length === 0 ? 'all memory' : `memory of class ${auditedAs.join(' and ')}`;
  const gained = kindsGained === 0 ? '' : `; ${count(kindsGained)} are detected more often`;
  if (losesNothing)
    return `of ${counted(kinds, 'kind')} of bug injected into ${what}, none is detected less often${gained}.`;
  const most =
    worst === null
      ? ''
      : ` Most in ${worst.subject}: ${worst.bug}, ${percent(worst.from, 1)} to ${percent(worst.to, 1)}.`;
  return `of ${counted(kinds, 'kind')} of bug injected into ${what}, ${count(kindsLost)} ${kindsLost === 1 ? 'is' : 'are'} detected less often${gained}.${most}`;
}

const auditText = ({ audit, policy }: AdviseResult): string =>
  `${counted(audit.trials, 'trial')} of each kind of bug, seed ${audit.seed}, on the model; compared with ${policy.name}. It knows classes of memory, not call sites.`;
