import type { AllocationClass } from '../base/allocation-class.ts';
import { plainName, textOf, type Assignment, type Call, type Condition } from '../c-source/statements.ts';
import type { NamedValue } from '../c-source/definitions.ts';
import type { Token } from '../c-source/tokens.ts';
import { EMPTY_MASK, gainedFlags, maskOf, type MaskNames, type MaskValue } from './mask.ts';
import { classOfChange } from './class-of-change.ts';
import type { FilePieces, Piece } from './pieces.ts';
import { groupBy } from './group-by.ts';
import { hwTagsReaches } from './truth.ts';

/** What carries a mask: the definition of a name for it, an argument of a call, or an assignment to a variable. */
export type Carrier = 'definition' | 'call' | 'assignment';

/** A mask whose value the series changes. */
export interface FlagChange {
  readonly carrier: Carrier;
  /** The mask that is defined, the function that is called, the variable that is assigned to. */
  readonly name: string;
  readonly file: string;
  /** Line in the file after the whole series: where the flag that comes stands, or the mask that lost one. */
  readonly line: number;
  /** The patch that changes it last. */
  readonly patch: number;
  readonly function: string | undefined;
  /** What is allocated with it, where the function and the mask tell. */
  readonly class: AllocationClass | undefined;
  /** What the mask is made of before; undefined for a place that is new. */
  readonly from: MaskValue | undefined;
  readonly to: MaskValue;
  readonly gained: readonly string[];
  readonly lost: readonly string[];
  /** The expression after the series. */
  readonly expression: readonly Token[];
  readonly conditions: readonly Condition[];
  readonly configurations: readonly Condition[];
}

/** A mask that stands in the source. */
interface Carried {
  readonly carrier: Carrier;
  readonly name: string;
  /** What must be equal for two to be the same place, before and after. */
  readonly key: string;
  readonly piece: Piece;
  readonly line: number;
  readonly lastLine: number;
  readonly function: string | undefined;
  readonly expression: readonly Token[];
  readonly conditions: readonly Condition[];
  readonly configurations: readonly Condition[];
}

const isFlagName = (name: string): boolean => /^_{0,3}GFP_[A-Z]/.test(name) || /_GFP(?:_|$)/.test(name);

/** Whether an expression is one for a gfp mask: it names a flag or a mask. */
export const namesFlags = (tokens: readonly Token[]): boolean =>
  tokens.some(({ kind, text }) => kind === 'name' && isFlagName(text));

const linesOf = (
  tokens: readonly Token[],
  otherwise: number,
): { readonly line: number; readonly lastLine: number } => ({
  line: tokens[0]?.line ?? otherwise,
  lastLine: tokens.at(-1)?.line ?? otherwise,
});

const ofDefinition = (piece: Piece, macro: NamedValue): Carried => ({
  carrier: 'definition',
  name: macro.name,
  key: `#${macro.name}`,
  piece,
  line: macro.line,
  lastLine: macro.lastLine,
  function: undefined,
  expression: macro.body,
  conditions: [],
  configurations: piece.configurationsAt(macro.line),
});

const ofCall = (piece: Piece, call: Call, expression: readonly Token[]): Carried => ({
  carrier: 'call',
  name: call.callee,
  key: `${plainName(call.function ?? '')}(${plainName(call.callee)}`,
  piece,
  ...linesOf(expression, call.line),
  function: call.function,
  expression,
  conditions: call.conditions,
  configurations: call.configurations,
});

const ofAssignment = (piece: Piece, assignment: Assignment): Carried => ({
  carrier: 'assignment',
  name: assignment.variable,
  key: `${plainName(assignment.function ?? '')}${assignment.operator}${assignment.variable}`,
  piece,
  ...linesOf(assignment.value, assignment.line),
  function: assignment.function,
  expression: assignment.value,
  conditions: assignment.conditions,
  configurations: assignment.configurations,
});

/** What names a flag and neither allocates nor passes it on: `defined()`, and the names for traces (mmflags.h). */
const TAKE_NO_MASK: ReadonlySet<string> = new Set(['defined', 'gfpflag_string', 'TRACE_DEFINE_ENUM', 'BUILD_BUG_ON']);

