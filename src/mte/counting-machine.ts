import { GRANULE_BYTES } from '../base/units.ts';
import { CACHE_LINE_BYTES, type CpuProfile } from './cpu.ts';
import { INSTRUCTION_KINDS, type InstructionKind } from './instruction.ts';
import { KASAN_TAG_INVALID, KASAN_TAG_KERNEL, type Tag, type TagMachine } from './tag-machine.ts';
import { rangeBlocks, rangeStores } from './tag-range.ts';

/**
 * Columns of a cell: one per instruction kind, then granules tagged, calls, and the cache lines that tag stores touched:
 * those that write tags alone, and those that zero as well.
 */
export const GRANULES_COLUMN = INSTRUCTION_KINDS.length;
export const CALLS_COLUMN = GRANULES_COLUMN + 1;
export const TAGGED_LINES_COLUMN = CALLS_COLUMN + 1;
export const ZEROED_LINES_COLUMN = TAGGED_LINES_COLUMN + 1;
export const CELL_COLUMNS = ZEROED_LINES_COLUMN + 1;

/** Cache lines that a range touches; of the address only its position in a line matters. */
const linesOf = (address: number, size: number): number =>
  Math.ceil(((address & (CACHE_LINE_BYTES - 1)) + size) / CACHE_LINE_BYTES);

const column = (kind: InstructionKind): number => INSTRUCTION_KINDS.indexOf(kind);
const IRG = column('irg');
const LDG = column('ldg');
const STG = column('stg');
const STZG = column('stzg');
const STZ2G = column('stz2g');
const STGM = column('stgm');
const DC_GVA = column('dcGva');
const DC_GZVA = column('dcGzva');
const DC_ZVA = column('dcZva');

/**
 * The tag that all pointers and all memory of a machine without memory have: neither that of a match-all pointer nor, for
 * one pointer, another than its memory's.
 */
export const COUNTED_TAG: Tag = KASAN_TAG_INVALID;

/** The tag of what is known only to be tagged or not. */
export const countedTag = (tagged: boolean): Tag => (tagged ? COUNTED_TAG : KASAN_TAG_KERNEL);

/**
 * The machine that only counts. It owns no memory: what it executes is added to the cell that was chosen last.
 *
 * Cells are rows of one growing matrix of `CELL_COLUMNS` columns; who owns a cell is the ledger's business.
 */
export class CountingMachine implements TagMachine {
  readonly cpu: CpuProfile;
  #matrix = new Float64Array(CELL_COLUMNS * 64);
  #cell = 0;
  #times = 1;

  constructor(cpu: CpuProfile) {
    this.cpu = cpu;
  }

  /** From now on everything that is executed counts so many times: what is the same many times is done once. */
  repeat(times: number): void {
    this.#times = times;
  }

  /** Chooses the cell that what follows is added to, and counts a call there. */
  charge(cell: number): void {
    const base = cell * CELL_COLUMNS;
    if (base + CELL_COLUMNS > this.#matrix.length) {
      const grown = new Float64Array(Math.max(this.#matrix.length * 2, base + CELL_COLUMNS));
      grown.set(this.#matrix);
      this.#matrix = grown;
    }
    this.#cell = base;
    this.#matrix[base + CALLS_COLUMN] += this.#times;
  }

  /** What a cell holds in a column. */
  value(cell: number, columnIndex: number): number {
    return this.#matrix[cell * CELL_COLUMNS + columnIndex] ?? 0;
  }

  irg(_excluded?: number): Tag {
    this.#matrix[this.#cell + IRG] += this.#times;
    return COUNTED_TAG;
  }

  ldg(_address: number): Tag {
    this.#matrix[this.#cell + LDG] += this.#times;
    return COUNTED_TAG;
  }

  setMemTagRange(address: number, size: number, _tag: Tag, init: boolean): void {
    const matrix = this.#matrix;
    const cell = this.#cell;
    const times = this.#times;
    matrix[cell + (init ? STZG : STG)] += times * rangeStores(this.cpu, address, size);
    matrix[cell + (init ? DC_GZVA : DC_GVA)] += times * rangeBlocks(this.cpu, address, size);
    matrix[cell + GRANULES_COLUMN] += times * (size / GRANULE_BYTES);
    matrix[cell + (init ? ZEROED_LINES_COLUMN : TAGGED_LINES_COLUMN)] += times * linesOf(address, size);
  }

  /** Counts memory that is marked without an instruction for tags: by writing to a shadow of it. */
  countMarked(granules: number): void {
    this.#matrix[this.#cell + GRANULES_COLUMN] += this.#times * granules;
  }

  clearPages(_address: number, size: number): void {
    if (!this.cpu.mops && !this.cpu.dzp) this.#matrix[this.#cell + DC_ZVA] += this.#times * (size / this.cpu.dcBlock);
  }

  clearPageTags(address: number, size: number, zero: boolean): void {
    const matrix = this.#matrix;
    const cell = this.#cell;
    const times = this.#times;
    if (!zero) matrix[cell + STGM] += times * (size / this.cpu.gmBlock);
    else if (this.cpu.dzp) matrix[cell + STZ2G] += times * (size / (2 * GRANULE_BYTES));
    else matrix[cell + DC_GZVA] += times * (size / this.cpu.dcBlock);
    matrix[cell + GRANULES_COLUMN] += times * (size / GRANULE_BYTES);
    matrix[cell + (zero ? ZEROED_LINES_COLUMN : TAGGED_LINES_COLUMN)] += times * linesOf(address, size);
  }
}
