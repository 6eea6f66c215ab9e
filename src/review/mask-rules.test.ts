import { describe, expect, test } from 'vitest';
import { manyPatches, onePatch, reviewed } from './reviewed.testdata.ts';

const rulesOf = async (...series: Parameters<typeof reviewed>): Promise<readonly string[]> =>
  (await reviewed(...series)).rules;

/** A function with one allocation in it. */
const withCall = (call: string, name = 'make_buffer'): string =>
  `static void *${name}(int node)\n{\n\treturn ${call};\n}\n`;

describe('mask-users', () => {
  const before = `#define GFP_RING_PAGE (GFP_KERNEL | __GFP_ZERO)\n\n${withCall('alloc_pages_node(node, GFP_RING_PAGE, 0)', 'ring_first')}\n${withCall('alloc_pages_node(node, GFP_RING_PAGE, 0)', 'ring_more')}/* The end. */\n`;

  test('asks where a mask has another user', async () => {
    const { questions } = await reviewed(
      onePatch('mm/ring.c', before, [
        [
          '*ring_first(int node)\n{\n\treturn alloc_pages_node(node, GFP_RING_PAGE, 0)',
          '*ring_first(int node)\n{\n\treturn alloc_pages_node(node, GFP_RING_PAGE | __GFP_SKIP_KASAN, 0)',
        ],
        // Hunks show no more than three lines around a change.
        ['The end.', 'Not the end.'],
      ]),
    );
    expect(questions.map(({ rule, file, line, function: name }) => [rule, file, line, name])).toEqual([
      ['mask-users', 'mm/ring.c', 5, 'ring_first'],
    ]);
    expect(questions[0]?.text).toContain('mm/ring.c:ring_more uses GFP_RING_PAGE too');
  });

  test('is silent where the flag is in the mask, and of masks for any purpose', async () => {
    const inMask = onePatch('mm/ring.c', before, [
      ['(GFP_KERNEL | __GFP_ZERO)', '(GFP_KERNEL | __GFP_ZERO | __GFP_SKIP_KASAN)'],
    ]);
    expect(await rulesOf(inMask)).toEqual([]);
    const general = onePatch(
      'mm/ring.c',
      `${withCall('alloc_page(GFP_KERNEL)', 'a')}\n${withCall('alloc_page(GFP_KERNEL)', 'b')}`,
      [
        [
          '*a(int node)\n{\n\treturn alloc_page(GFP_KERNEL)',
          '*a(int node)\n{\n\treturn alloc_page(GFP_KERNEL | __GFP_SKIP_KASAN)',
        ],
      ],
    );
    expect(await rulesOf(general)).toEqual([]);
  });

  test('with a tree it finds users that no hunk shows, and none of another architecture', async () => {
    const one = onePatch('mm/ring.c', `${withCall('alloc_page(GFP_RING_PAGE)', 'a')}`, [
      ['alloc_page(GFP_RING_PAGE)', 'alloc_page(GFP_RING_PAGE | __GFP_SKIP_KASAN)'],
    ]);
    const files: Record<string, string> = { ...one.files };
    const tree = {
      read: (path: string) => files[path],
      filesWith: (name: string) =>
        Object.keys(files)
          .filter((path) => files[path]?.includes(name) === true)
          .toSorted(),
    };
    expect(await rulesOf(one, { tree })).toEqual([]);
    files['arch/riscv/mm/ring.c'] = withCall('alloc_page(GFP_RING_PAGE)', 'other');
    expect(await rulesOf(one, { tree })).toEqual([]);
    files['drivers/ring.c'] = withCall('alloc_page(GFP_RING_PAGE)', 'other');
    expect(await rulesOf(one, { tree })).toEqual(['mask-users']);
  });
});

