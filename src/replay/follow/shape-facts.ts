import { GFP_FLAGS, type Gfp } from '../../gfp/flags.ts';
import type { GfpContext } from '../../gfp/context.ts';
import { parseGfpNames } from '../../gfp/parse.ts';
import { compileTaskContexts, type TaskContexts } from '../../classify/task-context.ts';
import { normalizeSymbol } from '../../classify/symbol.ts';
import { eventTypeName } from '../../trace/event-type.ts';
import type { EventTable } from '../../trace/event-table.ts';

/** What is worked out once per shape, as columns by shape number. */
export interface ShapeFacts {
  /** The gfp mask. */
  readonly gfp: readonly Gfp[];
  /** 1 where the mask holds flags or bits that the recording kernel is not known to have. */
  readonly unknownGfp: Uint8Array;
  /** Names and bits of unknown flags, for display. */
  readonly unknownNames: readonly string[];
  /** Call site, normalised. */
  readonly callSite: readonly string[];
  /** How the event changes the contexts of its task: next = (contexts & keep) | enter. */
  readonly keepContexts: Int32Array;
  readonly enterContexts: Int32Array;
}

const ALL_CONTEXTS: TaskContexts = 0x7fffffff;

/** The bit of a flag by its name without underscores, as the classification rules write it. */
export function gfpBit(name: string): number {
  return GFP_FLAGS.find((flag) => flag.name === `__GFP_${name}`)?.flag ?? 0;
}

export function shapeFacts(table: EventTable, context: GfpContext): ShapeFacts {
  const count = table.shapes.length;
  const unknownGfp = new Uint8Array(count);
  const keepContexts = new Int32Array(count);
  const enterContexts = new Int32Array(count);
  const unknown = new Set<string>();
  const next = compileTaskContexts();

  const gfp = table.shapes.map((shape, index) => {
    const parsed = parseGfpNames(shape.gfp, context);
    if (parsed.unknownNames.length > 0 || parsed.unknownBits !== 0) unknownGfp[index] = 1;
    for (const name of parsed.unknownNames) unknown.add(name);
    if (parsed.unknownBits !== 0) unknown.add(`0x${(parsed.unknownBits >>> 0).toString(16)}`);
    return parsed.flags;
  });
  const callSite = table.shapes.map((shape) => normalizeSymbol(shape.callSite));
  table.shapes.forEach((shape, index) => {
    const event = {
      event: eventTypeName(shape.type),
      ...(shape.cache === '' ? {} : { cache: shape.cache }),
      ...(shape.callSite === '' ? {} : { callSite: callSite[index] }),
    };
    enterContexts[index] = next(0, event);
    keepContexts[index] = next(ALL_CONTEXTS, event);
  });
  return { gfp, unknownGfp, unknownNames: [...unknown].slice(0, 32), callSite, keepContexts, enterContexts };
}
