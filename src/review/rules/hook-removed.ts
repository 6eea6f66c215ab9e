import { groupBy } from '../group-by.ts';
import { hookCalls, hookKey } from '../hooks.ts';
import type { FilePieces } from '../pieces.ts';
import { atAdded, atRemoved, type Where } from '../places.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { canRun } from '../truth.ts';
import type { Understood } from '../understood.ts';

type HookCall = ReturnType<typeof hookCalls>[number];

/** How often each hook is called in each function. */
function countsOf(calls: readonly HookCall[]): (call: HookCall) => number {
  const groups = groupBy(calls, hookKey);
  return (call) => groups.get(hookKey(call))?.length ?? 0;
}

/** Hooks that the series calls where it did not before, by name: what is gone elsewhere was moved or replaced. */
function addedHooks({ files }: Pick<Understood, 'files'>): {
  readonly names: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
} {
  const names = new Set<string>();
  const inFiles = new Set<string>();
  for (const file of files) {
    const after = hookCalls(file.after);
    const [countBefore, countAfter] = [countsOf(hookCalls(file.before)), countsOf(after)];
    for (const call of after) {
      if (countAfter(call) <= countBefore(call)) continue;
      names.add(call.callee);
      inFiles.add(file.path);
    }
  }
  return { names, files: inFiles };
}

/** The `#if` that keeps a call from being built which still stands there. */
function switchedOffAt({ after }: FilePieces, call: HookCall): Where | undefined {
  for (const piece of after)
    for (const one of piece.statements.calls) {
      if (hookKey(one) !== hookKey(call) || canRun([...one.configurations, ...one.conditions])) continue;
      for (const { tokens } of one.configurations) {
        const where = atAdded(piece, tokens[0]?.line ?? one.line);
        // The directive stands outside of functions for those who look for their heads.
        if (where !== undefined) return { ...where, function: call.function };
      }
    }
  return undefined;
}

export const hookRemoved: Rule = {
  id: 'hook-removed',
  about: 'A hook of KASAN is called no longer, and nothing takes its place.',
  follows: 'detection',
  ask(series) {
    const added = addedHooks(series);
    const findings: Finding[] = [];
    for (const file of series.files) {
      // A file or a function that is gone takes its hooks along.
      if (file.after.length === 0 || added.files.has(file.path)) continue;
      const left = new Set(file.after.flatMap(({ functions }) => functions.map(({ name }) => name)));
      const asked = new Set<string>();
      const before = hookCalls(file.before);
      const [countBefore, countAfter] = [countsOf(before), countsOf(hookCalls(file.after))];
      for (const call of before) {
        const key = hookKey(call);
        if (asked.has(key) || countAfter(call) >= countBefore(call)) continue;
        if (added.names.has(call.callee) || call.function === undefined || !left.has(call.function)) continue;
        const where = atRemoved(series, call.piece, call.line) ?? switchedOffAt(file, call);
        if (where === undefined) continue;
        asked.add(key);
        findings.push({
          ...where,
          text: `${call.callee}() is no longer called in ${call.function}(). What does its work now?`,
          evidence: [
            inSource(`no patch of the series calls ${call.callee}() anywhere else, or another hook in ${file.path}`),
          ],
          modes: [],
          about: call.callee,
        });
      }
    }
    return findings;
  },
};
