import { GRANULE_BYTES } from '../base/units.ts';
import { hookId, HOOKS, type HookId } from '../kasan/hook.ts';
import type { Certainty, Ledger } from '../kasan/ledger.ts';
import { CELL_COLUMNS, GRANULES_COLUMN, TAGGED_LINES_COLUMN, ZEROED_LINES_COLUMN } from '../mte/counting-machine.ts';
import { CACHE_LINE_BYTES, type CpuProfile } from '../mte/cpu.ts';
import { INSTRUCTION_KINDS, type InstructionKind } from '../mte/instruction.ts';
import type { Reading, Readings } from './profile.ts';
import { RESIDENCY_OF_HOOK, WRITTEN_BY, type Residency } from './residency.ts';
import { timeOf, type Time } from './time.ts';

/** What a part of a time is for. */
export const COST_PARTS = ['instructions', 'lines', 'tagMemory'] as const;
export type CostPart = (typeof COST_PARTS)[number];

const GRANULES_PER_LINE = CACHE_LINE_BYTES / GRANULE_BYTES;
/** Bytes of tag memory for a granule: 4 bits. */
const TAG_BYTES_PER_GRANULE = 0.5;
const CERTAINTIES: readonly Certainty[] = ['certain', 'estimated'];

/** Bytes that one instruction zeroes, beside writing their tags. */
function zeroedBytes(kind: InstructionKind, cpu: CpuProfile): number {
  switch (kind) {
    case 'stzg':
      return GRANULE_BYTES;
    case 'stz2g':
      return 2 * GRANULE_BYTES;
    case 'stzgm':
      return cpu.gmBlock;
    case 'dcGzva':
      return cpu.dcBlock;
    case 'irg':
    case 'ldg':
    case 'ldgm':
    case 'stg':
    case 'st2g':
    case 'stgm':
    case 'dcGva':
    case 'dcZva':
      return 0;
  }
}

/**
 * Nanoseconds that each column of the counting machine adds to a time, by one reading of a profile: a time is the sum
 * of columns times coefficients.
 *
 * The time is that of the tags. Memory that was to be zeroed is zeroed with or without them: DC ZVA costs nothing here,
 * and what a tag store that zeroes takes is reduced by the zeroing that it replaces, but never below nothing.
 */
export function coefficients(reading: Reading, cpu: CpuProfile, where: Residency): Float64Array {
  const columns = new Float64Array(CELL_COLUMNS);
  INSTRUCTION_KINDS.forEach((kind, column) => {
    if (kind === 'dcZva') return;
    const replaced = (zeroedBytes(kind, cpu) / CACHE_LINE_BYTES) * reading.zeroing;
    columns[column] = Math.max(0, reading.instruction[kind] - replaced);
  });
  // The tags of a line that is in the cache are there with it, and go to memory some other time.
  columns[GRANULES_COLUMN] = reading.line[where] > 0 ? TAG_BYTES_PER_GRANULE * reading.tagByte : 0;
  columns[TAGGED_LINES_COLUMN] = reading.line[where];
  columns[ZEROED_LINES_COLUMN] = reading.zeroedLine;
  return columns;
}

const partOfColumn = (column: number): CostPart =>
  column < INSTRUCTION_KINDS.length ? 'instructions' : column === GRANULES_COLUMN ? 'tagMemory' : 'lines';

/** A hook that writes what another one has written; see `WRITTEN_BY`. */
interface Again {
  readonly hook: HookId;
  readonly before: HookId;
  /** Where memory is that the one before did not write. */
  readonly otherwise: Residency;
}

const AGAIN: readonly Again[] = [...WRITTEN_BY].map(([name, before]) => ({
  hook: hookId(name),
  before: hookId(before),
  otherwise: RESIDENCY_OF_HOOK[before],
}));

/** Cache lines whose tags a hook writes and the hook before it did not. */
function firstTouched(ledger: Ledger, row: number, { hook, before }: Again, certainty: Certainty): number {
  const lines = (of: HookId): number =>
    ledger.value(row, of, certainty, TAGGED_LINES_COLUMN) + ledger.value(row, of, certainty, ZEROED_LINES_COLUMN);
  return Math.max(0, lines(hook) - lines(before));
}

/** Turns rows of a ledger into time, by the readings of a profile on a CPU. */
export class CostModel {
  /** By reading, then by hook. */
  readonly #coefficients: readonly (readonly Float64Array[])[];
  /** By reading, then by `AGAIN`: what a line costs more where the hook before did not write it. */
  readonly #firstTouch: readonly (readonly Float64Array[])[];

  /** @param readings of a profile for this CPU, the best first */
  constructor(readings: Readings, cpu: CpuProfile) {
    this.#coefficients = readings.map((reading) =>
      HOOKS.map(({ name }) => coefficients(reading, cpu, RESIDENCY_OF_HOOK[name])),
    );
    this.#firstTouch = readings.map((reading, index) =>
      AGAIN.map(({ hook, otherwise }) => {
        const [first, again] = [coefficients(reading, cpu, otherwise), this.#coefficients[index][hook]];
        const more = new Float64Array(CELL_COLUMNS);
        more[TAGGED_LINES_COLUMN] = first[TAGGED_LINES_COLUMN] - again[TAGGED_LINES_COLUMN];
        more[GRANULES_COLUMN] = GRANULES_PER_LINE * (first[GRANULES_COLUMN] - again[GRANULES_COLUMN]);
        return more;
      }),
    );
  }

  /** The time that the tag work of some rows takes. */
  time(ledger: Ledger, rows: readonly number[]): Time {
    return this.#sum(ledger, rows, () => true);
  }

  /** One part of that time. */
  part(ledger: Ledger, rows: readonly number[], part: CostPart): Time {
    return this.#sum(ledger, rows, (column) => partOfColumn(column) === part);
  }

  #sum(ledger: Ledger, rows: readonly number[], counts: (column: number) => boolean): Time {
    const [best = 0, ...others] = this.#coefficients.map((hooks, index) => {
      let sum = 0;
      this.#firstTouch[index].forEach((columns, which) => {
        const more = columns.reduce((each, value, column) => (counts(column) ? each + value : each), 0);
        if (more === 0) return;
        for (const row of rows)
          for (const certainty of CERTAINTIES) sum += more * firstTouched(ledger, row, AGAIN[which], certainty);
      });
      hooks.forEach((columns, hook) => {
        for (const row of rows) {
          for (const certainty of CERTAINTIES) {
            if (ledger.calls(row, hook, certainty) === 0) continue;
            columns.forEach((each, column) => {
              if (each !== 0 && counts(column)) sum += each * ledger.value(row, hook, certainty, column);
            });
          }
        }
      });
      return sum;
    });
    return timeOf([best, ...others]);
  }
}