describe('twin-left-out', () => {
  const both = (condition: string): string =>
    `#ifdef ${condition}\n#define new_page() alloc_page(GFP_KERNEL | __GFP_COMP)\n#else\n#define new_page() alloc_page(GFP_KERNEL)\n#endif\n`;
  const edit = ['GFP_KERNEL | __GFP_COMP)', 'GFP_KERNEL | __GFP_COMP | __GFP_SKIP_KASAN)'] as const;

  test('asks where the other branch of an #if stays as it was', async () => {
    expect(await rulesOf(onePatch('mm/two.c', both('CONFIG_NUMA'), [edit]))).toEqual(['twin-left-out']);
  });

  test('an #elif is another branch too', async () => {
    const before =
      '#if defined(CONFIG_X)\n#define FOO_GFP (GFP_KERNEL)\n#elif defined(CONFIG_Y)\n#define FOO_GFP (GFP_KERNEL | __GFP_ZERO)\n#endif\n';
    const one = onePatch('mm/t.c', before, [['(GFP_KERNEL)', '(GFP_KERNEL | __GFP_SKIP_KASAN)']]);
    expect((await reviewed(one)).rules).toEqual(['twin-left-out']);
  });

  test('is silent where HW_TAGS cannot reach the other branch, or it gets the flag too', async () => {
    expect(await rulesOf(onePatch('mm/two.c', both('CONFIG_KASAN_HW_TAGS'), [edit]))).toEqual([]);
    const twice = onePatch('mm/two.c', both('CONFIG_NUMA'), [
      edit,
      ['alloc_page(GFP_KERNEL)\n', 'alloc_page(GFP_KERNEL | __GFP_SKIP_KASAN)\n'],
    ]);
    expect(await rulesOf(twice)).toEqual([]);
  });
});

describe('flag-has-no-effect', () => {
  const of = (call: string, message: string) =>
    onePatch(
      'mm/thing.c',
      withCall(`${call}(GFP_KERNEL)`.replace('(GFP', call.startsWith('alloc') ? '(GFP' : '(cache, GFP')),
      [['GFP_KERNEL)', 'GFP_KERNEL | __GFP_SKIP_KASAN)']],
      { message },
    );

  test('asks where slab gets the flag through a variable', async () => {
    const through = (first: string, call: string) =>
      onePatch('mm/pool.c', `static void *get(gfp_t gfp)\n{\n\tprepare();\n\treturn ${call};\n}\n`, [
        ['\tprepare();\n', `\tprepare();\n\t${first}\n`],
      ]);
    const asked = async (...words: readonly [string, string]): Promise<readonly string[]> =>
      (await reviewed(through(...words))).rules;
    expect(await asked('gfp |= __GFP_SKIP_KASAN;', 'kmem_cache_alloc(cache, gfp)')).toEqual(['flag-has-no-effect']);
    expect(await asked('gfp_t own = gfp | __GFP_SKIP_KASAN;', 'kzalloc_node(8, own, node)')).toEqual([
      'flag-has-no-effect',
    ]);
    expect(await asked('gfp |= __GFP_SKIP_KASAN;', 'alloc_pages(gfp, 0)')).toEqual([]);
    expect(await asked('other |= __GFP_SKIP_KASAN;', 'kmem_cache_alloc(cache, gfp)')).toEqual([]);
  });

  test('asks where slab gets the flag', async () => {
    expect(await rulesOf(of('kmem_cache_alloc', 'Leave these untagged.'))).toEqual(['flag-has-no-effect']);
    expect(await rulesOf(of('kzalloc', 'Leave these untagged.'))).toEqual(['flag-has-no-effect']);
  });

  test('is silent of pages, and where the message knows', async () => {
    expect(await rulesOf(of('alloc_page', 'Leave these untagged.'))).toEqual([]);
    expect(await rulesOf(of('kmem_cache_alloc', 'Slab drops the flag; objects stay tagged for now.'))).toEqual([]);
  });
});

