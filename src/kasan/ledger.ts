import type { ClassId } from '../base/allocation-class.ts';
import { granules, type Granules } from '../base/units.ts';
import { HOOKS, type HookId } from './hook.ts';
import { CALLS_COLUMN, GRANULES_COLUMN, type CountingMachine } from '../mte/counting-machine.ts';

const HOOK_COUNT = HOOKS.length;
/** The cell of work that is not wanted: what happens outside the time asked for. */
const DISCARD = 0;

/** How sure an entry is: it follows from events, or it is the best estimate of what left no event. */
export type Certainty = 'certain' | 'estimated';

/** Whose work a row is: of what was recorded, of the recorder itself, or of tasks that were not asked for. */
export type LedgerPart = 'workload' | 'recorder' | 'others';

const ALL_BUT_OTHERS: ReadonlySet<LedgerPart> = new Set(['workload', 'recorder']);

/** A row of the ledger. */
export interface LedgerRow {
  readonly class: ClassId;
  /** Call site. */
  readonly site: string;
  /** What the caller groups by besides class and site: a command or a stack; '' if nothing. */
  readonly group: string;
  readonly part: LedgerPart;
  allocations: number;
  frees: number;
  /** Bytes allocated. */
  bytes: number;
}

/** The rows of a ledger, and what was allocated and freed in each: the same whatever tag work that comes to. */
export class LedgerRows {
  readonly all: LedgerRow[] = [];
  /** By class; by call site, and what else a row has where it has that. */
  readonly #ids: Map<string, number>[] = [];
  readonly #counted: ReadonlySet<LedgerPart>;

  /** @param counted parts that results are of */
  constructor(counted: ReadonlySet<LedgerPart> = ALL_BUT_OTHERS) {
    this.#counted = counted;
  }

  /** The row of a class, call site, group and part; made if new. */
  row(classId: ClassId, site: string, group: string, part: LedgerPart = 'workload'): number {
    const key = group === '' && part === 'workload' ? site : `${site}\0${group}\0${part}`;
    const ofClass = (this.#ids[classId] ??= new Map<string, number>());
    const known = ofClass.get(key);
    if (known !== undefined) return known;
    const id = this.all.push({ class: classId, site, group, part, allocations: 0, frees: 0, bytes: 0 }) - 1;
    ofClass.set(key, id);
    return id;
  }

  /** Whether results are also of a row. */
  isCounted(row: number): boolean {
    return this.#counted.has(this.all[row].part);
  }

  /** @param size bytes of each */
  countAllocation(row: number, size: number, times = 1): void {
    const entry = this.all[row];
    entry.allocations += times;
    entry.bytes += times * size;
  }

  countFree(row: number, times = 1): void {
    this.all[row].frees += times;
  }
}

/**
 * Tag work, summed by row (class, call site, group), hook and certainty. The counting machine holds the figures; the
 * ledger knows which of its cells is whose.
 */
export class Ledger {
  readonly machine: CountingMachine;
  readonly #rows: LedgerRows;
  #cells = new Int32Array(HOOK_COUNT * 2 * 64);
  #cellCount = DISCARD + 1;
  #row = 0;
  #estimated = 0;
  #open = true;

  /** @param rows those that tag work belongs to; of its own if it is left out */
  constructor(machine: CountingMachine, rows: LedgerRows = new LedgerRows()) {
    this.machine = machine;
    this.#rows = rows;
  }

  get rows(): readonly LedgerRow[] {
    return this.#rows.all;
  }

  /** The row of a class, call site, group and part; made if new. */
  row(classId: ClassId, site: string, group: string, part?: LedgerPart): number {
    return this.#rows.row(classId, site, group, part);
  }

  /** Opens or closes the account: what happens while it is closed is not counted. */
  setOpen(open: boolean): void {
    this.#open = open;
  }

  /** Whether results are also of a row. */
  isCounted(row: number): boolean {
    return this.#rows.isCounted(row);
  }

  /** Whether results are of the row that the next hooks work for. */
  get chargesCounted(): boolean {
    return this.#row >= this.rows.length || this.isCounted(this.#row);
  }

  /** The rows that results are of. */
  get countedRows(): readonly number[] {
    return this.rows.flatMap((_, row) => (this.isCounted(row) ? [row] : []));
  }

  /** From now on entries are estimates. */
  beginEstimates(): void {
    this.#estimated = 1;
  }

  /** Chooses the row that the next hooks work for. */
  chargeTo(row: number): void {
    this.#row = row;
  }

  /** What follows is estimated of memory whose rows are not known: results are of it. */
  chargeToNobody(): void {
    this.#row = Number.POSITIVE_INFINITY;
  }

  countAllocation(row: number, size: number): void {
    if (this.#open) this.#rows.countAllocation(row, size);
  }

  countFree(row: number): void {
    if (this.#open) this.#rows.countFree(row);
  }

  /** Told by the hooks: directs the machine to the cell of the chosen row and this hook. */
  readonly enter = (hook: HookId): void => {
    if (!this.#open) {
      this.machine.charge(DISCARD);
      return;
    }
    const index = (this.#row * HOOK_COUNT + hook) * 2 + this.#estimated;
    if (index >= this.#cells.length) this.#grow(index);
    let cell = this.#cells[index];
    if (cell === DISCARD) {
      cell = this.#cellCount++;
      this.#cells[index] = cell;
    }
    this.machine.charge(cell);
  };

  #grow(index: number): void {
    const grown = new Int32Array(Math.max(this.#cells.length * 2, index + 1));
    grown.set(this.#cells);
    this.#cells = grown;
  }

  /** What a row did in a hook: a column of the counting machine, see `CELL_COLUMNS`. */
  value(row: number, hook: HookId, certainty: Certainty, column: number): number {
    const cell = this.#cells[(row * HOOK_COUNT + hook) * 2 + (certainty === 'estimated' ? 1 : 0)] ?? DISCARD;
    return cell === DISCARD ? 0 : this.machine.value(cell, column);
  }

  granules(row: number, hook: HookId, certainty: Certainty): Granules {
    return granules(this.value(row, hook, certainty, GRANULES_COLUMN));
  }

  calls(row: number, hook: HookId, certainty: Certainty): number {
    return this.value(row, hook, certainty, CALLS_COLUMN);
  }
}
