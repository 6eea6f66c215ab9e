import type { AuditCell } from '../audit/audit.ts';
import { wilson } from '../base/share.ts';
import { isLoss, type AuditDiff, type AuditResult, type ChangedCell } from '../audit/result.ts';
import type { Theory } from '../audit/theory.ts';
import { commandText } from './command-text.ts';
import { count, counted } from './number-format.ts';
import { labelled, wrap } from './prose.ts';
import { detail, layOut, type Section, type Table } from './layout.ts';
import { percentText, shareText } from './share-text.ts';
import { textTable, type Layout } from './text-table.ts';
import { noteLines } from './top-rows.ts';
import { proseWidth, type TextOptions } from './text-options.ts';

const paragraph = (text: string, options: TextOptions): string[] => wrap(text, proseWidth(options));
const headline = (text: string, options: TextOptions): string[] => paragraph(text, options).map(options.style.strong);

/** Shares that have a name of their own: 13 of 14 tags, 126 of 127. */
export function theoryText({ low, high }: Theory): string {
  if (low !== high) return `${nameOf(low)} to ${nameOf(high)}`;
  return nameOf(low);
}

function nameOf(share: number): string {
  for (const tags of [14, 127]) if (Math.abs(share - (tags - 1) / tags) < 1e-12) return `${tags - 1}/${tags}`;
  return Number.isInteger(share) ? String(share) : share.toFixed(4);
}

/** A cell as it is shown: reads and writes are one row where the rules say the same of both. */
interface ShownCell extends Omit<AuditCell, 'access'> {
  readonly access: AuditCell['access'] | 'both';
}

interface ShownChange {
  readonly from: ShownCell;
  readonly to: ShownCell;
}

const together = (a: AuditCell, b: AuditCell): ShownCell => ({
  ...a,
  access: 'both',
  detected: wilson(a.detected.count + b.detected.count, a.detected.of + b.detected.of),
  agrees: a.agrees && b.agrees,
});

const isSameBug = (a: AuditCell, b: AuditCell): boolean =>
  a.subject === b.subject && a.bug === b.bug && a.theory.low === b.theory.low && a.theory.high === b.theory.high;

/** Puts rows together, two by two, where they are of one bug. */
function joinPairs<Row, Shown>(
  rows: readonly Row[],
  areOne: (a: Row, b: Row) => boolean,
  join: (a: Row, b: Row) => Shown,
  alone: (row: Row) => Shown,
): Shown[] {
  const shown: Shown[] = [];
  for (let at = 0; at < rows.length; at++) {
    const [row, next] = [rows[at], rows[at + 1]];
    if (next !== undefined && areOne(row, next)) {
      shown.push(join(row, next));
      at++;
    } else shown.push(alone(row));
  }
  return shown;
}

const shownCells = (cells: readonly AuditCell[]): ShownCell[] =>
  joinPairs<AuditCell, ShownCell>(cells, isSameBug, together, (cell) => cell);

const shownChanges = (cells: readonly ChangedCell[]): ShownChange[] =>
  joinPairs<ChangedCell, ShownChange>(
    cells,
    (a, b) => isSameBug(a.from, b.from) && isSameBug(a.to, b.to),
    (a, b) => ({ from: together(a.from, b.from), to: together(a.to, b.to) }),
    (cell) => cell,
  );

/**
 * Tables for each kind of memory, under its name; on a small screen those of the first kinds.
 *
 * @param head stands above all of them
 */
function bySubject<Row>(
  { name, head }: { readonly name: string; readonly head: readonly string[] },
  rows: readonly Row[],
  subjectOf: (row: Row) => ShownCell,
  lines: (rows: readonly Row[]) => readonly string[],
  options: TextOptions,
): Table {
  const blocks = [...new Set(rows.map((row) => subjectOf(row).subject))].map((subject, index) => {
    const own = rows.filter((row) => subjectOf(row).subject === subject);
    return [...(index === 0 ? [] : ['']), `${subject} (${subjectOf(own[0]).class})`, ...lines(own)];
  });
  return {
    name,
    rows: blocks.length,
    least: 1,
    render: (limit) => [
      ...head,
      ...blocks.slice(0, limit).flat(),
      ...(limit < blocks.length
        ? noteLines(`${counted(blocks.length - limit, 'more kind')} of memory; -v shows all.`, options)
        : []),
    ],
  };
}

/** The reasons for the figures that the rules give. */
function reasonLines(cells: readonly ShownCell[], options: TextOptions): string[] {
  const reasons = new Map<string, Set<string>>();
  for (const { theory } of cells) {
    const text = theoryText(theory);
    reasons.set(text, (reasons.get(text) ?? new Set()).add(theory.reason));
  }
  return [...reasons].flatMap(([text, of]) => labelled(text, 14, `${[...of].join('; ')}.`, proseWidth(options)));
}

const CELL_COLUMNS: Layout<ShownCell> = [
  { title: 'bug', align: 'left', cell: ({ bug }) => bug, shrinkTo: 28 },
  { title: 'access', align: 'left', cell: ({ access }) => access },
  {
    title: 'detected',
    align: 'right',
    cell: ({ detected, agrees }) => `${agrees ? '' : '! '}${percentText(detected.share)}`,
  },
  { title: '99 % confidence', align: 'right', cell: ({ detected }) => shareText(detected) },
  { title: 'by the rules', align: 'right', cell: ({ theory }) => theoryText(theory) },
];
/** Where the interval has no room: the headline says whether the shares are as the rules say. */
const NARROW_CELL_COLUMNS = CELL_COLUMNS.filter(({ title }) => title !== '99 % confidence').map((column) =>
  column.title === 'bug' ? { ...column, shrinkTo: 24 } : column,
);

