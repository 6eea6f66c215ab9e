import { KNOWN_MASKS } from '../kernel-facts.ts';
import type { FlagChange } from '../flag-changes.ts';
import { atAdded, atChange } from '../places.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { skipFlags } from '../tag-flags.ts';
import { truthInMode } from '../truth.ts';
import type { Understood } from '../understood.ts';
import { knownAfter } from '../vmalloc.ts';

/** Memory that is kept after it is freed, and given out again by who keeps it. */
interface Reuse {
  readonly what: string;
  readonly file: string;
  /** Functions that give it out again; which one has the hook depends on the version. */
  readonly functions: readonly string[];
  readonly hook: string;
  /** Functions that allocate it, and masks that do so for it. */
  readonly allocatedIn: readonly string[];
  readonly masks: readonly string[];
}

const REUSES: readonly Reuse[] = [
  {
    what: 'a stack from the cache of its CPU',
    file: 'kernel/fork.c',
    functions: ['alloc_thread_stack_node', 'alloc_thread_stack_node_from_cache'],
    hook: 'kasan_unpoison_range',
    allocatedIn: ['alloc_thread_stack_node'],
    masks: KNOWN_MASKS.filter(({ users }) =>
      users.some((user) => user.servedBy === 'vmalloc' && user.place.startsWith('kernel/fork.c:')),
    ).map(({ name }) => name),
  },
];

const allocates = (reuse: Reuse, change: FlagChange): boolean =>
  change.carrier === 'definition'
    ? reuse.masks.includes(change.name)
    : change.file === reuse.file && reuse.allocatedIn.includes(change.function ?? '');

/** Where the hook is called for memory that is given out again, as far as it is shown; `guarded` if not with HW_TAGS. */
function shownHook(
  series: Understood,
  reuse: Reuse,
): { readonly guarded: boolean; readonly where: ReturnType<typeof atAdded> } | undefined {
  for (const piece of knownAfter(series, reuse.file)) {
    const call = piece.statements.calls.find(
      ({ callee, function: name }) => callee === reuse.hook && reuse.functions.includes(name ?? ''),
    );
    if (call === undefined) continue;
    const guarded = truthInMode([...call.configurations, ...call.conditions], 'hw-tags') === 'false';
    return { guarded, where: atAdded(piece, call.line) };
  }
  return undefined;
}

export const reuseStillTags: Rule = {
  id: 'reuse-still-tags',
  about: 'Memory is not tagged when it is allocated, and still is when it is given out again.',
  follows: 'cost-stays',
  ask(series) {
    const flags = skipFlags(series);
    const findings: Finding[] = [];
    for (const reuse of REUSES) {
      const change = series.changes.find(
        (one) => allocates(reuse, one) && one.gained.some((flag) => flags.includes(flag)),
      );
      if (change === undefined) continue;
      const shown = shownHook(series, reuse);
      // Where it is not shown: the series put the hook under a condition.
      if (shown?.guarded === true || (shown === undefined && series.base === 'with-series')) continue;
      findings.push({
        ...(shown?.where ?? atChange(change)),
        text: `${change.function ?? change.name} skips tags at allocation; ${reuse.hook}() still sets them for ${reuse.what}. Does that still match?`,
        evidence: [
          inSource(
            `${reuse.file}:${reuse.functions[0] ?? ''}: ${reuse.hook}() is not under !kasan_hw_tags_enabled()${shown === undefined ? ' before the series, which does not show it' : ''}`,
          ),
        ],
        modes: [],
        about: reuse.hook,
      });
    }
    return findings;
  },
};
