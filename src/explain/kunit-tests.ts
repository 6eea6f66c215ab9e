import type { BugName } from '../audit/bug-kinds.ts';
import type { MemoryClass } from '../audit/memory.ts';

/** What a KUnit test of KASAN is about, by the words of its name. */
interface TestWords {
  readonly words: RegExp;
  readonly class: MemoryClass;
}

const CLASSES: readonly TestWords[] = [
  { words: /large|pagealloc|^kmalloc_big/, class: 'kmalloc-large' },
  { words: /^page_alloc|mempool_page/, class: 'driver/other' },
  { words: /vmalloc|vmap|vm_map|vrealloc/, class: 'vmalloc' },
  { words: /global/, class: 'global' },
  { words: /stack|alloca/, class: 'kernel-stack' },
  { words: /percpu/, class: 'percpu' },
];

const BUGS: readonly (readonly [words: RegExp, bug: BugName])[] = [
  [/^mempool_.*double_free/, 'double free to a mempool'],
  [/double_free|double_destroy|double_kzfree/, 'double free'],
  [/invalid_free/, 'invalid free'],
  [/oob_left/, 'underflow into a redzone'],
  [/uaf|use_after|match_all|matchall/, 'use after free, at once'],
];

/** KUnit's own frame below a test (lib/kunit/test.c). */
const RUNNER = /^kunit_try_run_case$/;

/** How names of KASAN's own tests begin, lib/test_kasan.c of 5.9 on: a test of another suite shows a bug of its own. */
const OF_KASAN =
  /^(?:k[mz]alloc|kz?free|krealloc|ksize|kasan|kmem_cache|mempool|page_?alloc|vmalloc|vmap|vm_map|vrealloc|match_all|copy_to_kernel|copy_user|rcu_uaf|workqueue_uaf|empty_cache|double_|rust_uaf|percpu)/;

/** The test of KASAN that runs, by the frame that KUnit calls. */
export function kunitTestOf(functions: readonly string[]): string | undefined {
  const at = functions.findIndex((name) => RUNNER.test(name));
  const test = at <= 0 ? undefined : functions[at - 1];
  return test !== undefined && OF_KASAN.test(test) ? test : undefined;
}

/** What a test of mm/kasan/kasan_test_c.c does, as its name says: the class of the memory and the kind of bug. */
export const kunitTest = (name: string): { readonly class: MemoryClass; readonly bug: BugName } => ({
  class: CLASSES.find(({ words }) => words.test(name))?.class ?? 'slab-object',
  bug: BUGS.find(([words]) => words.test(name))?.[1] ?? 'overflow into own redzone',
});
