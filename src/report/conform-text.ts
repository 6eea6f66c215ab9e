import { isExplained, type AgainstLog, type ComparedCase } from '../conform/against-log.ts';
import type { CaseOverSeeds, SeedsResult } from '../conform/many-seeds.ts';
import { commandText } from './command-text.ts';
import { count } from './number-format.ts';
import { wrap } from './prose.ts';
import { joinSections } from './layout.ts';
import { percentText, shareText } from './share-text.ts';
import { textTable, type Layout } from './text-table.ts';
import { proseWidth, type TextOptions } from './text-options.ts';

const paragraph = (text: string, options: TextOptions): string[] => wrap(text, proseWidth(options));
const headline = (text: string, options: TextOptions): string[] => paragraph(text, options).map(options.style.strong);

const CHANCE_COLUMNS: Layout<CaseOverSeeds> = [
  { title: 'case', align: 'left', cell: ({ name }) => name, shrinkTo: 20 },
  { title: 'fails,\npredicted', align: 'right', cell: ({ predicted }) => percentText(predicted) },
  {
    title: 'fails,\nobserved',
    align: 'right',
    cell: ({ failed, agrees }) => `${agrees ? '' : '! '}${percentText(failed.share)}`,
  },
  { title: '99 % confidence', align: 'right', cell: ({ failed }) => shareText(failed) },
];

/** The suite over many seeds, as text. Ends with a newline. */
export function renderSeeds({ seeds, cases, command }: SeedsResult, options: TextOptions): string {
  const chance = cases.filter(({ always, agrees }) => always === undefined || !agrees);
  const always = (outcome: string): readonly string[] =>
    cases.filter((one) => one.always === outcome).map(({ name }) => name);
  const wrong = cases.filter(({ agrees }) => !agrees).length;
  return joinSections([
    headline(
      `${count(seeds.count)} seeds: ${always('pass').length} cases always pass, ${always('fail').length} always fail, ${always('skip').length} are skipped, and ${chance.length} depend on chance; ` +
        (wrong === 0 ? 'their failures are as many as the rules say.' : `${wrong} do not go as the rules say.`),
      options,
    ),
    ...(always('fail').length === 0 ? [] : [paragraph(`Always fail: ${always('fail').join(', ')}.`, options)]),
    ...(chance.length === 0 ? [] : [textTable(chance, [CHANCE_COLUMNS], options)]),
    paragraph(
      'Predicted: a tag is drawn from 14 (254 with sw-tags), so where a step goes on to memory of somebody else, it has the tag of the pointer once in 14. Poisoned memory never matches.',
      options,
    ),
    commandText(command, options),
  ]);
}

const COMPARED_COLUMNS: Layout<ComparedCase & { readonly seeds: number }> = [
  { title: 'case', align: 'left', cell: ({ name }) => name, shrinkTo: 20 },
  { title: 'log', align: 'left', cell: ({ logged }) => logged },
  { title: 'same in\nthe model', align: 'right', cell: ({ same, seeds }) => percentText(same / seeds) },
  { title: 'reports', align: 'right', cell: ({ reports }) => count(reports.length) },
  {
    title: 'equal\nto one',
    align: 'right',
    cell: ({ reports }) => count(reports.filter(({ equal }) => equal > 0).length),
  },
  {
    title: 'never equal in',
    align: 'left',
    cell: ({ reports }) => [...new Set(reports.flatMap(({ never }) => never))].join(', '),
  },
];
/** Where there is no room for what differs: how many reports do is what the headline is about. */
const NARROW_COMPARED_COLUMNS = COMPARED_COLUMNS.filter(({ title }) => title !== 'never equal in');

/** A log of a kernel beside the model, as text. Ends with a newline. */
export function renderAgainstLog(result: AgainstLog, options: TextOptions): string {
  const { cases, seeds, log, command, commandLine, brokenReports } = result;
  const reports = cases.flatMap((one) => one.reports);
  const equal = reports.filter((report) => report.equal > 0).length;
  const explained = cases.filter(isExplained).length;
  const likeness =
    reports.length === 0
      ? '; it has no reports'
      : `, and ${equal} of ${reports.length} reports are, but for addresses and the values of tags, equal to one of the model's`;
  return joinSections([
    headline(
      `${log}: ${explained} of ${cases.length} cases go as they may on the model${likeness} (${count(seeds.count)} seeds${commandLine === '' ? '' : `, ${commandLine}`}).`,
      options,
    ),
    ...(brokenReports.length === 0
      ? []
      : [
          paragraph(
            `${brokenReports.length} reports could not be read; the first, at line ${brokenReports[0].line}: ${brokenReports[0].reason}.`,
            options,
          ),
        ]),
    textTable(
      cases.map((one) => ({ ...one, seeds: seeds.count })),
      [COMPARED_COLUMNS, NARROW_COMPARED_COLUMNS],
      options,
    ),
    paragraph(
      'A report is equal if all of its parts are: title, access, tags, object, stacks, area, page, and the memory tags of the object or page. What lies around the object differs from run to run.',
      options,
    ),
    commandText(command, options),
  ]);
}
