import type { ReadLosses } from '../../trace/losses.ts';
import { BATCH_MASK, BATCH_SHIFT, NO_STACK, type EventTable, type KernelReference } from '../../trace/event-table.ts';
import type { Recording } from '../../trace/recording.ts';
import { eventTypeName } from '../../trace/event-type.ts';
import { framesOf, StackTableBuilder } from '../../trace/stack-table.ts';
import { CACHE_USERS, ENTRY_FUNCTIONS, kaslrOffset, tracepointFunctions, type KnownPlace } from './kaslr.ts';
import type { KernelSymbols } from './kallsyms.ts';
import { unnamedStacksWarning } from './unnamed-stacks.ts';

/** An address where the name of a function should be, as readers keep it if they are told to. */
const ADDRESS = /^(?:0x)?([0-9a-f]{8,16})$/i;

/** What became of the addresses of a trace. */
export interface Resolved {
  readonly table: EventTable;
  /** Addresses that got a name. */
  readonly named: number;
  /** By how much the kernel was moved; undefined where the symbols do not fit the trace. */
  readonly offset: bigint | undefined;
}

/**
 * Gives functions their names in a trace that has addresses instead, and leaves out frames that get none. The table is used
 * up.
 *
 * By how much the kernel was moved (KASLR) the trace may say; else it follows from addresses whose functions are known,
 * see `kaslr.ts`.
 *
 * @param symbols undefined if there are none: then call sites stay addresses
 * @param given by how much it was moved, if somebody knows
 */
export function resolveAddresses(table: EventTable, symbols: KernelSymbols | undefined, given?: bigint): Resolved {
  const offset = symbols === undefined ? undefined : (given ?? offsetBy(table.reference, symbols, knownPlaces(table)));
  const names = new Map<bigint, string | undefined>();
  const nameOf = (text: string): string | undefined => {
    const address = addressOf(text);
    if (address === undefined) return text;
    if (!names.has(address)) {
      const isKnown = symbols !== undefined && offset !== undefined;
      names.set(address, isKnown ? lookUp(symbols, BigInt.asUintN(64, address - offset)) : undefined);
    }
    return names.get(address);
  };

  const shapes = table.shapes.map((shape) =>
    shape.callSite === '' ? shape : { ...shape, callSite: nameOf(shape.callSite) ?? shape.callSite },
  );
  const stacks = new StackTableBuilder();
  /** Stacks of which nothing is left. */
  const empty = new Uint8Array(table.stacks.length);
  for (let stack = 0; stack < table.stacks.length; stack++) {
    const frames = framesOf(table.stacks, stack);
    const named = frames.map(nameOf).filter((name) => name !== undefined);
    if (frames.length > 0 && named.length === 0) empty[stack] = 1;
    stacks.add(named);
  }
  const unnamed = leaveOut(table, empty);
  const unresolved = [...names.values()].filter((name) => name === undefined).length;
  const losses: ReadLosses = { ...table.losses, unresolvedAddresses: unresolved, samples: [...table.losses.samples] };
  return {
    table: Object.freeze({
      ...table,
      shapes,
      stacks: stacks.finish(),
      losses,
      recording: withUnnamed(table.recording, unnamed),
    }),
    named: names.size - unresolved,
    offset,
  };
}

/** Takes stacks from the events that have them, and gives how many these are. */
function leaveOut({ batches, length }: EventTable, isOut: Uint8Array): number {
  if (!isOut.includes(1)) return 0;
  let count = 0;
  for (let index = 0; index < length; index++) {
    const { stack } = batches[index >> BATCH_SHIFT];
    const row = index & BATCH_MASK;
    if (stack[row] === NO_STACK || isOut[stack[row]] === 0) continue;
    stack[row] = NO_STACK;
    count++;
  }
  return count;
}

const withUnnamed = (recording: Recording, count: number): Recording =>
  count === 0
    ? recording
    : {
        ...recording,
        unnamedStacks: recording.unnamedStacks + count,
        warnings: [...recording.warnings, unnamedStacksWarning(count)],
      };

/** By how much the kernel was moved; undefined where the symbols are of another. */
function offsetBy(
  reference: KernelReference | undefined,
  symbols: KernelSymbols,
  places: readonly KnownPlace[],
): bigint | undefined {
  const listed = reference === undefined ? undefined : symbols.addressOf(reference.symbol);
  if (reference === undefined || listed === undefined) {
    // Without anything that is known of the trace the symbols are taken to be where they say.
    return places.length === 0 ? 0n : kaslrOffset(symbols, places);
  }
  const [hi, lo] = listed;
  const offset = reference.address - ((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0));
  const agrees = ({ address, functions }: KnownPlace): boolean =>
    functions.includes(lookUp(symbols, address - offset) ?? '');
  // Every kernel has the symbol. That no function is where it must be tells that it is another kernel's.
  return places.length === 0 || places.some(agrees) ? offset : undefined;
}

function addressOf(text: string): bigint | undefined {
  const digits = ADDRESS.exec(text)?.[1];
  return digits === undefined ? undefined : BigInt(`0x${digits}`);
}

const lookUp = (symbols: KernelSymbols, address: bigint): string | undefined =>
  symbols.functionAt(Number(BigInt.asIntN(32, address >> 32n)), Number(BigInt.asIntN(32, address)));

/** The addresses of a trace that must lie in functions whose names are known. */
function knownPlaces(table: EventTable): KnownPlace[] {
  const places = new Map<string, KnownPlace>();
  const add = (text: string | undefined, functions: readonly string[] | undefined): void => {
    const address = text === undefined || functions === undefined ? undefined : addressOf(text);
    if (address !== undefined && functions !== undefined)
      places.set(`${address} ${functions[0]}`, { address, functions });
  };
  for (const { cache, callSite } of table.shapes) add(callSite, CACHE_USERS.get(cache));
  // One event of each stack tells whose it is.
  const seen = new Uint8Array(table.stacks.length);
  for (let index = 0; index < table.length; index++) {
    const batch = table.batches[index >> BATCH_SHIFT];
    const row = index & BATCH_MASK;
    const stack = batch.stack[row];
    if (stack === NO_STACK || seen[stack] === 1) continue;
    seen[stack] = 1;
    const frames = framesOf(table.stacks, stack);
    add(frames[0], tracepointFunctions(eventTypeName(table.shapes[batch.shape[row]].type)));
    add(frames.at(-1), ENTRY_FUNCTIONS);
  }
  return [...places.values()];
}
