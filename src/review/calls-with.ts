import type { Token } from '../c-source/tokens.ts';
import type { FlagChange } from './flag-changes.ts';
import { maskOf } from './mask.ts';
import { piecesAfter, type Understood } from './understood.ts';

/** A variable alone, or with flags added or taken: `gfp`, `gfp | __GFP_COMP`; no member of the same name. */
const passes = (tokens: readonly Token[], variable: string): boolean =>
  tokens.some(({ text }, index) => {
    const before = tokens[index - 1]?.text;
    return text === variable && before !== '->' && before !== '.';
  });

/** The calls that a change passes its mask to: the call itself, or those that take the variable later in its function. */
export function callsWith(series: Understood, change: FlagChange): readonly string[] {
  if (change.carrier === 'call') return [change.name];
  if (change.carrier === 'definition') return [];
  return piecesAfter(series, change.file)
    .flatMap(({ statements }) => statements.calls)
    .filter(
      (call) =>
        call.function === change.function &&
        call.line > change.line &&
        call.arguments.some(
          (tokens) =>
            passes(tokens, change.name) &&
            !change.gained.some((flag) => maskOf(tokens, series.names.after).without.has(flag)),
        ),
    )
    .map(({ callee }) => callee);
}
