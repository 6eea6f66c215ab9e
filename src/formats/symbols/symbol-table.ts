/** Finds the function that an address of the kernel lies in. */
export interface SymbolTable {
  /** How many symbols it has; 0 if the addresses were hidden (kptr_restrict). */
  readonly size: number;
  /** The name of the function at an address given as two 32-bit halves, or undefined. */
  functionAt(hi: number, lo: number): string | undefined;
}

/** For a trace that comes without symbols. */
export const NO_SYMBOLS: SymbolTable = Object.freeze({ size: 0, functionAt: () => undefined });
