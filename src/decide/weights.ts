import type { AuditCell } from '../audit/audit.ts';
import { InputError } from '../base/errors.ts';

/** A bug of the real world, in the audit's words; several words where its report does not tell which it was. */
export interface RealBug {
  readonly bugs: readonly string[];
  readonly class: string;
  readonly access: string;
}

/** Real bugs that an audit is weighed by. */
export interface Weights {
  /** The file that they are from. */
  readonly source: string;
  readonly bugs: readonly RealBug[];
}

/** What a weighed result says of its weights. */
export interface WeightsUsed {
  readonly source: string;
  readonly bugs: number;
  /** Of these the audit has a kind; the others count nothing. */
  readonly known: number;
}

/** Cells of an audit by how many of the real bugs each stands for. */
export interface CellWeights extends WeightsUsed {
  readonly ofCell: readonly number[];
}

/** Each real bug weighs 1, in equal parts for all cells that it may be: of its class, its kinds of bug and its access. */
export function weigh(cells: readonly AuditCell[], { source, bugs }: Weights): CellWeights {
  const ofCell = cells.map(() => 0);
  let known = 0;
  for (const real of bugs) {
    const fitting = cells.flatMap((cell, index) => (isOf(cell, real) ? [index] : []));
    if (fitting.length > 0) known++;
    for (const index of fitting) ofCell[index] += 1 / fitting.length;
  }
  return { source, bugs: bugs.length, known, ofCell };
}

const isOf = (cell: AuditCell, { bugs, class: classOf, access }: RealBug): boolean =>
  !cell.hypothetical &&
  cell.class === classOf &&
  bugs.includes(cell.bug) &&
  (access === 'unknown' || cell.access === access);

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string';

/**
 * The bugs of what `tagscope explain --json` wrote: each distinct one once, and none that is known to be no bug.
 *
 * @throws InputError naming what is not as it should be
 */
export function parseWeights(text: string, source: string): Weights {
  const problem = (found: string, expected: string): InputError =>
    new InputError({
      where: `weights ${source}`,
      found,
      expected,
      advice: 'Give what `tagscope explain LOG… --json` wrote.',
    });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw problem(error instanceof Error ? error.message : 'text that is not JSON', 'JSON');
  }
  if (!isRecord(json) || json['schema'] !== 'tagscope.explain')
    throw problem('no key "schema" with the value "tagscope.explain"', 'the result of `tagscope explain --json`');
  if (!Array.isArray(json['reports'])) throw problem('no list "reports"', 'a list of reports');
  const reports: readonly unknown[] = json['reports'];
  const bugs = reports.flatMap((report, index): RealBug[] => {
    const { class: classOf, access, bugs: names, duplicateOf, notABug } = isRecord(report) ? report : {};
    const kind = isRecord(access) ? access['kind'] : undefined;
    if (!isText(classOf) || !isText(kind) || !Array.isArray(names) || !names.every(isText))
      throw problem(`reports[${index}] without class, access.kind or bugs`, 'a report of `tagscope explain`');
    const counts = (duplicateOf ?? null) === null && (notABug ?? null) === null;
    return counts ? [{ bugs: names, class: classOf, access: kind }] : [];
  });
  if (bugs.length === 0) throw problem('no report of a bug in it', 'at least one, to weigh by');
  return { source, bugs };
}
