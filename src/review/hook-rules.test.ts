import { describe, expect, test } from 'vitest';
import { manyPatches, onePatch, reviewed } from './reviewed.testdata.ts';

const rulesOf = async (...series: Parameters<typeof reviewed>): Promise<readonly string[]> =>
  (await reviewed(...series)).rules;

const body = (name: string, ...lines: readonly string[]): string =>
  `static void ${name}(struct page *page, unsigned int order)\n{\n${lines.map((line) => `\t${line}\n`).join('')}}\n`;

describe('mode-condition', () => {
  const before = body('reuse', 'kasan_unpoison_range(addr, size);', 'use(addr);');
  const under = (condition: string) =>
    onePatch('mm/reuse.c', before, [['\tkasan_unpoison_range', `\tif (${condition})\n\t\tkasan_unpoison_range`]]);

  test('asks where a hook no longer runs in a mode, and says which', async () => {
    const { questions } = await reviewed(under('kasan_hw_tags_enabled()'));
    expect(questions.map(({ rule, modes, line, function: name }) => [rule, modes, line, name])).toEqual([
      ['mode-condition', ['generic', 'sw-tags'], 3, 'reuse'],
    ]);
  });

  test('asks of HW_TAGS where the series does not skip tags elsewhere', async () => {
    const { questions } = await reviewed(under('!kasan_hw_tags_enabled()'));
    expect(questions.map(({ rule, modes }) => [rule, modes])).toEqual([['mode-condition', ['hw-tags']]]);
  });

  test('is silent of conditions that hold wherever the hook does something, or that say more than the mode', async () => {
    expect(await rulesOf(under('kasan_enabled()'))).toEqual([]);
    expect(await rulesOf(under('IS_ENABLED(CONFIG_KASAN)'))).toEqual([]);
    expect(await rulesOf(under('size > PAGE_SIZE'))).toEqual([]);
    expect(await rulesOf(under('kasan_hw_tags_enabled() && init'))).toEqual([]);
  });

  const behind = (...check: readonly string[]) =>
    onePatch('mm/reuse.c', before, [['\tkasan_unpoison_range', `${check.join('\n')}\n\tkasan_unpoison_range`]]);

  test('an early return is a condition on what comes behind it', async () => {
    const modesOf = async (...check: readonly string[]): Promise<readonly unknown[]> =>
      (await reviewed(behind(...check))).questions.map(({ rule, modes, line }) => [rule, modes, line]);
    expect(await modesOf('\tif (!kasan_hw_tags_enabled())', '\t\treturn;')).toEqual([
      ['mode-condition', ['generic', 'sw-tags'], 3],
    ]);
    expect(await modesOf('\tif (kasan_hw_tags_enabled()) {', '\t\tcount++;', '\t\treturn;', '\t}')).toEqual([
      ['mode-condition', ['hw-tags'], 3],
    ]);
    expect(await modesOf('\tif (!page)', '\t\treturn;')).toEqual([]);
    expect(await modesOf('\tif (kasan_hw_tags_enabled())', '\t\tcount++;')).toEqual([]);
    expect(await modesOf('\twhile (next()) {', '\t\tif (kasan_hw_tags_enabled())', '\t\t\treturn;', '\t}')).toEqual([]);
  });

  test('a goto is an early return as far as its label', async () => {
    const shape = (condition: string) =>
      onePatch('mm/reuse.c', before, [
        ['\tkasan_unpoison_range', `\tif (${condition})\n\t\tgoto out;\n\tkasan_unpoison_range`],
        ['\tuse(addr);\n', 'out:\n\tuse(addr);\n'],
      ]);
    expect(
      (await reviewed(shape('!kasan_hw_tags_enabled()'))).questions.map(({ rule, modes }) => [rule, modes]),
    ).toEqual([['mode-condition', ['generic', 'sw-tags']]]);
    expect(await rulesOf(shape('!kasan_enabled()'))).toEqual([]);
    const behindLabel = onePatch('mm/reuse.c', body('reuse', 'use(addr);', 'kasan_unpoison_range(addr, size);'), [
      ['\tuse(addr);\n', '\tif (kasan_hw_tags_enabled())\n\t\tgoto out;\n\tuse(addr);\nout:\n'],
    ]);
    expect(await rulesOf(behindLabel)).toEqual([]);
  });

  test('a variable that keeps the mode asks what it was given', async () => {
    const kept = (...lines: readonly string[]) =>
      onePatch('mm/reuse.c', before, [['\tkasan_unpoison_range', `${lines.join('\n')}\n\t\tkasan_unpoison_range`]]);
    expect(
      (await reviewed(kept('\tconst bool hw = kasan_hw_tags_enabled();', '\tif (hw)'))).questions.map(
        ({ modes }) => modes,
      ),
    ).toEqual([['generic', 'sw-tags']]);
    expect(await rulesOf(kept('\tbool on = kasan_enabled();', '\tif (on)'))).toEqual([]);
    // What is changed later, or is not about the mode alone, tells nothing.
    expect(
      await rulesOf(kept('\tbool hw = kasan_hw_tags_enabled();', '\tif (x)', '\t\thw = true;', '\tif (hw)')),
    ).toEqual([]);
    expect(await rulesOf(kept('\tbool hw = kasan_hw_tags_enabled() && x;', '\tif (hw)'))).toEqual([]);
  });

  test('an else if is a condition too', async () => {
    const inElse = onePatch(
      'mm/reuse.c',
      body('reuse', 'if (x)', '\tuse(addr);', 'else', '\tkasan_unpoison_range(addr, size);'),
      [['\telse\n', '\telse if (kasan_hw_tags_enabled())\n']],
    );
    expect((await reviewed(inElse)).questions.map(({ rule, modes }) => [rule, modes])).toEqual([
      ['mode-condition', ['generic', 'sw-tags']],
    ]);
  });

  test('a condition that is replaced by one that holds in as many modes asks nothing', async () => {
    const replaced = onePatch(
      'mm/reuse.c',
      body('reuse', 'if (IS_ENABLED(CONFIG_KASAN_HW_TAGS))', '\tkasan_unpoison_range(addr, size);'),
      [['IS_ENABLED(CONFIG_KASAN_HW_TAGS)', 'kasan_hw_tags_enabled()']],
    );
    expect(await rulesOf(replaced)).toEqual([]);
  });
});