/** The masks of a file, in order. Masks inside `& ~( … )` of an allow-list are expressions too, and compared as such. */
function masksIn(pieces: readonly Piece[]): readonly Carried[] {
  return pieces.flatMap((piece) => [
    ...piece.macros
      .filter(({ parameters, body }) => parameters === undefined && namesFlags(body))
      .map((macro) => ofDefinition(piece, macro)),
    ...piece.statements.calls
      .filter(({ callee }) => !TAKE_NO_MASK.has(callee))
      .flatMap((call) => call.arguments.filter(isMaskItself).map((argument) => ofCall(piece, call, argument))),
    ...piece.statements.assignments
      .filter(({ value }) => isMaskItself(value))
      .map((assignment) => ofAssignment(piece, assignment)),
  ]);
}

/** A mask, and no call or comparison with one inside. */
const isMaskItself = (tokens: readonly Token[]): boolean =>
  namesFlags(tokens) &&
  !tokens.some(({ text }) => text === '&&' || text === '||' || text === '==' || text === '!=' || text === '=');

const byKey = (carried: readonly Carried[]): ReadonlyMap<string, readonly Carried[]> =>
  groupBy(carried, ({ key }) => key);

/** Pairs of what is the same place before and after: equal text first, then in order. */
function paired(
  before: readonly Carried[],
  after: readonly Carried[],
): readonly (readonly [Carried | undefined, Carried | undefined])[] {
  const textOfOne = ({ expression }: Carried): string => textOf(expression);
  const unpaired = new Map([...groupBy(before, textOfOne)].map(([text, group]) => [text, group.length]));
  const take = (one: Carried): boolean => {
    const text = textOfOne(one);
    const count = unpaired.get(text) ?? 0;
    if (count > 0) unpaired.set(text, count - 1);
    return count > 0;
  };
  const open = after.filter((one) => !take(one));
  // Of equal ones the first were taken.
  const left = before.toReversed().filter(take).toReversed();
  const pairs = open.map((one, index) => [left[index], one] as const);
  return [...pairs, ...left.slice(open.length).map((gone) => [gone, undefined] as const)];
}

/** The line of an expression where a flag stands: itself, or a mask that has it. */
function lineOfFlag(carried: Carried, flags: readonly string[], names: MaskNames): number {
  const found = carried.expression.find(
    ({ kind, text }) =>
      kind === 'name' && (flags.includes(text) || flags.some((flag) => names.valueOf(text)?.flags.has(flag) === true)),
  );
  return found?.line ?? carried.line;
}

/** The newest patch that touched lines of a place. */
function patchOf({ piece, line, lastLine }: Carried): number | undefined {
  const patches: number[] = [];
  for (let at = line; at <= lastLine; at++) {
    const patch = piece.patchOf(at);
    if (patch !== undefined) patches.push(patch);
  }
  return patches.length === 0 ? undefined : Math.max(...patches);
}

/** Values of masks before and after the series. */
export interface MaskNamesOf {
  readonly before: MaskNames;
  readonly after: MaskNames;
}

/**
 * The masks of a file whose value the series changes where it changes the text. What changes elsewhere because a mask got
 * another value is the affair of that mask. Places that a kernel with HW_TAGS cannot reach are left out.
 */
export function flagChanges(file: FilePieces, names: MaskNamesOf): readonly FlagChange[] {
  const before = byKey(masksIn(file.before));
  const after = byKey(masksIn(file.after));
  const changes: FlagChange[] = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    for (const [from, to] of paired(before.get(key) ?? [], after.get(key) ?? [])) {
      const change = changeOf(file.path, from, to, names);
      if (change !== undefined) changes.push(change);
    }
  }
  return changes.toSorted((a, b) => a.line - b.line);
}

function changeOf(
  file: string,
  from: Carried | undefined,
  to: Carried | undefined,
  names: MaskNamesOf,
): FlagChange | undefined {
  // A place that is gone loses no flag: it allocates nothing any more.
  if (to === undefined || !hwTagsReaches([...to.configurations, ...to.conditions])) return undefined;
  const patch = patchOf(to) ?? (from === undefined ? undefined : patchOf(from));
  if (patch === undefined) return undefined;
  const value = maskOf(to.expression, names.after);
  const old = from === undefined ? undefined : maskOf(from.expression, names.before);
  const gained = gainedFlags(old ?? EMPTY_MASK, value);
  const lost = old === undefined ? [] : gainedFlags(value, old);
  if (gained.length + lost.length === 0) return undefined;
  const change = {
    carrier: to.carrier,
    name: to.name,
    file,
    line: lineOfFlag(to, gained, names.after),
    patch,
    function: to.function,
    from: old,
    to: value,
    gained,
    lost,
    expression: to.expression,
    conditions: to.conditions,
    configurations: to.configurations,
  };
  return { ...change, class: classOfChange(change) };
}