// mm/vmalloc.c:__vmalloc_node_range before the series, in shape.
const VMALLOC = `#define GFP_VMALLOC_SUPPORTED (GFP_KERNEL | __GFP_ZERO)

void *__vmalloc_node_range_noprof(unsigned long size, gfp_t gfp_mask, pgprot_t prot)
{
	struct vm_struct *area = __get_vm_area_node(size, VM_ALLOC, gfp_mask, caller);

	if (kasan_hw_tags_enabled())
		gfp_mask |= __GFP_SKIP_KASAN | __GFP_SKIP_ZERO;
	area->addr = kasan_unpoison_vmalloc(area->addr, size, flags);
	return area->addr;
}
`;
const HEED = [
  [
    '\tif (kasan_hw_tags_enabled())\n',
    '\tskip = gfp_mask & __GFP_SKIP_KASAN;\n\tif (kasan_hw_tags_enabled() && !skip)\n',
  ],
  ['\tarea->addr = kasan_unpoison_vmalloc(', '\tif (!skip)\n\t\tarea->addr = kasan_unpoison_vmalloc('],
] as const;
const USE = {
  path: 'mm/user.c',
  from: '__vmalloc_node(1, 1, GFP_KERNEL, node)',
  to: '__vmalloc_node(1, 1, GFP_KERNEL | __GFP_SKIP_KASAN, node)',
};
const vmallocSeries = (edits: readonly (readonly [string, string])[]) =>
  manyPatches({ 'mm/vmalloc.c': VMALLOC, 'mm/user.c': withCall('__vmalloc_node(1, 1, GFP_KERNEL, node)') }, [
    {
      subject: 'vmalloc: heed the flag',
      message: 'Tags.',
      edits: edits.map(([from, to]) => ({ path: 'mm/vmalloc.c', from, to })),
    },
    { subject: 'mm: use it', message: 'Tags.', edits: [USE] },
  ]);

describe('flag-reaches-metadata and allow-list', () => {
  test('ask where vmalloc heeds a flag, and neither its metadata nor its list know', async () => {
    expect(await rulesOf(vmallocSeries(HEED))).toEqual(['allow-list', 'flag-reaches-metadata']);
  });

  test('are silent where the flag is cleared for the metadata and stands in the list', async () => {
    const whole = vmallocSeries([
      ...HEED,
      ['VM_ALLOC, gfp_mask, caller', 'VM_ALLOC, gfp_mask & ~__GFP_SKIP_KASAN, caller'],
      ['(GFP_KERNEL | __GFP_ZERO)', '(GFP_KERNEL | __GFP_ZERO | __GFP_SKIP_KASAN)'],
    ]);
    expect(await rulesOf(whole)).toEqual([]);
  });
});

describe('a list that a hunk shows in part', () => {
  // The hunk ends inside the definition: what stands on its last line is not shown.
  const list = (first: string, lines: number): string =>
    `#define GFP_VMALLOC_SUPPORTED (${first} |\\\n${'\t\t\t       __GFP_NOFAIL |\\\n'.repeat(lines)}\t\t\t       __GFP_SKIP_KASAN)\n\nvoid *vmalloc_user(void)\n{\n\treturn __vmalloc_node(1, 1, GFP_KERNEL, 0, 0);\n}\n`;
  const edits = (to: string) =>
    [
      ['GFP_KERNEL |\\', `${to} |\\`],
      ['(1, 1, GFP_KERNEL', '(1, 1, GFP_KERNEL | __GFP_SKIP_KASAN'],
    ] as const;

  test('is taken for the kernel’s as far as it is not shown', async () => {
    const cut = onePatch('mm/vmalloc.c', list('GFP_KERNEL', 9), edits('GFP_KERNEL | __GFP_HIGH'));
    expect(await rulesOf(cut)).not.toContain('allow-list');
    const whole = onePatch(
      'mm/vmalloc.c',
      list('GFP_KERNEL', 1).replace('__GFP_SKIP_KASAN)', '__GFP_COMP)'),
      edits('GFP_KERNEL | __GFP_HIGH'),
    );
    expect(await rulesOf(whole)).toContain('allow-list');
  });
});

describe('zeroing-lost', () => {
  test('asks where zeroing is left to a hook that is skipped', async () => {
    const { questions } = await reviewed(vmallocSeries([HEED[1]]));
    expect(questions.map(({ rule }) => rule)).toContain('zeroing-lost');
    expect(questions.find(({ rule }) => rule === 'zeroing-lost')?.text).toContain('skipped unless !skip');
  });

  test('an early return skips the hook as well, but not a check for memory that there is none of', async () => {
    const asked = async (check: string): Promise<boolean> =>
      (
        await reviewed(
          onePatch(
            'mm/z.c',
            'static void *z(gfp_t gfp)\n{\n\tp = alloc_pages(gfp, 0);\n\tp = kasan_unpoison_vmalloc(p, size, flags);\n\treturn p;\n}\n',
            [
              ['\tp = alloc', '\tgfp |= __GFP_SKIP_ZERO;\n\tp = alloc'],
              ['\tp = kasan', `\tif (${check})\n\t\treturn p;\n\tp = kasan`],
            ],
          ),
        )
      ).rules.includes('zeroing-lost');
    expect(await asked('skip_kasan')).toBe(true);
    expect(await asked('!p')).toBe(false);
  });

  test('is silent where both stand under the same condition', async () => {
    expect(await rulesOf(vmallocSeries(HEED))).not.toContain('zeroing-lost');
  });
});