describe('hook-removed', () => {
  const before = body('give_back', 'prepare(page);', 'kasan_poison_pages(page, order, init);', 'release(page);');
  const away = ['\tkasan_poison_pages(page, order, init);\n', ''] as const;

  test('asks what does the work of a hook that is gone', async () => {
    const { questions } = await reviewed(onePatch('mm/give.c', before, [away]));
    expect(questions.map(({ rule, file, line, function: name }) => [rule, file, line, name])).toEqual([
      ['hook-removed', 'mm/give.c', 4, 'give_back'],
    ]);
  });

  test('asks where it is commented out', async () => {
    const [call] = away;
    expect(await rulesOf(onePatch('mm/give.c', before, [[call, `\t/* ${call.trim()} */\n`]]))).toEqual([
      'hook-removed',
    ]);
  });

  test('asks where #if 0 or if (0) keeps it from running, and not where such code comes back', async () => {
    const [call] = away;
    const off = onePatch('mm/give.c', before, [[call, `#if 0\n${call}#endif\n`]]);
    expect(await rulesOf(off)).toEqual(['hook-removed']);
    expect(await rulesOf(onePatch('mm/give.c', before, [[call, `\tif (0)\n\t${call}`]]))).toEqual(['hook-removed']);
    const dead = body('give_back', 'prepare(page);', 'release(page);').replace(
      '\trelease',
      `#if 0\n${call}#endif\n\trelease`,
    );
    expect(await rulesOf(onePatch('mm/give.c', dead, [[`#if 0\n${call}#endif\n`, '']]))).toEqual([]);
    expect(await rulesOf(onePatch('mm/give.c', before, [[call, `#if 1\n${call}#endif\n`]]))).toEqual([]);
  });

  test('is silent where it was moved, replaced, or went with its function', async () => {
    const moved = onePatch('mm/give.c', before, [
      away,
      ['\trelease(page);\n', '\trelease(page);\n\tkasan_poison_pages(page, order, init);\n'],
    ]);
    expect(await rulesOf(moved)).toEqual([]);
    const elsewhere = manyPatches({ 'mm/give.c': before, 'mm/other.c': body('other', 'x();', 'y();') }, [
      {
        subject: 'mm: move a hook of KASAN',
        message: 'Tags.',
        edits: [
          { path: 'mm/give.c', from: away[0], to: away[1] },
          { path: 'mm/other.c', from: '\tx();\n', to: '\tx();\n\tkasan_poison_pages(page, order, init);\n' },
        ],
      },
    ]);
    expect(await rulesOf(elsewhere)).toEqual([]);
    const replaced = onePatch('mm/give.c', before, [
      ['kasan_poison_pages(page, order, init)', '__kasan_poison_pages(page, order, init)'],
    ]);
    expect(await rulesOf(replaced)).toEqual([]);
    const gone = onePatch('mm/give.c', `${body('a', 'x();')}${before}${body('b', 'y();')}`, [[before, '']]);
    expect(await rulesOf(gone)).toEqual([]);
  });
});

