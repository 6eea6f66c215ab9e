import { className, type AllocationClass } from '../base/allocation-class.ts';
import { HOOKS } from '../kasan/hook.ts';
import type { CostModel } from '../cost/cost-model.ts';
import type { Certainty, Ledger, LedgerRow } from '../kasan/ledger.ts';
import { INSTRUCTION_KINDS, type InstructionCounts } from '../mte/instruction.ts';
import { allGranules } from './granules.ts';
import type { ClassWork, GroupWork, HookWork, SiteWork, Work } from './result.ts';

const CERTAINTIES: readonly Certainty[] = ['certain', 'estimated'];

/**
 * A ledger, and what its work costs; without a model its work has no time.
 */
export interface CostedLedger {
  readonly ledger: Ledger;
  readonly cost: CostModel | undefined;
}

/** The figures of some rows of a ledger added up. */
export function sumOfRows({ ledger, cost }: CostedLedger, rows: readonly number[]): Work {
  const granules = { alloc: 0, free: 0 };
  let allocations = 0;
  let frees = 0;
  let bytes = 0;
  for (const row of rows) {
    const entry = ledger.rows[row];
    allocations += entry.allocations;
    frees += entry.frees;
    bytes += entry.bytes;
    HOOKS.forEach(({ phase }, hook) => {
      for (const certainty of CERTAINTIES) granules[phase] += ledger.granules(row, hook, certainty);
    });
  }
  const instructions = instructionsOf((column) => {
    let total = 0;
    for (const row of rows) for (let hook = 0; hook < HOOKS.length; hook++) total += both(ledger, row, hook, column);
    return total;
  });
  return { allocations, frees, bytes, granules, instructions, time: cost?.time(ledger, rows) ?? null };
}

const both = (ledger: Ledger, row: number, hook: number, column: number): number =>
  ledger.value(row, hook, 'certain', column) + ledger.value(row, hook, 'estimated', column);

function instructionsOf(valueOf: (column: number) => number): InstructionCounts {
  const [irg, ldg, ldgm, stg, stzg, st2g, stz2g, stgm, stzgm, dcGva, dcGzva, dcZva] = INSTRUCTION_KINDS.map(
    (_, column) => valueOf(column),
  );
  return { irg, ldg, ldgm, stg, stzg, st2g, stz2g, stgm, stzgm, dcGva, dcGzva, dcZva };
}

/**
 * The work of rows that have a name and a class in common, the most tag stores first; equal ones by name, so that the
 * order never depends on chance.
 */
function workBy<Named extends { readonly class: AllocationClass }>(
  costed: CostedLedger,
  nameOf: (row: LedgerRow) => string,
  describe: (row: LedgerRow) => Named,
): readonly (Named & Work)[] {
  const { ledger } = costed;
  const groups = new Map<string, number[]>();
  ledger.countedRows.forEach((index) => {
    const row = ledger.rows[index];
    const key = `${row.class} ${nameOf(row)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else group.push(index);
  });
  return [...groups]
    .map(([key, rows]) => ({ key, work: { ...describe(ledger.rows[rows[0]]), ...sumOfRows(costed, rows) } }))
    .toSorted(
      (a, b) =>
        allGranules(b.work) - allGranules(a.work) ||
        b.work.allocations - a.work.allocations ||
        (a.key < b.key ? -1 : 1),
    )
    .map(({ work }) => work);
}

/** By allocation class. */
export const byClass = (costed: CostedLedger): readonly ClassWork[] =>
  workBy(
    costed,
    () => '',
    (row) => ({ class: className(row.class) }),
  );

/** By call site and class. */
export const bySite = (costed: CostedLedger): readonly SiteWork[] =>
  workBy(
    costed,
    (row) => row.site,
    (row) => ({ site: row.site, class: className(row.class) }),
  );

/** By what rows are split by, and class. */
export const byGroup = (costed: CostedLedger): readonly GroupWork[] =>
  workBy(
    costed,
    (row) => row.group,
    (row) => ({ group: row.group, class: className(row.class) }),
  );

/** By stack, and class; what has no stack by call site. */
export const byStack = (costed: CostedLedger): readonly GroupWork[] =>
  workBy<Pick<GroupWork, 'group' | 'site' | 'class'>>(
    costed,
    (row) => (row.group === '' ? `\0${row.site}` : row.group),
    (row) => ({ group: row.group, ...(row.group === '' ? { site: row.site } : {}), class: className(row.class) }),
  );

/** By kernel function and class, in the order of the hooks. */
export function byHook(ledger: Ledger): readonly HookWork[] {
  const counted = ledger.countedRows;
  const classes = [...new Set(counted.map((row) => ledger.rows[row].class))].toSorted((a, b) => a - b);
  return HOOKS.flatMap(({ name }, hook) =>
    classes.flatMap((id): HookWork[] => {
      const rows = counted.filter((row) => ledger.rows[row].class === id);
      const total = (valueOf: (row: number) => number): number => rows.reduce((all, row) => all + valueOf(row), 0);
      const calls = total((row) => ledger.calls(row, hook, 'certain') + ledger.calls(row, hook, 'estimated'));
      if (calls === 0) return [];
      return [
        {
          hook: name,
          class: className(id),
          calls,
          granules: total((row) => ledger.granules(row, hook, 'certain') + ledger.granules(row, hook, 'estimated')),
          instructions: instructionsOf((column) => total((row) => both(ledger, row, hook, column))),
        },
      ];
    }),
  );
}
