import { describe, expect, test } from 'vitest';
import { ALLOCATION_CLASSES } from '../base/allocation-class.ts';
import { UsageError } from '../base/errors.ts';
import { gfpContext } from '../gfp/context.ts';
import { GFP_ZERO, gfpUnion, gfpWithout, NO_GFP, GFP_IO } from '../gfp/flags.ts';
import { parseGfpNames } from '../gfp/parse.ts';
import { DEFAULT_POLICY, POLICY_GROUPS } from './built-in.ts';
import { compilePolicy, type Allocation, type ConditionName } from './decide.ts';
import { builtInPolicy } from './named.ts';
import type { Action, Policy, PolicyMatch, PolicyRule } from './policy.ts';

const LINUX_7_3 = gfpContext({ major: 7, minor: 3 }, { hwTags: true, lockdep: false, slabObjExt: false });
const maskOf = (text: string) => parseGfpNames(text, LINUX_7_3).flags;

const PAGE_TABLE: Allocation = {
  class: 'page-table',
  site: '__pte_alloc',
  frames: ['alloc_pages', '__pte_alloc', 'copy_page_range', 'dup_mmap', 'copy_process'],
  comm: 'bench',
  gfp: maskOf('GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP'),
  order: 0,
};

const policyOf = (rules: readonly PolicyRule[], otherwise: Action = 'kernel'): Policy => ({
  name: 'test',
  description: '',
  source: '',
  rules,
  otherwise,
});
const compiled = (policy: Policy) => compilePolicy(policy, (name) => LINUX_7_3.meaning.get(name));
const decided = (policy: Policy, allocation: Allocation): Action => compiled(policy).decide(allocation);
/** Whether a condition holds for an allocation. */
const applies = (match: PolicyMatch, changes: Partial<Allocation> = {}): boolean =>
  decided(policyOf([{ match, action: 'tag' }], 'skip'), { ...PAGE_TABLE, ...changes }) === 'tag';

describe('the rules', () => {
  test('the first that applies decides', () => {
    const rules: readonly PolicyRule[] = [
      { match: { class: ['pipe'] }, action: 'kernel' },
      { match: { class: ['page-table'], site: ['__pte_alloc'] }, action: 'tag' },
      { match: { class: ['page-table'] }, action: 'skip' },
    ];
    expect(decided(policyOf(rules), PAGE_TABLE)).toBe('tag');
    expect(decided(policyOf(rules.toReversed()), PAGE_TABLE)).toBe('skip');
  });

  test('if none applies, the last resort does', () => {
    for (const action of ['tag', 'skip', 'kernel'] as const) {
      expect(decided(policyOf([{ match: { class: ['pipe'] }, action: 'tag' }], action), PAGE_TABLE)).toBe(action);
    }
  });

  test('all conditions of a rule must hold', () => {
    expect(applies({ class: ['page-table'], comm: ['bench'] })).toBe(true);
    expect(applies({ class: ['page-table'], comm: ['other'] })).toBe(false);
  });

  test('of a list one member must hold; an empty match always does', () => {
    expect(applies({ class: ['pipe', 'page-table'] })).toBe(true);
    expect(applies({})).toBe(true);
  });
});

describe('wildcards', () => {
  test.each([
    ['__pte_alloc', true],
    ['__pte_*', true],
    ['*alloc', true],
    ['*pte*', true],
    ['*', true],
    ['pte_alloc', false],
    ['__pte', false],
    ['__PTE_ALLOC', false],
    // Nothing but * is special.
    ['__pte.alloc', false],
    ['__pte?alloc', false],
    ['(__pte_alloc|x)', false],
  ])('the site __pte_alloc and the pattern %s: %s', (pattern, expected) => {
    expect(applies({ site: [pattern] })).toBe(expected);
  });

  test('a site with characters of its own is taken literally', () => {
    expect(applies({ site: ['(no stack) *'] }, { site: '(no stack) GFP_KERNEL order 0' })).toBe(true);
  });

  test('function looks at every frame of the stack, site only at the call site', () => {
    expect(applies({ function: ['dup_*'] })).toBe(true);
    expect(applies({ site: ['dup_*'] })).toBe(false);
    expect(applies({ function: ['vfork'] })).toBe(false);
    expect(applies({ function: ['*'] }, { frames: [] })).toBe(false);
  });
});