describe('a flag that gets another name', () => {
  const types = (name: string): string =>
    `#define ___GFP_${name} BIT(___GFP_${name}_BIT)\n#define __GFP_${name} ((__force gfp_t)___GFP_${name})\n#define GFP_HIGHUSER_MOVABLE (GFP_HIGHUSER | __GFP_MOVABLE | __GFP_${name})\n`;
  const TYPES_FILE = 'include/linux/gfp_types.h';
  const message = 'Say what it does. No functional change.';

  test('is compared by value', async () => {
    const { rules, policy, claims } = await reviewed(
      onePatch(TYPES_FILE, types('SKIP_KASAN'), [[types('SKIP_KASAN'), types('SKIP_TAGS')]], { message }),
    );
    expect([rules, policy.policy.name, policy.notUnderstood]).toEqual([[], 'series', []]);
    expect(claims.map(({ kind, verdict }) => [kind, verdict])).toEqual([['no-functional-change', 'confirmed']]);
  });

  test('is another flag where another mask has it', async () => {
    const other = types('SKIP_TAGS').replace(' | __GFP_SKIP_TAGS', '');
    const { rules, claims } = await reviewed(
      onePatch(TYPES_FILE, types('SKIP_KASAN'), [[types('SKIP_KASAN'), other]], { message }),
    );
    expect(rules).toContain('flag-names');
    expect(claims.map(({ verdict }) => verdict)).toEqual(['refuted']);
  });
});

describe('what is allocated with a mask', () => {
  const rulesFor = async (text: string, from: string, to: string) =>
    (await reviewed(onePatch('drivers/x/pool.c', text, [[from, to]]))).policy;

  test('a variable that its function allocates with is that function’s', async () => {
    const text =
      'static void *pool_page(void)\n{\n\tgfp_t gfp = GFP_KERNEL;\n\n\treturn alloc_page(gfp | __GFP_COMP);\n}\n';
    const { policy } = await rulesFor(text, 'gfp = GFP_KERNEL', 'gfp = GFP_KERNEL | __GFP_SKIP_KASAN');
    expect(policy.rules[0]).toEqual({ match: { site: ['pool_page'] }, action: 'skip' });
  });

  test('of a member is not known, in an assignment and in an initialiser', async () => {
    const set = 'static int pool_init(struct pool *p)\n{\n\tp->gfp = GFP_KERNEL;\n\treturn 0;\n}\n';
    const member = await rulesFor(set, '= GFP_KERNEL', '= GFP_KERNEL | __GFP_SKIP_KASAN');
    expect([member.policy.name, member.notUnderstood]).toEqual([
      'series',
      ['drivers/x/pool.c:pool_init: gfp gains the flag; what is allocated with it is not known'],
    ]);
    const given = 'static const struct pool_params params = {\n\t.order = 0,\n\t.gfp_mask = GFP_KERNEL,\n};\n';
    const initialiser = await rulesFor(given, '= GFP_KERNEL', '= GFP_KERNEL | __GFP_SKIP_KASAN');
    expect([initialiser.policy.name, initialiser.notUnderstood]).toEqual([
      'series',
      ['drivers/x/pool.c:3: gfp_mask gains the flag; what is allocated with it is not known'],
    ]);
  });

  test('a function that a class is named after tells it, though its callee is a macro', async () => {
    const text =
      'static struct page *anon_pipe_get_page(struct pipe_inode_info *pipe)\n{\n\treturn alloc_page(GFP_HIGHUSER);\n}\n';
    const { understood } = await reviewed(
      onePatch('fs/pipe.c', text, [['(GFP_HIGHUSER)', '(GFP_HIGHUSER | __GFP_SKIP_KASAN)']]),
    );
    expect(understood.skippedClasses).toEqual(['pipe']);
  });
});

