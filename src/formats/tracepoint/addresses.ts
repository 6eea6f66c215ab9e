import type { ReadLosses } from '../../trace/losses.ts';
import type { SymbolTable } from '../symbols/symbol-table.ts';

/** Addresses without a name that are told apart; beyond these they are no longer counted. */
const MAX_UNRESOLVED = 1 << 16;

/** Names addresses of the kernel, and counts those that have no name. */
export class Addresses {
  readonly #symbols: SymbolTable;
  readonly #losses: ReadLosses;
  readonly #unresolved = new Set<string>();

  constructor(symbols: SymbolTable, losses: ReadLosses) {
    this.#symbols = symbols;
    this.#losses = losses;
  }

  /** The function that an address, given as two 32-bit halves, lies in; undefined where that is not known. */
  functionAt(hi: number, lo: number): string | undefined {
    const name = this.#symbols.functionAt(hi, lo);
    if (name === undefined && this.#unresolved.size < MAX_UNRESOLVED) {
      this.#unresolved.add(hexAddress(hi, lo));
      this.#losses.unresolvedAddresses = this.#unresolved.size;
    }
    return name;
  }
}

/** As the kernel prints an address that it has no name for. */
export const hexAddress = (hi: number, lo: number): string =>
  `0x${hi === 0 ? '' : (hi >>> 0).toString(16)}${(lo >>> 0).toString(16).padStart(hi === 0 ? 1 : 8, '0')}`;