describe('gfp', () => {
  test('a single flag', () => {
    expect(applies({ gfp: ['__GFP_ZERO'] })).toBe(true);
    expect(applies({ gfp: ['__GFP_ZERO'] }, { gfp: gfpWithout(PAGE_TABLE.gfp, GFP_ZERO) })).toBe(false);
  });

  test('a composite stands for all its flags (include/linux/gfp_types.h)', () => {
    expect(applies({ gfp: ['GFP_KERNEL'] })).toBe(true);
    expect(applies({ gfp: ['GFP_KERNEL_ACCOUNT'] })).toBe(true);
    expect(applies({ gfp: ['GFP_KERNEL'] }, { gfp: gfpWithout(PAGE_TABLE.gfp, GFP_IO) })).toBe(false);
    expect(applies({ gfp: ['GFP_USER'] })).toBe(false);
  });

  test('all flags of the list are needed', () => {
    expect(applies({ gfp: ['GFP_KERNEL', '__GFP_ZERO'] })).toBe(true);
    expect(applies({ gfp: ['GFP_KERNEL', '__GFP_HIGHMEM'] })).toBe(false);
    expect(applies({ gfp: ['__GFP_ZERO'] }, { gfp: NO_GFP })).toBe(false);
    expect(applies({ gfp: ['__GFP_ZERO'] }, { gfp: gfpUnion(GFP_ZERO) })).toBe(true);
  });

  test('a flag that the kernel does not have is a usage error, even in a rule that is never reached', () => {
    const policy = policyOf([
      { match: {}, action: 'tag' },
      { match: { gfp: ['__GFP_UNTAGGED'] }, action: 'skip' },
    ]);
    expect(() => compiled(policy)).toThrow(UsageError);
    expect(() => compiled(policy)).toThrow('"__GFP_UNTAGGED"');
  });
});

describe('order and comm', () => {
  test.each([
    [{ min: 1, max: 3 }, 'orders 1 to 3', [1, 2, 3]],
    [{ min: 2 }, 'from 2 on', [2, 3, 4]],
    [{ max: 1 }, 'up to 1', [0, 1]],
    [{ min: 2, max: 2 }, 'only 2', [2]],
    [{}, 'any', [0, 1, 2, 3, 4]],
  ])('%j is %s, both ends included', (order, _text, expected) => {
    expect([0, 1, 2, 3, 4].filter((candidate) => applies({ order }, { order: candidate }))).toEqual(expected);
  });

  test('comm is the command, with wildcards', () => {
    expect(applies({ comm: ['ben*'] })).toBe(true);
    expect(applies({ comm: ['bench', 'make'] }, { comm: 'make' })).toBe(true);
    expect(applies({ comm: ['bench'] }, { comm: 'bench2' })).toBe(false);
  });
});