describe('hook-removed, of what only computes', () => {
  test('is silent of an address of the shadow: mm/kasan/quarantine.c and sw_tags.c lost some after 6.1', async () => {
    for (const call of ['kasan_mem_to_shadow(p)', 'kasan_shadow_to_mem(p)', 'kasan_get_free_meta(cache, p)'])
      expect(
        await rulesOf(onePatch('mm/kasan/q.c', body('f', `u8 *s = ${call};`, 'x();'), [[`\tu8 *s = ${call};\n`, '']])),
      ).toEqual([]);
  });
});

describe('hook-order', () => {
  // mm/page_alloc.c: unpoison, then clear; poison, then arch_free_page.
  const alloc = (...steps: readonly string[]): string => body('post_alloc', ...steps);

  test('asks where memory is cleared before it is unpoisoned', async () => {
    const swapped = onePatch(
      'mm/page_alloc.c',
      alloc('kasan_unpoison_pages(page, order, false);', 'kernel_init_pages(page, 1 << order);'),
      [
        ['\tkasan_unpoison_pages(page, order, false);\n', ''],
        [
          '\tkernel_init_pages(page, 1 << order);\n',
          '\tkernel_init_pages(page, 1 << order);\n\tkasan_unpoison_pages(page, order, false);\n',
        ],
      ],
    );
    expect(await rulesOf(swapped)).toEqual(['hook-order']);
  });

  test('is silent of an order that was so before, and of the right one', async () => {
    const before = alloc('kernel_init_pages(page, 1);', 'kasan_unpoison_pages(page, order, false);', 'x();');
    expect(await rulesOf(onePatch('mm/page_alloc.c', before, [['\tx();\n', '\ty();\n']]))).toEqual([]);
    const added = onePatch('mm/page_alloc.c', alloc('kernel_poison_pages(page, 1);', 'arch_free_page(page, order);'), [
      ['\tarch_free_page', '\tkasan_poison_pages(page, order, init);\n\tarch_free_page'],
    ]);
    expect(await rulesOf(added)).toEqual([]);
  });
});

