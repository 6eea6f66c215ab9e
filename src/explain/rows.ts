import { GRANULE_BYTES } from '../base/units.ts';
import type { AccessReport } from '../kasan/report/report.ts';
import type { ReportMode } from './result.ts';

/** Bytes that one piece of metadata of generic KASAN stands for. */
const SHADOW_BYTES = 8;
const UNTAGGED = 0x00ff_ffff_ffff_ffffn;

/** An address without its tag. */
export const untagged = (address: bigint): bigint => address & UNTAGGED;

/** The metadata around the bad address, by address. */
export class Rows {
  /** Bytes that a piece stands for. */
  readonly granule: number;
  /** The piece that the report marks, by its address without a tag. */
  readonly guilty: bigint | undefined;
  readonly #pieces = new Map<bigint, number>();

  constructor({ memory }: Pick<AccessReport, 'memory'>, mode: ReportMode) {
    this.granule = mode === 'hw-tags' || mode === 'sw-tags' ? GRANULE_BYTES : SHADOW_BYTES;
    for (const { base, bytes } of memory?.rows ?? [])
      for (const [column, piece] of bytes.entries())
        this.#pieces.set(untagged(base) + BigInt(column * this.granule), piece);
    const row = memory?.marked === undefined ? undefined : memory.rows[memory.marked];
    this.guilty =
      row === undefined || memory?.guilty === undefined
        ? undefined
        : untagged(row.base) + BigInt(memory.guilty * this.granule);
  }

  /** The piece of an address without a tag; undefined where no row shows it. */
  at(address: bigint): number | undefined {
    return this.#pieces.get(address - (address % BigInt(this.granule)));
  }

  /** The pieces of a range, as far as rows show it. */
  within(from: bigint, to: bigint): number[] {
    const pieces: number[] = [];
    const step = BigInt(this.granule);
    for (let at = from - (from % step); at < to; at += step) {
      const piece = this.#pieces.get(at);
      if (piece !== undefined) pieces.push(piece);
    }
    return pieces;
  }

  /** The first piece from an address on for which something holds, as far as rows go. */
  firstFrom(address: bigint, holds: (piece: number) => boolean): number | undefined {
    const step = BigInt(this.granule);
    for (let at = address - (address % step); ; at += step) {
      const piece = this.#pieces.get(at);
      if (piece === undefined || holds(piece)) return piece;
    }
  }

  /**
   * Generic KASAN: where what may be accessed ends before an address, by the pieces before it; undefined where rows do not
   * show it.
   */
  accessibleEnd(before: bigint, start: bigint): bigint | undefined {
    const step = BigInt(this.granule);
    for (let at = before - (before % step); at >= start; at -= step) {
      const piece = this.#pieces.get(at);
      if (piece === undefined) return undefined;
      if (piece === 0) return at + step;
      if (piece < SHADOW_BYTES) return at + BigInt(piece);
    }
    return undefined;
  }
}