/** The answer of the audit of one policy in a sentence. */
export function auditHeadline({ cells, policy, kasan, trials }: AuditResult): string {
  const subjects = new Set(cells.map(({ subject }) => subject)).size;
  const wrong = cells.filter(({ agrees }) => !agrees).length;
  return (
    `${policy}, ${kasan}: ${count(cells.length)} kinds of bug, in ${subjects} ${subjects === 1 ? 'kind' : 'kinds'} of memory, ${count(trials)} trials each; ` +
    (wrong === 0 ? 'all are detected as often as the rules say.' : `${wrong} are not detected as the rules say.`)
  );
}

/** The detection of one policy, as text. Ends with a newline. */
export function renderAudit(result: AuditResult, options: TextOptions): string {
  const { cells, command } = result;
  const shown = shownCells(cells);
  return layOut(
    [
      headline(auditHeadline(result), options),
      bySubject(
        { name: 'all kinds of bug', head: [] },
        shown,
        (cell) => cell,
        (rows) => textTable(rows, [CELL_COLUMNS, NARROW_CELL_COLUMNS], options),
        options,
      ),
      detail('the rules', ['By the rules:', ...reasonLines(shown, options)]),
      detail('the command', commandText(command, options)),
    ],
    options,
    command,
  );
}

const CHANGE_COLUMNS: Layout<ShownChange> = [
  { title: 'bug', align: 'left', cell: ({ from }) => from.bug, shrinkTo: 24 },
  { title: 'access', align: 'left', cell: ({ from }) => from.access },
  { title: 'detected,\nfrom', align: 'right', cell: ({ from }) => percentText(from.detected.share) },
  { title: 'detected,\nto', align: 'right', cell: ({ to }) => percentText(to.detected.share) },
  { title: 'rules,\nfrom', align: 'right', cell: ({ from }) => theoryText(from.theory) },
  { title: 'rules,\nto', align: 'right', cell: ({ to }) => theoryText(to.theory) },
];
/** Where there is no room for what the rules say: the last paragraph says whether it is so. */
const NARROW_CHANGE_COLUMNS = CHANGE_COLUMNS.filter(({ title }) => !title.startsWith('rules,'));

/** The answer of the audit of two policies in a sentence. */
export function auditDiffHeadline({ cells, from, to, kasan }: AuditDiff): string {
  const losses = cells.filter(isLoss);
  const gains = cells.filter(({ change }) => change === 'gained');
  const same = cells.filter(({ change }) => change === 'same');
  return `From ${from} to ${to}, ${kasan}: as the kernel reaches its memory, ${losses.length === 0 ? 'nothing is detected less often' : `${losses.length} kinds of bug are detected less often`}, ${gains.length} more often; ${count(same.length)} of ${count(cells.length)} are as before.`;
}

/** What becomes of detection under another policy, as text. Ends with a newline. */
export function renderAuditDiff(result: AuditDiff, all: boolean, options: TextOptions): string {
  const { cells, from, to, trials, command } = result;
  const losses = cells.filter(isLoss);
  const gains = cells.filter(({ change }) => change === 'gained');
  const elsewhere = cells.filter((cell) => cell.change === 'lost' && !isLoss(cell));
  const same = cells.filter(({ change }) => change === 'same');
  const wrong = cells.flatMap((cell) => [cell.from, cell.to]).filter(({ agrees }) => !agrees).length;
  const table = (name: string, title: string, rows: readonly ChangedCell[]): Section =>
    rows.length === 0
      ? []
      : bySubject(
          { name, head: [...wrap(title, proseWidth(options)).map(options.style.strong), ''] },
          shownChanges(rows),
          (row) => row.from,
          (own) => textTable(own, [CHANGE_COLUMNS, NARROW_CHANGE_COLUMNS], options),
          options,
        );
  return layOut(
    [
      headline(auditDiffHeadline(result), options),
      table('what is lost', `Lost: what ${to} does not detect as ${from} does`, losses),
      table('what is gained', `Gained: what ${to} detects more often`, gains),
      table(
        'what is lost elsewhere',
        'Lost to pointers that keep the tag of the page, where the kernel works on it without one',
        elsewhere,
      ),
      all
        ? table('what is as before', 'As before', same)
        : detail('what is as before', paragraph(unchanged(same), options)),
      paragraph(
        `${count(trials)} trials each. What changes is what the rules say. ` +
          (wrong === 0 ? 'Each is detected as often as the rules say.' : `${wrong} are not detected as the rules say.`),
        options,
      ),
      detail('the rules', [
        'By the rules:',
        ...reasonLines(
          cells.flatMap((cell) => [cell.from, cell.to]),
          options,
        ),
      ]),
      detail('the command', commandText(command, options)),
    ],
    options,
    command,
  );
}

/** Which kinds of memory stay as they are. */
function unchanged(same: readonly ChangedCell[]): string {
  const cells = new Map<string, number>();
  for (const { from } of same) cells.set(from.subject, (cells.get(from.subject) ?? 0) + 1);
  const list = [...cells].map(([subject, bugs]) => `${subject} (${bugs})`).join('; ');
  return `As before, with the number of kinds of bug: ${list}. --all shows them.`;
}
