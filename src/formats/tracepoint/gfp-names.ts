import { GFP_FLAGS } from '../../gfp/flags.ts';
import { evaluateConstant } from './constant-expression.ts';

/** A name that a kernel prints, and the bits that it stands for in that kernel. */
interface FlagName {
  readonly name: string;
  readonly mask: number;
}

/** More than any kernel has. */
const MAX_NAMES = 200;
const MAX_EXPRESSION = 4000;

/** `___GFP_SKIP_KASAN_BIT`. */
const LAST_ENUMERATED = 25;

/**
 * From 6.10 to 6.15 the bits are an enumeration whose names stand in the format file unresolved
 * (`1UL << ___GFP_DMA_BIT`). Those that are printed have the same numbers in all of these versions: what is configured
 * in or out comes after them (include/linux/gfp_types.h).
 */
const ENUMERATION: ReadonlyMap<string, number> = new Map(
  GFP_FLAGS.filter(({ bit }) => bit <= LAST_ENUMERATED).map(({ name, bit }) => [`_${name}_BIT`, bit]),
);

/**
 * How one kernel prints gfp masks, from the `print fmt` of one of its events: the trace itself says what its numbers
 * mean, whatever kernel and configuration recorded it.
 */
export class GfpNames {
  readonly #names: readonly FlagName[];

  constructor(printFormat: string) {
    this.#names = parseFlags(printFormat);
  }

  /**
   * A mask as the kernel prints it (kernel/trace/trace_output.c:trace_print_flags_seq): names, each taking its bits away
   * from the following ones, then what is left as a number. Without names in the format a number.
   */
  print(mask: number): string {
    if (mask === 0) return 'none';
    const words: string[] = [];
    let left = mask >>> 0;
    for (const { name, mask: bits } of this.#names) {
      if (bits === 0 || (left & bits) >>> 0 !== bits) continue;
      words.push(name);
      left = (left & ~bits) >>> 0;
    }
    if (left !== 0) words.push(`0x${left.toString(16)}`);
    return words.join('|');
  }
}

/** The table in `__print_flags(REC->gfp_flags, "|", {mask, "name"}, …)`. */
function parseFlags(printFormat: string): readonly FlagName[] {
  const start = /__print_flags\s*\(\s*REC->gfp_flags\s*,\s*"\|"\s*,/.exec(printFormat);
  if (start === null) return [];
  const names: FlagName[] = [];
  const entry = /\s*,?\s*\{([^"{}]*),\s*"(\w+)"\s*\}/y;
  entry.lastIndex = start.index + start[0].length;
  for (let match = entry.exec(printFormat); match !== null; match = entry.exec(printFormat)) {
    const [, expression, name] = match;
    if (names.length === MAX_NAMES || expression.length > MAX_EXPRESSION) break;
    const mask = evaluateConstant(expression, ENUMERATION);
    if (mask !== undefined) names.push({ name, mask });
  }
  return names;
}
