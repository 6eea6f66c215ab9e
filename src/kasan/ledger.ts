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

/**
 * Tag work, summed by row (class, call site, group), hook and certainty. The counting machine holds the figures; the
 * ledger knows which of its cells is whose.
 */
export class Ledger {
  readonly machine: CountingMachine;
  readonly rows: LedgerRow[] = [];
  readonly #rowIds = new Map<string, number>();
  #cells = new Int32Array(HOOK_COUNT * 2 * 64);
  #cellCount = DISCARD + 1;
  #row = 0;
  #estimated = 0;
  #open = true;
  readonly #counted: ReadonlySet<LedgerPart>;

  /** @param counted parts that results are of */
  constructor(machine: CountingMachine, counted: ReadonlySet<LedgerPart> = ALL_BUT_OTHERS) {
    this.machine = machine;
    this.#counted = counted;
  }

  /** The row of a class, call site, group and part; made if new. */
  row(classId: ClassId, site: string, group: string, part: LedgerPart = 'workload'): number {
    const key = `${classId}\0${site}\0${group}\0${part}`;
    const known = this.#rowIds.get(key);
    if (known !== undefined) return known;
    const id = this.rows.push({ class: classId, site, group, part, allocations: 0, frees: 0, bytes: 0 }) - 1;
    this.#rowIds.set(key, id);
    return id;
  }

  /** Opens or closes the account: what happens while it is closed is not counted. */
  setOpen(open: boolean): void {
    this.#open = open;
  }

  /** Whether results are also of a row. */
  isCounted(row: number): boolean {
    return this.#counted.has(this.rows[row].part);
  }

  /** Whether they are of the row that the next hooks work for. */
  get chargesCounted(): boolean {
    return this.#row >= this.rows.length || this.isCounted(this.#row);
  }

  /** The rows that results are of. */
  get countedRows(): readonly number[] {
    return this.rows.flatMap((_, row) => (this.isCounted(row) ? [row] : []));
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** From now on entries are estimates. */
  beginEstimates(): void {
    this.#estimated = 1;
  }

  /** Chooses the row that the next hooks work for. */
  chargeTo(row: number): void {
    this.#row = row;
  }

  countAllocation(row: number, size: number): void {
    if (!this.#open) return;
    const entry = this.rows[row];
    entry.allocations++;
    entry.bytes += size;
  }

  countFree(row: number): void {
    if (this.#open) this.rows[row].frees++;
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
