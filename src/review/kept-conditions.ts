import type { Assignment, Call, Condition, Statements } from '../c-source/statements.ts';
import type { Token } from '../c-source/tokens.ts';
import { isAboutKasanAlone } from './truth.ts';

type Kept = ReadonlyMap<string, readonly Token[]>;

const keyOf = (name: string | undefined, variable: string): string => `${name ?? ''}(${variable}`;

/** Variables that are given a condition on KASAN's build and boot, and never anything else in their function. */
function keptIn(assignments: readonly Assignment[]): Kept {
  const kept = new Map<string, readonly Token[]>();
  const others = new Set<string>();
  for (const { function: name, variable, operator, value, conditions } of assignments) {
    const key = keyOf(name, variable);
    const isCondition =
      operator === '=' && conditions.length === 0 && isAboutKasanAlone({ tokens: value, holds: true });
    if (isCondition && !kept.has(key)) kept.set(key, value);
    else others.add(key);
  }
  for (const key of others) kept.delete(key);
  return kept;
}

const bracket = (text: string, line: number): Token => ({ kind: 'punctuation', text, line });

/**
 * Statements whose conditions say what a variable says that keeps the mode: with `bool hw = kasan_hw_tags_enabled();` an
 * `if (hw)` asks the same as the call.
 */
export function withKeptConditions(statements: Statements): Statements {
  const kept = keptIn(statements.assignments);
  if (kept.size === 0) return statements;
  const expanded = (condition: Condition, name: string | undefined): Condition => ({
    ...condition,
    tokens: condition.tokens.flatMap((token) => {
      const value = token.kind === 'name' ? kept.get(keyOf(name, token.text)) : undefined;
      // What is asked stands where it is asked.
      return value === undefined
        ? [token]
        : [bracket('(', token.line), ...value.map((one) => ({ ...one, line: token.line })), bracket(')', token.line)];
    }),
  });
  const expandedAll = <Of extends Pick<Call, 'conditions' | 'passed' | 'function'>>(of: Of): Of => ({
    ...of,
    conditions: of.conditions.map((condition) => expanded(condition, of.function)),
    passed: of.passed.map((condition) => expanded(condition, of.function)),
  });
  return {
    calls: statements.calls.map(expandedAll),
    assignments: statements.assignments.map(expandedAll),
    returns: statements.returns.map(expandedAll),
  };
}
