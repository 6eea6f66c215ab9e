import { textOf, type Condition, type Place } from '../../c-source/statements.ts';
import { maskOf } from '../mask.ts';
import { namesFlags } from '../flag-changes.ts';
import { atChange } from '../places.ts';
import type { Piece } from '../pieces.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { skipFlags } from '../tag-flags.ts';
import { conditionText, hwTagsReaches } from '../truth.ts';
import { piecesAfter } from '../understood.ts';

/** The `#if` that two places stand on different sides of. */
function partingOf(a: readonly Condition[], b: readonly Condition[]): Condition | undefined {
  return a.find((one) =>
    b.some(
      (other) => other.holds !== one.holds && textOf(other.tokens) === textOf(one.tokens) && sameOrigin(one, other),
    ),
  );
}

/** The same directive, not another one that asks the same. */
const sameOrigin = (a: Condition, b: Condition): boolean => a.tokens[0]?.line === b.tokens[0]?.line;

interface Twin {
  readonly place: Place;
  readonly expression: Parameters<typeof maskOf>[0];
}

/** What a piece makes under a name: calls of a function, or definitions of a mask. */
function twinsIn(piece: Piece, carrier: string, name: string): readonly Twin[] {
  if (carrier === 'definition')
    return piece.macros
      .filter((macro) => macro.name === name && macro.parameters === undefined)
      .map((macro) => ({
        place: {
          line: macro.line,
          function: undefined,
          conditions: [],
          passed: [],
          configurations: piece.configurationsAt(macro.line),
        },
        expression: macro.body,
      }));
  return piece.statements.calls
    .filter(({ callee }) => callee === name)
    .flatMap((call) => call.arguments.filter(namesFlags).map((expression) => ({ place: call, expression })));
}

export const twinLeftOut: Rule = {
  id: 'twin-left-out',
  about: 'Of two branches of an #if that make the same thing, one gets a flag.',
  follows: 'cost-stays',
  ask(series) {
    const flags = skipFlags(series);
    const findings: Finding[] = [];
    for (const change of series.changes) {
      const gained = change.gained.filter((name) => flags.includes(name));
      if (gained.length === 0 || change.configurations.length === 0) continue;
      for (const piece of piecesAfter(series, change.file)) {
        for (const { place, expression } of twinsIn(piece, change.carrier, change.name)) {
          const parting = partingOf(change.configurations, place.configurations);
          if (parting === undefined || !hwTagsReaches([...place.configurations, ...place.conditions])) continue;
          const flag = gained.find((name) => !maskOf(expression, series.names.after).flags.has(name));
          if (flag === undefined) continue;
          findings.push({
            ...atChange(change),
            text: `The other branch of this #if makes the same ${change.carrier === 'definition' ? change.name : `call of ${change.name}()`} without ${flag}. Is that meant?`,
            evidence: [
              inSource(
                `${change.file}:${place.line}: ${textOf(expression)}, where ${conditionText({ ...parting, holds: !parting.holds })}`,
              ),
            ],
            modes: [],
            about: change.name,
          });
        }
      }
    }
    return findings;
  },
};
