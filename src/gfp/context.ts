import type { GfpName } from './composites.ts';
import { GFP_FLAGS, GFP_SKIP_KASAN } from './flags.ts';
import type { Gfp } from './flags.ts';
import type { KernelVersion } from '../base/kernel-version.ts';
import { gfpNumbering } from './numbering.ts';
import type { GfpConfig, GfpNumbering } from './numbering.ts';
import { OLD_SKIP_KASAN_NAME, gfpPrintOrder } from './print-order.ts';

/** All that is needed to read and write the gfp flags of one recording kernel. Build it once per trace. */
export interface GfpContext {
  readonly numbering: GfpNumbering;
  /** The names that the kernel prints, in the order in which it tries them. */
  readonly printOrder: readonly GfpName[];
  /**
   * Every name that is understood. A composite means what it means in this kernel; names of single flags are
   * understood whichever kernel had them.
   */
  readonly meaning: ReadonlyMap<string, Gfp>;
}

/** The context of a kernel; see `gfpNumbering` for versions outside 5.10 to 7.3. */
export function gfpContext(version: KernelVersion, config: GfpConfig): GfpContext {
  const printOrder = gfpPrintOrder(version, config);
  const meaning = new Map<string, Gfp>([[OLD_SKIP_KASAN_NAME, GFP_SKIP_KASAN]]);
  for (const { name, flag } of GFP_FLAGS) meaning.set(name, flag);
  for (const { name, flags } of printOrder) meaning.set(name, flags);
  return Object.freeze({ numbering: gfpNumbering(version, config), printOrder, meaning });
}