describe('tag-not-restored', () => {
  const add = (line: string) =>
    onePatch('mm/copy.c', body('copy', 'prepare(page);', 'copy_page_data(page, from);'), [
      ['\tprepare(page);\n', `\tprepare(page);\n${line}`],
    ]);

  test('asks where a page is used after its tag was reset', async () => {
    const { questions } = await reviewed(add('\tpage_kasan_tag_reset(page);\n'));
    expect(questions.map(({ rule, line }) => [rule, line])).toEqual([['tag-not-restored', 4]]);
    expect(questions[0]?.text).toContain('copy_page_data(page)');
  });

  test('is silent where it is set again, and where a reset is the end', async () => {
    expect(await rulesOf(add('\tpage_kasan_tag_reset(page);\n\tpage_kasan_tag_set(page, tag);\n'))).toEqual([]);
    const atEnd = onePatch('mm/copy.c', body('copy', 'copy_page_data(page, from);'), [
      ['from);\n', 'from);\n\tpage_kasan_tag_reset(page);\n'],
    ]);
    expect(await rulesOf(atEnd)).toEqual([]);
    const arm64 = onePatch('arch/arm64/mm/copypage.c', body('copy_highpage', 'x();', 'use(page);'), [
      ['\tx();\n', '\tpage_kasan_tag_reset(page);\n'],
    ]);
    expect(await rulesOf(arm64)).toEqual([]);
  });
});

describe('tag-result-unused', () => {
  const to = (line: string) =>
    onePatch('mm/tag.c', body('retag', 'prepare(p);', 'use(p);'), [['\tprepare(p);\n', `\t${line}\n`]]);

  test('asks where the pointer with its new tag is dropped', async () => {
    expect(await rulesOf(to('kasan_reset_tag(p);'))).toEqual(['tag-result-unused']);
    expect(await rulesOf(to('arch_kasan_set_tag(p, tag);'))).toEqual(['tag-result-unused']);
  });

  test('is silent where it is used, and of the value of a macro', async () => {
    expect(await rulesOf(to('p = kasan_reset_tag(p);'))).toEqual([]);
    expect(await rulesOf(to('use(kasan_reset_tag(p));'))).toEqual([]);
    // mm/kasan/common.c:__kasan_vrealloc, 6.12: the area that grows keeps the tag of its pointer.
    expect(await rulesOf(to('__kasan_unpoison_vmalloc(p, size, KASAN_VMALLOC_VM_ALLOC);'))).toEqual([
      'tag-result-unused',
    ]);
    expect(await rulesOf(to('__kasan_unpoison_vmalloc(p, size, VM_ALLOC | KASAN_VMALLOC_KEEP_TAG);'))).toEqual([]);
    const macro = onePatch('include/linux/tag.h', '#define retag(p) \\\n({ \\\n\tcheck(p); \\\n\told(p); \\\n})\n', [
      ['old(p)', 'arch_kasan_set_tag(p, 1)'],
    ]);
    expect(await rulesOf(macro)).toEqual([]);
  });
});

describe('generic-too', () => {
  const hw = body('__kasan_unpoison_vmalloc', 'x();', 'y();');
  const guard = (condition: string) => ['\tx();\n', `\tif (${condition})\n\t\treturn;\n\n\tx();\n`] as const;
  const both = (inShadow: string) =>
    manyPatches({ 'mm/kasan/hw_tags.c': hw, 'mm/kasan/shadow.c': hw }, [
      {
        subject: 'kasan: return early',
        message: 'Nothing to do.',
        edits: [
          { path: 'mm/kasan/hw_tags.c', from: guard('')[0], to: guard('!is_vmalloc_or_module_addr(start)')[1] },
          { path: 'mm/kasan/shadow.c', from: guard('')[0], to: guard(inShadow)[1] },
        ],
      },
    ]);

  test('asks where the same early return is added for the software modes', async () => {
    const { questions } = await reviewed(both('!is_vmalloc_or_module_addr(start)'));
    expect(questions.map(({ rule, file, modes }) => [rule, file, modes])).toEqual([
      ['generic-too', 'mm/kasan/shadow.c', ['generic', 'sw-tags']],
    ]);
  });

  test('is silent of another condition, and of one side alone', async () => {
    expect(await rulesOf(both('size == 0'))).toEqual([]);
    expect(await rulesOf(onePatch('mm/kasan/hw_tags.c', hw, [guard('!size')]))).toEqual([]);
  });
});
