import { describe, expect, test } from 'vitest';
import { FIGURE } from './rules/no-figure.ts';
import { manyPatches, onePatch, reviewed, NOTHING_LOST } from './reviewed.testdata.ts';

const rulesOf = async (...series: Parameters<typeof reviewed>): Promise<readonly string[]> =>
  (await reviewed(...series)).rules;

describe('comment-stale', () => {
  const before = `/* Old code calls kasan_do_old() here. */
static void kasan_do_old(void)
{
	x();
}
`;

  test('asks where a comment names what the series removes', async () => {
    const { questions } = await reviewed(
      onePatch('mm/kasan/common.c', before, [['static void kasan_do_old(void)', 'static void kasan_do_new(void)']]),
    );
    expect(questions.map(({ rule, file, line }) => [rule, file, line])).toEqual([
      ['comment-stale', 'mm/kasan/common.c', 1],
    ]);
  });

  test('is silent where the comment changes too, or what it names stays', async () => {
    const both = onePatch('mm/kasan/common.c', before, [
      ['static void kasan_do_old(void)', 'static void kasan_do_new(void)'],
      ['calls kasan_do_old()', 'calls kasan_do_new()'],
    ]);
    expect(await rulesOf(both)).toEqual([]);
    expect(await rulesOf(onePatch('mm/kasan/common.c', before, [['\tx();', '\tkasan_y();']]))).toEqual([]);
  });
});

describe('comment-stale, of functions that profiled allocations rename', () => {
  test('is silent: kmem_cache_alloc is a macro for kmem_cache_alloc_noprof since 6.10', async () => {
    const before = '/* As kasan_cache_alloc() does. */\nvoid *kasan_cache_alloc(void)\n{\n\tx();\n}\n';
    const renamed = onePatch('mm/slub.c', before, [['*kasan_cache_alloc(', '*kasan_cache_alloc_noprof(']]);
    expect(await rulesOf(renamed)).toEqual([]);
  });
});

describe('poison-or-unpoison', () => {
  const before = `/**
 * DOC: Modifiers
 *
 * %__GFP_SKIP_KASAN is for pages that need no tags.
 */
`;
  const says = (text: string) =>
    onePatch('include/linux/gfp_types.h', before, [['is for pages that need no tags.', text]]);

  test('asks where a comment on a flag says poisoning for what allocation does', async () => {
    const { questions } = await reviewed(says('makes KASAN skip poisoning when pages are allocated.'));
    expect(questions.map(({ rule, line }) => [rule, line])).toEqual([['poison-or-unpoison', 4]]);
  });

  test('is silent of unpoisoning, and of what is done when memory is freed', async () => {
    expect(await rulesOf(says('makes KASAN skip unpoisoning when pages are allocated.'))).toEqual([]);
    expect(await rulesOf(says('pages also skip poisoning when they are freed.'))).toEqual([]);
  });
});

describe('parameter-undocumented', () => {
  const code = 'static int kasan_arg;\n';
  const param = {
    path: 'mm/kasan/hw_tags.c',
    from: code,
    to: `${code}\nearly_param("kasan.tag_later", early_kasan_later);\n`,
  };
  const series = (...edits: readonly { path: string; from: string; to: string }[]) =>
    manyPatches({ 'mm/kasan/hw_tags.c': code, 'Documentation/dev-tools/kasan.rst': 'Boot parameters\n' }, [
      { subject: 'kasan: add a parameter', message: 'Tags later.', edits },
    ]);

  test('asks of a boot parameter that the documentation does not have', async () => {
    expect(await rulesOf(series(param))).toEqual(['parameter-undocumented']);
  });

  test('is silent where it is documented, and where it was moved', async () => {
    const documented = series(param, {
      path: 'Documentation/dev-tools/kasan.rst',
      from: 'Boot parameters\n',
      to: 'Boot parameters\n\n- ``kasan.tag_later=off``\n',
    });
    expect(await rulesOf(documented)).toEqual([]);
    const moved = manyPatches(
      { 'mm/kasan/hw_tags.c': 'early_param("kasan.x", f);\nint a;\n', 'mm/kasan/common.c': 'int b;\n' },
      [
        {
          subject: 'kasan: move a parameter',
          message: 'Tags.',
          edits: [
            { path: 'mm/kasan/hw_tags.c', from: 'early_param("kasan.x", f);\n', to: '' },
            { path: 'mm/kasan/common.c', from: 'int b;\n', to: 'int b;\nearly_param("kasan.x", f);\n' },
          ],
        },
      ],
    );
    expect(await rulesOf(moved)).toEqual([]);
  });
});