describe('the built-in policies', () => {
  const action = (name: string, allocationClass: Allocation['class']): Action => {
    const policy = builtInPolicy(name);
    if (policy === undefined) throw new Error(`no policy ${name}`);
    return decided(policy, { ...PAGE_TABLE, class: allocationClass });
  };

  test('series: stacks and page tables pass __GFP_SKIP_KASAN (fork_stack_pgtable.md section 2), the rest is untouched', () => {
    expect(action('series', 'page-table')).toBe('skip');
    expect(action('series', 'kernel-stack')).toBe('skip');
    for (const name of ['user-anon', 'mmu-gather', 'slab-object', 'vmalloc', 'pipe'] as const) {
      expect(action('series', name)).toBe('kernel');
    }
  });

  test('before-series: stacks and page tables are tagged; user memory is still left to the kernel', () => {
    expect(action('before-series', 'page-table')).toBe('tag');
    expect(action('before-series', 'kernel-stack')).toBe('tag');
    expect(action('before-series', 'user-anon')).toBe('kernel');
  });

  test('untagged decides as the series does, and so do the policies that only change when tags are written', () => {
    const timing = ['tag-only-on-alloc', 'tag-only-on-alloc-poison-pages', 'tag-on-free', 'skip-new-slab'];
    for (const other of ['untagged', 'series-v1', 'sample=10,order=3', ...timing])
      for (const name of ALLOCATION_CLASSES)
        expect([other, action(other, name)]).toEqual([other, action('series', name)]);
  });

  test('series-v1 skips the stacks of fork, and not those that arch_alloc_vmap_stack makes (review of 19 March 2026)', () => {
    const policy = builtInPolicy('series-v1');
    if (policy === undefined) throw new Error('no policy series-v1');
    const stackAt = (site: string): Action => decided(policy, { ...PAGE_TABLE, class: 'kernel-stack', site });
    expect(stackAt('copy_process')).toBe('skip');
    expect(['init_irq_stacks', 'init_sdei_stacks', 'arm64_efi_rt_init', 'arch_alloc_vmap_stack'].map(stackAt)).toEqual(
      Array.from({ length: 4 }, () => 'tag'),
    );
  });

  test('default-untagged tags what slab and kmalloc give out, and nothing else', () => {
    const tagged = ALLOCATION_CLASSES.filter((name) => action('default-untagged', name) !== 'skip');
    expect(tagged).toEqual(['slab-page', 'slab-object', 'kmalloc-large']);
  });

  test('the two uses of the flag: user memory alone, or stacks and page tables alone', () => {
    const skipped = (policy: string): string[] => ALLOCATION_CLASSES.filter((name) => action(policy, name) !== 'tag');
    expect(skipped('skip-user')).toEqual(['user-anon', 'user-file']);
    expect(skipped('skip-match-all')).toEqual(['kernel-stack', 'page-table']);
  });

  test('skip-large-kmalloc skips these beside what the series skips', () => {
    expect(ALLOCATION_CLASSES.filter((name) => action('skip-large-kmalloc', name) === 'skip')).toEqual([
      'kernel-stack',
      'page-table',
      'kmalloc-large',
    ]);
  });

  test('all tags every class and none tags no class', () => {
    for (const name of ALLOCATION_CLASSES) expect([action('all', name), action('none', name)]).toEqual(['tag', 'skip']);
  });

  test('names are unique, the default is one of them, and each explains itself', () => {
    const all = POLICY_GROUPS.flatMap(({ policies }) => policies);
    const names = all.map((policy) => policy.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain(DEFAULT_POLICY);
    for (const policy of all) expect([policy.description, policy.source]).not.toContain('');
  });
});

describe('where some of an allocation is not known', () => {
  const rules: readonly PolicyRule[] = [
    { match: { class: ['pipe'], order: { min: 1 } }, action: 'kernel' },
    { match: { order: { min: 2 } }, action: 'skip' },
    { match: { function: ['copy_process'] }, action: 'tag' },
  ];
  const possible = (untold: readonly ConditionName[], changes: Partial<Allocation> = {}) => {
    const { actions, hangsOn } = compiled(policyOf(rules)).possible({ ...PAGE_TABLE, ...changes }, untold);
    return [[...actions], [...hangsOn]];
  };

  test('a rule that looks at it may apply or not; those that look at the rest are as ever', () => {
    expect(possible(['order'])).toEqual([['skip', 'tag'], ['order']]);
    expect(possible(['order', 'comm'], { frames: [] })).toEqual([['skip', 'kernel'], ['order']]);
    expect(possible([])).toEqual([['tag'], []]);
  });

  test('a function that a stack has which is known in part is known', () => {
    expect(possible(['function'], { frames: ['copy_process'] })).toEqual([['tag'], []]);
    expect(possible(['function'], { frames: [] })).toEqual([['tag', 'kernel'], ['function']]);
  });
});