describe('unannounced-change', () => {
  const series = (message: string) =>
    onePatch(
      'mm/thing.c',
      withCall('alloc_page(GFP_KERNEL_ACCOUNT)'),
      [['GFP_KERNEL_ACCOUNT', 'GFP_KERNEL | __GFP_SKIP_KASAN']],
      { message },
    );

  test('asks of a flag that goes and that nobody names', async () => {
    const { questions } = await reviewed(series('Skip tags here.'));
    expect(questions.map(({ rule, text }) => [rule, text.includes('loses __GFP_ACCOUNT')])).toEqual([
      ['unannounced-change', true],
    ]);
  });

  test('is silent where the message names it, and where only names change', async () => {
    expect(await rulesOf(series('Skip tags here. It is no longer accounted: that was wrong.'))).toEqual([]);
    const renamed = onePatch('mm/thing.c', withCall('alloc_page(GFP_KERNEL | __GFP_ACCOUNT)'), [
      ['GFP_KERNEL | __GFP_ACCOUNT', 'GFP_KERNEL_ACCOUNT | __GFP_SKIP_KASAN'],
    ]);
    expect(await rulesOf(renamed)).toEqual([]);
  });
});

describe('unannounced-change, of what is no mask of an allocation or does not concern tags', () => {
  test('is silent of the names that traces print', async () => {
    const names = onePatch(
      'include/trace/events/mmflags.h',
      '#define NAMES \\\n\tgfpflag_string(__GFP_SKIP_KASAN_POISON)\n',
      [['__GFP_SKIP_KASAN_POISON', '__GFP_SKIP_KASAN']],
      { message: 'Follow the change of names.' },
    );
    const { rules, policy } = await reviewed(names);
    expect([rules, policy.notUnderstood]).toEqual([[], []]);
  });

  test('is silent where a mask changes in nothing that decides of tags', async () => {
    const accounted = onePatch('mm/thing.c', withCall('alloc_page(GFP_KERNEL)'), [
      ['\treturn alloc_page(GFP_KERNEL)', '\tkasan_check();\n\treturn alloc_page(GFP_KERNEL_ACCOUNT)'],
    ]);
    expect(await rulesOf(accounted)).not.toContain('unannounced-change');
  });

  test('compares a function with its form for profiled allocations: 6.10 renamed them', async () => {
    const body = 'void *__vmalloc_node_range(gfp_t gfp_mask)\n{\n\tgfp_mask |= __GFP_SKIP_KASAN;\n\treturn area;\n}\n';
    const renamed = onePatch('mm/vmalloc.c', body, [['__vmalloc_node_range(', '__vmalloc_node_range_noprof(']]);
    const { understood } = await reviewed(renamed);
    expect(understood.changes).toEqual([]);
  });
});

describe('zerotags-alone', () => {
  const series = (mask: string) =>
    onePatch('mm/thing.c', withCall('alloc_page(GFP_KERNEL)'), [['GFP_KERNEL', mask]], {
      message: 'Tags of zeroed pages.',
    });

  test('asks where memory is not zeroed', async () => {
    expect(await rulesOf(series('GFP_KERNEL | __GFP_ZEROTAGS'))).toEqual(['zerotags-alone']);
  });

  test('is silent where it is, or the rest of the mask is the caller’s', async () => {
    expect(await rulesOf(series('GFP_KERNEL | __GFP_ZERO | __GFP_ZEROTAGS'))).toEqual([]);
    expect(await rulesOf(series('gfp | __GFP_ZEROTAGS'))).not.toContain('zerotags-alone');
    expect(await rulesOf(series('gfp & ~(__GFP_ZEROTAGS | __GFP_SKIP_ZERO)'))).not.toContain('zerotags-alone');
  });
});

describe('reuse-still-tags', () => {
  const fork = `#define GFP_VMAP_STACK (GFP_KERNEL | __GFP_ZERO)

static int alloc_thread_stack_node(struct task_struct *tsk, int node)
{
	if (cached) {
		kasan_unpoison_range(vm_area->addr, THREAD_SIZE);
		return 0;
	}
	return 1;
}
`;
  const flag = ['(GFP_KERNEL | __GFP_ZERO)', '(GFP_KERNEL | __GFP_ZERO | __GFP_SKIP_KASAN)'] as const;

  test('asks where stacks from the cache are still unpoisoned', async () => {
    const { questions } = await reviewed(onePatch('kernel/fork.c', fork, [flag]));
    expect(questions.map(({ rule }) => rule)).toContain('reuse-still-tags');
  });

  test('is silent where they are not with HW_TAGS', async () => {
    const guarded = onePatch('kernel/fork.c', fork, [
      flag,
      ['\t\tkasan_unpoison_range(', '\t\tif (!kasan_hw_tags_enabled())\n\t\t\tkasan_unpoison_range('],
    ]);
    expect(await rulesOf(guarded)).not.toContain('reuse-still-tags');
  });
});

