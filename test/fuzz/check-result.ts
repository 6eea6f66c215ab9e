import { INSTRUCTION_KINDS, tagSetting } from '../../src/mte/instruction.ts';
import type { Interval, ReportResult, Work } from '../../src/result/result.ts';

function check(holds: boolean, what: string, result: ReportResult): void {
  if (!holds) throw new Error(`the result under ${result.policy.name} is wrong: ${what}`);
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0;
const isOrdered = ({ low, best, high }: Interval): boolean =>
  [low, best, high].every(Number.isInteger) && low <= best && best <= high;
/** Equal; sizes that no machine has can add up to more than a double holds exactly. */
const areEqual = (a: number, b: number): boolean =>
  a === b || (a > Number.MAX_SAFE_INTEGER && Math.abs(a / b - 1) < 1e-9);

const figuresOf = ({ allocations, frees, bytes, granules, instructions }: Work): number[] => [
  ...[allocations, frees, bytes, granules.alloc, granules.free],
  ...INSTRUCTION_KINDS.map((kind) => instructions[kind]),
];

const granulesOf = ({ totals }: ReportResult): number => totals.granules.alloc + totals.granules.free;

/** What holds of every result, whatever it was computed from. @throws Error if it does not. */
export function checkResult(result: ReportResult, grouped: boolean): void {
  const { totals, byClass, bySite, byGroup, byHook, estimates, losses, provenance } = result;
  const figures = figuresOf(totals);
  for (const [name, rows] of Object.entries({ byClass, bySite, ...(grouped ? { byGroup } : {}) })) {
    for (const row of rows) check(figuresOf(row).every(isCount), `figures ${name}: ${figuresOf(row).join()}`, result);
    const sums = figures.map((_, column) => rows.reduce((sum, row) => sum + figuresOf(row)[column], 0));
    check(
      sums.every((sum, column) => areEqual(sum, figures[column])),
      `${name} does not add up to the totals`,
      result,
    );
  }
  const hooked = byHook.reduce((sum, { granules }) => sum + granules, 0);
  check(areEqual(hooked, granulesOf(result)), 'byHook does not add up to the totals', result);
  check(isOrdered(totals.tagInstructions) && totals.tagInstructions.low >= 0, 'interval of the total', result);
  const stores = tagSetting(totals.instructions);
  check(areEqual(totals.tagInstructions.best, stores), 'instructions do not add up', result);
  for (const { calls, granules, tagInstructions } of estimates) {
    // How far off a figure can be may be less than nothing: the total then is too high.
    check([calls, granules, tagInstructions].every(isOrdered), 'interval of an estimate', result);
  }
  for (const [name, value] of Object.entries(losses)) {
    const counts: unknown[] = typeof value === 'object' ? [] : [value];
    check(
      counts.every((count) => typeof count === 'number' && isCount(count)),
      `losses, ${name}`,
      result,
    );
  }
  const { lost, unmatchedFrees, userMemoryFrees } = losses;
  check(isCount(lost.events) && lost.share >= 0 && lost.share <= 1, 'share of events that were lost', result);
  check(userMemoryFrees <= unmatchedFrees, 'frees of user memory', result);
  const { classesFromEvidence } = provenance;
  check(classesFromEvidence >= 0 && classesFromEvidence <= 1, 'share of pages with evidence', result);
}

/** Where nothing is tagged, no tag is stored. @throws Error if one is. */
export function checkUntagged(result: ReportResult): void {
  check(granulesOf(result) === 0, 'granules where nothing is tagged', result);
  check(tagSetting(result.totals.instructions) === 0, 'tag stores where nothing is tagged', result);
}

/** A policy that skips less stores no fewer tags. @throws Error if it does. */
export function checkNoMore(fewer: ReportResult, more: ReportResult): void {
  check(granulesOf(fewer) <= granulesOf(more), `more granules than ${more.policy.name}`, fewer);
}

/** What was allocated and freed does not depend on what is tagged. @throws Error if it does. */
export function checkSameEvents(one: ReportResult, other: ReportResult): void {
  const figures = ({ totals }: ReportResult): string => JSON.stringify(figuresOf(totals).slice(0, 3));
  check(figures(one) === figures(other), `other allocations or frees than ${other.policy.name}`, one);
}
