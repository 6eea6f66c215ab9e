import type { WhyUnnoticed } from '../conform/test-kernel.ts';
import { isWorse, type CaseChange, type PolicyCase, type PolicyCases } from '../conform/policy-cases.ts';
import { commandText } from './command-text.ts';
import { count } from './number-format.ts';
import { labelled, wrap } from './prose.ts';
import { joinSections } from './layout.ts';
import { percentText } from './share-text.ts';
import { textTable, type Layout } from './text-table.ts';
import { proseWidth, type TextOptions } from './text-options.ts';

const BECAUSE: { readonly [Why in WhyUnnoticed]: string } = {
  'match-all': 'the pointer matches all tags',
  'same tag': 'the memory has the tag of the pointer',
  'not checked': 'nothing is checked there',
};

const CHANGE_TEXT: { readonly [Change in CaseChange]: string } = {
  same: 'as before',
  fails: 'fails',
  'fails by chance': 'fails by chance',
  passes: 'passes',
  'fails less often': 'fails less often',
};

const COLUMNS: Layout<PolicyCase> = [
  { title: 'case', align: 'left', cell: ({ name }) => name, shrinkTo: 20 },
  { title: 'becomes', align: 'left', cell: ({ change }) => CHANGE_TEXT[change] },
  { title: 'fails,\n7.3', align: 'right', cell: ({ own }) => percentText(own.share) },
  { title: 'fails,\npolicy', align: 'right', cell: ({ under }) => percentText(under.share) },
];

/** The suite under a policy, as text. Ends with a newline. */
export function renderPolicyCases(result: PolicyCases, options: TextOptions): string {
  const { cases, policy, kasan, seeds, command, changed } = result;
  const width = proseWidth(options);
  const worse = cases.filter(({ change }) => isWorse(change));
  const of = (change: CaseChange): number => cases.filter((each) => each.change === change).length;
  const better = changed - worse.length;
  const parts = [
    ...(of('fails') === 0 ? [] : [`${of('fails')} always fail`]),
    ...(of('fails by chance') === 0 ? [] : [`${of('fails by chance')} fail by chance`]),
    ...(better === 0 ? [] : [`${better} fail less often`]),
  ];
  const headline =
    changed === 0
      ? `${policy}, ${kasan}: all ${cases.length} cases go as on Linux 7.3; KUnit has nothing to learn.`
      : `${policy}, ${kasan}: ${changed} of ${cases.length} cases go otherwise than on Linux 7.3: ${parts.join(', ')}.` +
        (worse.length === 0 ? '' : ' KUnit has to learn that mode, or those cases have to be skipped in it.');
  const rows = cases.filter(({ change }) => change !== 'same');
  return joinSections([
    wrap(headline, width).map(options.style.strong),
    ...(rows.length === 0 ? [] : [textTable(rows, [COLUMNS], options)]),
    ...(worse.length === 0
      ? []
      : [['What is not noticed:', ...worse.flatMap((each) => unnoticedLines(each, seeds.count, width))]]),
    wrap(
      `${count(seeds.count)} seeds each. Cases run one after the other; after one with a bug that nobody noticed, the kernel is made anew, so that each speaks for itself.`,
      width,
    ),
    commandText(command, options),
  ]);
}

/** So many steps of a case are shown. */
const STEPS = 3;

function unnoticedLines({ name, unnoticed }: PolicyCase, seeds: number, width: number): string[] {
  const shown = unnoticed
    .slice(0, STEPS)
    .map(
      ({ step, because, count: times }) =>
        `${step}: ${BECAUSE[because]}${times < seeds ? ` (${times} of ${seeds})` : ''}`,
    );
  if (unnoticed.length === 0) shown.push('what the case says of tags does not hold any more');
  const more = unnoticed.length > STEPS ? [`and ${unnoticed.length - STEPS} more`] : [];
  return [`  ${name}`, ...labelled('', 4, `${[...shown, ...more].join('; ')}.`, width)];
}