describe('gfp-bits and flag-names', () => {
  const file = 'include/linux/gfp_types.h';
  const before = `#define ___GFP_ZEROTAGS		0x800000u
#define ___GFP_SKIP_ZERO	0x1000000u
#define ___GFP_SKIP_KASAN	0x2000000u
#define __GFP_BITS_SHIFT (26 + IS_ENABLED(CONFIG_LOCKDEP))
`;
  const bit = [
    '0x2000000u\n',
    '0x2000000u\n#define ___GFP_UNTAGGED	0x4000000u\n#define __GFP_UNTAGGED	((__force gfp_t)___GFP_UNTAGGED)\n',
  ] as const;
  const names = {
    path: 'include/trace/events/mmflags.h',
    from: 'gfpflag_string(__GFP_ZEROTAGS)\n',
    to: 'gfpflag_string(__GFP_ZEROTAGS),\t\\\n\tgfpflag_string(__GFP_UNTAGGED)\n',
  };
  const named = (shift: boolean) =>
    manyPatches({ [file]: before, [names.path]: '#define NAMES \\\n\tgfpflag_string(__GFP_ZEROTAGS)\n' }, [
      {
        subject: 'mm: add a flag',
        message: 'A preference for untagged memory.',
        edits: [
          { path: file, from: bit[0], to: bit[1] },
          names,
          ...(shift ? [{ path: file, from: '(26 + ', to: '(27 + ' }] : []),
        ],
      },
    ]);

  test('ask of a bit without room and a flag without a name', async () => {
    expect(await rulesOf(onePatch(file, before, [bit]))).toEqual(['flag-names', 'gfp-bits']);
    expect(await rulesOf(named(false))).toEqual(['gfp-bits']);
  });

  test('are silent where the shift grows and the name is there', async () => {
    expect(await rulesOf(named(true))).toEqual([]);
  });

  test('where the shift is not shown, the bits before tell', async () => {
    const hidden = before.replace('#define __GFP_BITS_SHIFT', `${'\n'.repeat(20)}#define __GFP_BITS_SHIFT`);
    expect(await rulesOf(onePatch(file, hidden, [bit]))).toEqual(['flag-names', 'gfp-bits']);
  });
});

describe('works-only-later', () => {
  const first = (order: readonly number[]) => {
    const list = {
      subject: 'vmalloc: allow the flag',
      message: 'Tags.',
      edits: [
        { path: 'mm/vmalloc.c', from: '(GFP_KERNEL | __GFP_ZERO)', to: '(GFP_KERNEL | __GFP_ZERO | __GFP_SKIP_KASAN)' },
      ],
    };
    const heed = {
      subject: 'vmalloc: heed the flag',
      message: 'Tags.',
      edits: [
        ...HEED.map(([from, to]) => ({ path: 'mm/vmalloc.c', from, to })),
        {
          path: 'mm/vmalloc.c',
          from: 'VM_ALLOC, gfp_mask, caller',
          to: 'VM_ALLOC, gfp_mask & ~__GFP_SKIP_KASAN, caller',
        },
      ],
    };
    const use = { subject: 'mm: use it', message: 'Tags.', edits: [USE] };
    const patches = [list, heed, use];
    return manyPatches(
      { 'mm/vmalloc.c': VMALLOC, 'mm/user.c': withCall('__vmalloc_node(1, 1, GFP_KERNEL, node)') },
      order.flatMap((index) => patches[index] ?? []),
    );
  };

  test('asks where the list comes after what it is for', async () => {
    expect(await rulesOf(first([1, 2, 0]))).toEqual(['works-only-later']);
  });

  test('is silent where it comes first', async () => {
    expect(await rulesOf(first([0, 1, 2]))).toEqual([]);
  });
});