describe('flag-unread', () => {
  const reader = 'static bool skip(gfp_t gfp)\n{\n\treturn gfp & __GFP_SKIP_KASAN;\n}\n';
  const files: Record<string, string> = {
    'mm/page_alloc.c': reader,
    'include/linux/gfp_types.h': '#define __GFP_SKIP_KASAN ((__force gfp_t)___GFP_SKIP_KASAN)\n',
  };
  const tree = (more: Record<string, string> = {}) => {
    const all: Record<string, string> = { ...files, ...more };
    return {
      read: (path: string) => all[path],
      filesWith: (name: string) => Object.keys(all).filter((path) => all[path]?.includes(name) === true),
    };
  };
  const series = onePatch('mm/page_alloc.c', reader, [['gfp & __GFP_SKIP_KASAN', 'false']]);

  test('asks, with a tree, of a flag that nothing reads any more', async () => {
    expect(await rulesOf(series, { tree: tree() })).toEqual(['flag-unread']);
  });

  test('is silent without a tree, and where another file reads it', async () => {
    expect(await rulesOf(series)).toEqual([]);
    expect(await rulesOf(series, { tree: tree({ 'mm/other.c': reader }) })).toEqual([]);
  });
});

describe('no-figure', () => {
  const says = (message: string) => onePatch('mm/kasan/hw_tags.c', 'int a;\n', [['int a;', 'int b;']], { message });

  test('asks how much faster something is', async () => {
    expect(await rulesOf(says('This makes allocation of tagged pages faster.'))).toEqual(['no-figure']);
    expect(await rulesOf(says('Reduce the overhead of KASAN.'))).toEqual(['no-figure']);
  });

  test('is silent where a figure or a link is there, or nothing is said to be faster', async () => {
    expect(await rulesOf(says('This makes allocation 12 % faster.'))).toEqual([]);
    expect(await rulesOf(says('Faster, see https://example.org/results.'))).toEqual([]);
    expect(await rulesOf(says('Clean up tags.'))).toEqual([]);
  });

  test('its pattern, which is tried at each digit of a text, reads no further than a bound', () => {
    // `1req1req1req…` and `1,1,1,…`: a part without a bound would make the time the square of the length.
    const parts = FIGURE.source.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x');
    expect(parts).not.toMatch(/[*+]|\{\d+,\}/);
    for (const text of ['12 %', '1.5x', '3 times 20 minutes', '900 req/s', '12 requests/s', 'https://a.b'])
      expect([text, FIGURE.test(text)]).toEqual([text, true]);
    for (const text of ['1req1req1req', `${'1'.repeat(5000)}`, 'version 4 of 7']) expect(FIGURE.test(text)).toBe(false);
  });
});

describe('what the model says', () => {
  const series = onePatch(
    'mm/mmu_gather.c',
    'static bool tlb_next_batch(struct mmu_gather *tlb)\n{\n\tbatch = (void *)__get_free_page(GFP_NOWAIT);\n}\n',
    [['GFP_NOWAIT', 'GFP_NOWAIT | __GFP_SKIP_KASAN']],
  );
  const lost = { class: 'mmu-gather', bug: 'use after free', before: 1, after: 0 } as const;

  test('detection-lost asks with the figures of the audit', async () => {
    const { questions, policy } = await reviewed(series, { audited: { ...NOTHING_LOST, lost: [lost] } });
    expect(questions.map(({ rule, text }) => [rule, text.includes('use after free: 100 % before, 0 % after')])).toEqual(
      [['detection-lost', true]],
    );
    expect(policy.policy.rules).toContainEqual({
      match: { class: ['kernel-stack', 'mmu-gather', 'page-table'] },
      action: 'skip',
    });
  });

  test('a policy is a built-in one by what it does, however its rules are written', async () => {
    const large = onePatch(
      'mm/slub.c',
      'static void *___kmalloc_large_node(size_t size, gfp_t flags, int node)\n{\n\tpage = alloc_pages_node(node, flags | __GFP_COMP, order);\n}\n',
      [['flags | __GFP_COMP', 'flags | __GFP_COMP | __GFP_SKIP_KASAN']],
    );
    expect((await reviewed(large)).policy).toMatchObject({ isBuiltIn: true, policy: { name: 'skip-large-kmalloc' } });
  });

  test('kunit-outcome asks of a test that fails', async () => {
    expect(await rulesOf(series, { audited: { ...NOTHING_LOST, failingTests: ['page_alloc_uaf'] } })).toEqual([
      'kunit-outcome',
    ]);
  });

  test('both are silent where nothing changes', async () => {
    expect(await rulesOf(series)).toEqual([]);
  });
});
