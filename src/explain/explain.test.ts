import { describe, expect, test } from 'vitest';
import {
  GENERIC_4_9,
  GENERIC_PAGE,
  GENERIC_STACK,
  HARDWARE,
  replaced,
  without,
} from '../kasan/report/logs.testdata.ts';
import { parseReports } from '../kasan/report/parse.ts';
import type { Policy, PolicyMatch } from '../policy/policy.ts';
import { Explainer } from './explain-report.ts';
import { explained, named } from './explained.testdata.ts';

/** A row of tags or shadow bytes of a report. */
const row = (base: string, bytes: string, mark = ' '): string => `${mark}${base}: ${bytes}`;
const sixteen = (tag: string): string => Array.from({ length: 16 }, () => tag).join(' ');

/** HARDWARE with other tags in the row of the object, and another title and memory tag. */
function hardware(options: {
  readonly type: string;
  readonly memory: string;
  readonly object: string;
  readonly before?: string;
  readonly caret?: number;
}): string[] {
  const { type, memory, object, before = sixteen('fe'), caret = 1 } = options;
  const at = HARDWARE.findIndex((line) => line.startsWith('Memory state'));
  const lines = HARDWARE.toSpliced(
    at + 1,
    6,
    row('ffff000012c41100', sixteen('f1')),
    row('ffff000012c41200', before),
    row('ffff000012c41300', object, '>'),
    `${' '.repeat(19 + 3 * caret)}^`,
    row('ffff000012c41400', sixteen('fe')),
    row('ffff000012c41500', sixteen('fe')),
  );
  return replaced(
    replaced(lines, 'BUG: KASAN', `BUG: KASAN: ${type} in ring_peek+0x48/0x90 [ring]`),
    'Pointer tag',
    `Pointer tag: [f4], memory tag: [${memory}]`,
  );
}

const FREED = `${Array.from({ length: 8 }, () => 'fe').join(' ')} ${Array.from({ length: 8 }, () => 'f0').join(' ')}`;
const OTHERS = `${Array.from({ length: 8 }, () => 'f9').join(' ')} ${Array.from({ length: 8 }, () => 'f0').join(' ')}`;
/** The object has 96 bytes with the pointer's tag, and two granules of redzone. */
const REDZONE = `f4 f4 f4 f4 f4 f4 fe fe ${Array.from({ length: 8 }, () => 'f0').join(' ')}`;

/** A generic report of an overflow of a kmalloc(size) in kmalloc-64, as Linux 6.13 prints it. */
function generic({
  size,
  from,
  bytes = 1,
  next = 'fc',
}: {
  readonly size: number;
  readonly from: number;
  readonly bytes?: number;
  readonly next?: string;
}): string[] {
  const partial = size % 8 === 0 ? [] : [`0${size % 8}`];
  const shadow = [...Array.from({ length: Math.floor(size / 8) }, () => '00'), ...partial];
  const fill = Array.from({ length: 8 - shadow.length }, () => 'fc');
  const rest = Array.from({ length: 8 }, () => next);
  const place = from < size ? `${from} bytes inside of` : `${from - size} bytes to the right of`;
  return [
    'BUG: KASAN: slab-out-of-bounds in ring_copy+0x48/0x90',
    `Write of size ${bytes} at addr ${(0xffff888012345680n + BigInt(from)).toString(16)} by task feeder/417`,
    'CPU: 1 UID: 0 PID: 417 Comm: feeder Not tainted 6.13.0 #1',
    'Call Trace:',
    ' ring_copy+0x48/0x90',
    '',
    'The buggy address belongs to the object at ffff888012345680',
    ' which belongs to the cache kmalloc-64 of size 64',
    `The buggy address is located ${place}`,
    ` allocated ${size}-byte region [ffff888012345680, ${(0xffff888012345680n + BigInt(size)).toString(16)})`,
    '',
    'Memory state around the buggy address:',
    row('ffff888012345580', sixteen('fc')),
    row('ffff888012345600', sixteen('fc')),
    row('ffff888012345680', [...shadow, ...fill, ...rest].join(' '), '>'),
    `${' '.repeat(19 + 3 * Math.floor(size / 8))}^`,
    row('ffff888012345700', sixteen(next)),
    row('ffff888012345780', sixteen('fc')),
  ];
}

const AREA = without(
  without(without(HARDWARE, 'The buggy address belongs to the object'), 'Allocated by'),
  'Freed by',
).flatMap((line) =>
  line.startsWith('The buggy address belongs to the phys')
    ? [
        'The buggy address belongs to a 2-page vmalloc region starting at 0xf4ff000012c41000 allocated at ring_init+0x4/0x8',
        line,
      ]
    : [line],
);

const DRIVER_PAGE = replaced(
  replaced(GENERIC_PAGE, ' __kmalloc_large_node', ' alloc_pages_noprof+0x8/0x10'),
  'page_owner',
  'page_owner tracks the page as freed',
);
const SINGLE_PAGE = DRIVER_PAGE.map((line) => line.replace('order 3', 'order 0'));

const CHANCE = 13 / 14;
type Values = Readonly<Record<string, number | readonly [low: number, high: number]>>;
const everywhere = (value: number): Values =>
  Object.fromEntries(
    [
      'series',
      'default-untagged',
      'tag-only-on-alloc',
      'tag-only-on-alloc-poison-pages',
      'tag-on-free',
      'skip-large-kmalloc',
      'sample=10,order=3',
    ].map((name) => [name, value]),
  );

/**
 * What each policy makes of each kind, worked out by hand from the rules of Linux 7.3 and of the proposals: a pointer has
 * its memory's tag; freed memory has the poison, keeps its tag, or gets a new one; two tags are equal once in 14.
 */
const TABLE: readonly (readonly [what: string, log: readonly string[], bug: string, name: string, values: Values])[] = [
  [
    'slab, freed and not given out again',
    HARDWARE,
    'use after free, at once',
    'slab-object',
    { ...everywhere(1), 'tag-only-on-alloc': 0, 'tag-only-on-alloc-poison-pages': 0, 'tag-on-free': CHANCE },
  ],
  [
    'slab, given out again',
    hardware({ type: 'slab-use-after-free', memory: 'f9', object: OTHERS }),
    'use after free, after reuse',
    'slab-object',
    everywhere(CHANCE),
  ],
  [
    'slab, the own redzone, by tags',
    hardware({ type: 'slab-out-of-bounds', memory: 'fe', object: REDZONE, caret: 6 }).map((line) =>
      line.replace('f4ff000012c41310', 'f4ff000012c41360'),
    ),
    'overflow into own redzone',
    'slab-object',
    everywhere(1),
  ],
  [
    'slab, into a live neighbour',
    hardware({ type: 'invalid-access', memory: 'f9', object: OTHERS, before: sixteen('f4') }),
    'overflow into live memory',
    'slab-object',
    everywhere(CHANCE),
  ],
  [
    'slab, into a freed neighbour',
    hardware({ type: 'invalid-access', memory: 'fe', object: FREED, before: sixteen('f4') }),
    'overflow into freed memory',
    'slab-object',
    { ...everywhere(1), 'tag-only-on-alloc': CHANCE, 'tag-only-on-alloc-poison-pages': CHANCE, 'tag-on-free': CHANCE },
  ],
  [
    'slab, within the last granule: 20 bytes have granules 0 and 1, and byte 24 is in 1',
    generic({ size: 20, from: 24 }),
    'overflow within the granule',
    'slab-object',
    everywhere(0),
  ],
  [
    'slab, byte 32 of 20 is the first granule of the redzone',
    generic({ size: 20, from: 32 }),
    'overflow into own redzone',
    'slab-object',
    everywhere(1),
  ],
  [
    'slab, an access that begins inside and ends in the redzone',
    generic({ size: 20, from: 16, bytes: 24 }),
    'overflow into own redzone',
    'slab-object',
    everywhere(1),
  ],
  [
    'slab, byte 64 of a full kmalloc-64, the next object in use',
    generic({ size: 64, from: 64, next: '00' }),
    'overflow into live memory',
    'slab-object',
    everywhere(CHANCE),
  ],
  [
    'slab, freed twice',
    replaced(
      replaced(HARDWARE, 'Read at', 'Free of addr f4ff000012c41300 by task feeder/417'),
      'BUG: KASAN',
      'BUG: KASAN: double-free in ring_close+0x1/0x2 [ring]',
    ),
    'double free',
    'slab-object',
    { ...everywhere(1), 'tag-only-on-alloc': 0, 'tag-only-on-alloc-poison-pages': 0, 'tag-on-free': CHANCE },
  ],
  [
    'a page, freed',
    SINGLE_PAGE,
    'use after free, at once',
    'driver/other',
    { ...everywhere(1), 'default-untagged': 0, 'tag-only-on-alloc': 0, 'tag-on-free': CHANCE },
  ],
  [
    'eight pages, freed: one of ten is tagged when they are sampled',
    DRIVER_PAGE,
    'use after free, at once',
    'driver/other',
    {
      ...everywhere(1),
      'default-untagged': 0,
      'tag-only-on-alloc': 0,
      'tag-on-free': CHANCE,
      'sample=10,order=3': [CHANCE / 10, 0.1],
    },
  ],
  [
    'a large kmalloc, freed',
    GENERIC_PAGE,
    'use after free, at once',
    'kmalloc-large',
    {
      ...everywhere(1),
      'tag-only-on-alloc': 0,
      'tag-on-free': CHANCE,
      'skip-large-kmalloc': 0,
      'sample=10,order=3': [CHANCE / 10, 0.1],
    },
  ],
  [
    'vmalloc, behind what was asked for',
    AREA,
    'overflow into own redzone',
    'vmalloc',
    { ...everywhere(1), 'default-untagged': 0 },
  ],
  ['a variable of a stack frame', GENERIC_STACK, 'overflow into next variable', 'kernel-stack', everywhere(0)],
];

describe('what policies make of the bugs of reports', () => {
  test.each(TABLE)('%s', (_what, log, bug, name, values) => {
    const report = explained(log);
    expect(report.bug).toBe(bug);
    expect(report.class).toBe(name);
    for (const [policy, value] of Object.entries(values)) {
      const verdict = report.policies.find((candidate) => candidate.policy === policy);
      const [low, high] = typeof value === 'number' ? [value, value] : value;
      expect(verdict?.low, `${policy}, at least`).toBeCloseTo(low, 9);
      expect(verdict?.high, `${policy}, at most`).toBeCloseTo(high, 9);
    }
  });

  test('the words for a change: kept, less, missed, never', () => {
    const changes = new Map(explained(HARDWARE).policies.map(({ policy, change }) => [policy, change]));
    expect(changes.get('series')).toBe('kept');
    expect(changes.get('tag-on-free')).toBe('less');
    expect(changes.get('tag-only-on-alloc')).toBe('missed');
    expect(explained(GENERIC_STACK).policies.every(({ change }) => change === 'never')).toBe(true);
  });

  test('other parameters: write_only misses the read; asymm takes a read at once and a write later', () => {
    const read = explained(HARDWARE).parameters;
    expect(read.writeOnly.value).toBe(0);
    expect(read.async).toContain('later');
    expect(read.asymm).toContain('at once');
    const write = explained(HARDWARE.map((line) => line.replace(/^Read at/, 'Write at'))).parameters;
    expect(write.writeOnly.value).toBe(1);
    expect(write.asymm).toContain('later');
  });
});

describe('what a report tells, and what it does not', () => {
  test('a page without page_owner: the class is not decidable, and it is said what would decide it', () => {
    const from = GENERIC_PAGE.findIndex((line) => line.startsWith('page_owner'));
    const report = explained(GENERIC_PAGE.toSpliced(from, 8));
    expect(report.class).toBe('unknown');
    expect(report.caught.value).toBeNull();
    expect(report.undecided.join(' ')).toContain('page_owner=on');
    expect(report.policies.find(({ policy }) => policy === 'series')?.change).toBe('undecidable');
  });

  test('a pointer that was checked shows that its kernel tagged the page, whoever has it', () => {
    const page = without(
      without(without(HARDWARE, 'The buggy address belongs to the object'), 'Allocated by'),
      'Freed by',
    );
    const freed = replaced(
      replaced(page, 'page_type'),
      'page: ',
      'page: refcount:0 mapcount:0 mapping:0000000000000000 index:0x0 pfn:0x52c41',
    );
    const common = replaced(freed, 'BUG: KASAN', 'BUG: KASAN: invalid-access in ring_peek+0x48/0x90 [ring]');
    expect(explained(common)).toMatchObject({ class: 'unknown', bug: 'use after free, at once', caught: { value: 1 } });
  });

  test('a page of a table that a tagged pointer reaches, before the series and with it', () => {
    const page = without(
      without(without(HARDWARE, 'The buggy address belongs to the object'), 'Allocated by'),
      'Freed by',
    );
    const owner = [
      'page_owner tracks the page as freed',
      'page last allocated via order 0, migratetype Unmovable, gfp_mask 0x400dc0(GFP_KERNEL_ACCOUNT|__GFP_ZERO), pid 9, tgid 9 (vm), ts 1',
      ' post_alloc_hook+0x240/0x2a0',
      ' pte_alloc_one+0x1/0x2',
    ];
    const log = replaced(page, 'page_type').flatMap((line) =>
      line.startsWith('page dumped') ? [line, ...owner] : [line],
    );
    const old = replaced(log, 'CPU: ', 'CPU: 3 PID: 417 Comm: feeder Not tainted 6.1.99-android14 #1');
    const report = explained(old);
    expect(report).toMatchObject({ class: 'page-table', ownPolicy: 'before-series', caught: { value: 1 } });
    expect(report.policies.find(({ policy }) => policy === 'series')?.change).toBe('missed');
    // By a report of generic KASAN nobody knows the pointer: the kernel itself goes by one that matches all.
    expect(
      explained(replaced(old, 'Pointer tag').map((line) => line.replace('Read at', 'Read of size 8 at'))),
    ).toMatchObject({
      mode: 'generic',
      caught: { value: 0 },
    });
  });

  test.each([
    ['SLAB_TYPESAFE_BY_RCU: a freed object keeps its tag', 'TCP', 0],
    ['a constructor: it is poisoned when it is freed', 'ext4_inode_cache', 1],
    ['neither', 'dentry', 1],
  ])('an object of a cache with %s', (_what, cache, value) => {
    const report = explained(HARDWARE.map((line) => line.replace('kmalloc-128', cache)));
    expect(report.caught.value).toBe(value);
    expect(report.classEvidence).toContain(cache);
  });

  test('the kernel and the mode, and what told them', () => {
    expect(explained(HARDWARE)).toMatchObject({ kernel: '7.3.0-ring', mode: 'hw-tags', ownPolicy: 'series' });
    expect(explained(GENERIC_4_9)).toMatchObject({ kernel: '4.9.60', mode: 'generic', ownPolicy: 'before-series' });
    const software = replaced(
      replaced(HARDWARE, 'Pointer tag', 'Pointer tag: [04], memory tag: [7c]'),
      'Read at',
      'Read of size 8 at addr 04ff000012c41310 by task a/1',
    );
    expect(explained(software).mode).toBe('sw-tags');
    const untold = explained(['BUG: KASAN: null-ptr-deref in f+0x1/0x2', 'Read at addr 0000000000000010 by task a/1'], {
      release: '6.6.1',
      kasan: 'initialized (generic)',
    });
    expect(untold).toMatchObject({ kernel: '6.6.1', mode: 'generic', bug: 'wild access' });
    expect(untold.kernelEvidence).toContain('Linux version');
  });

  test('what was read is in the result: stacks with modules and offsets, the page, the rows', () => {
    const { parts } = explained(HARDWARE);
    expect(parts.callTrace.at(-1)).toMatchObject({
      function: 'ring_peek',
      offset: 0x48,
      size: 0x90,
      module: 'ring',
      mark: 'P',
    });
    expect(parts.allocated).toMatchObject({ pid: 402, available: true });
    expect(parts.freed?.frames.map((frame) => frame.function)).toEqual(['kasan_save_stack', 'ring_close']);
    expect(parts.page).toMatchObject({ pfn: 0x52c41, kasantag: 0 });
    expect(parts.rows[2]).toMatchObject({ base: 'ffff000012c41300', marked: true, guilty: 1 });
    expect(explained(GENERIC_4_9).parts.freed).toEqual({ pid: 0, available: false, frames: [] });
  });

  test('cut off before the object, the type of the bug still tells the class', () => {
    expect(explained(HARDWARE.slice(0, 12))).toMatchObject({ class: 'slab-object', bug: 'use after free, at once' });
  });

  test('before 6.4 the requested size is not told: the rows show it', () => {
    expect(explained(GENERIC_4_9)).toMatchObject({ bug: 'overflow into own redzone', class: 'slab-object' });
    expect(explained(GENERIC_4_9).granules.join(' ')).toContain('16 bytes were asked for');
  });

  test('a report of something that is known to be no bug', () => {
    const krealloc = hardware({ type: 'slab-out-of-bounds', memory: 'fe', object: REDZONE, caret: 6 }).map((line) =>
      line
        .replace('ring_peek+0x48/0x90 [ring]', '__memset+0x84/0x188')
        .replace('Read at', 'Write at')
        .replace('7.3.0-ring', '6.12.1'),
    );
    const at = krealloc.findIndex((line) => line.startsWith(' __memset'));
    const report = explained(krealloc.toSpliced(at + 1, 0, ' krealloc_noprof+0x10/0x20'));
    expect(report.notABug).toMatchObject({ source: expect.stringContaining('704573851b51') });
    expect(explained(HARDWARE).notABug).toBeNull();
  });

  test('an asynchronous fault tells neither class nor kind', () => {
    const report = explained([
      'BUG: KASAN: invalid-access',
      'Asynchronous fault: no details available',
      '',
      'CPU: 0 UID: 0 PID: 3 Comm: a Not tainted 7.3.0 #1',
      'Call trace:',
      ' mte_check_tfsr_el1+0x1/0x2',
    ]);
    expect(report).toMatchObject({ mode: 'hw-tags', class: 'unknown', bug: 'unknown', caught: { value: null } });
    expect(report.undecided.join(' ')).toContain('kasan.mode=sync');
  });
});

describe('policies that look at more than the class', () => {
  const skipping = (match: PolicyMatch): Policy => ({
    ...named('all'),
    name: 'skipping',
    rules: [{ match, action: 'skip' }],
    otherwise: 'tag',
  });
  const verdict = (log: readonly string[], match: PolicyMatch) => {
    const { reports } = parseReports(log);
    const { report } = new Explainer({
      policies: [skipping(match)],
      from: undefined,
      beforeSeries: named('before-series'),
      series: named('series'),
    }).explain(reports[0], {});
    const [{ change, why }] = report.policies;
    return { change, why, undecided: report.undecided.join(' ') };
  };

  test('page_owner tells order, mask, command and stack: decided', () => {
    expect(verdict(DRIVER_PAGE, { order: { min: 3 } }).change).toBe('missed');
    expect(verdict(DRIVER_PAGE, { order: { min: 4 } }).change).toBe('kept');
    expect(verdict(SINGLE_PAGE, { order: { min: 1 } }).change).toBe('kept');
    expect(verdict(SINGLE_PAGE, { gfp: ['__GFP_DMA'] }).change).toBe('kept');
  });

  test('without it a policy that looks at the order is not decidable, and what would tell is said', () => {
    const page = without(SINGLE_PAGE, 'page_owner');
    const { change, undecided } = verdict(page, { order: { min: 1 } });
    expect(change).toBe('undecidable');
    expect(undecided).toContain('the order');
    expect(undecided).toContain('page_owner=on');
  });

  test('the stored stack of an object tells the site; nothing tells its mask', () => {
    expect(verdict(HARDWARE, { site: ['ring_*'] }).change).toBe('missed');
    expect(verdict(HARDWARE, { site: ['tcp_*'] }).change).toBe('kept');
    expect(verdict(HARDWARE, { gfp: ['__GFP_ZERO'] })).toMatchObject({
      change: 'undecidable',
      why: expect.stringContaining('the gfp mask') as string,
    });
    expect(verdict(without(HARDWARE, 'Allocated by'), { site: ['tcp_*'] }).change).toBe('undecidable');
  });

  test('an object has no order, whatever that of its slab', () => {
    expect(verdict(HARDWARE, { order: { min: 1 } }).change).toBe('kept');
  });
});

describe('reports of which little is left', () => {
  const head = HARDWARE.slice(
    HARDWARE.findIndex((line) => line.startsWith('BUG')),
    HARDWARE.findIndex((line) => line.startsWith('Pointer tag')) + 1,
  ).map((line) => line.replace('slab-use-after-free', 'invalid-access'));

  test('poison is freed memory or a redzone, of a page or an object: what a policy makes of it may hang on that', () => {
    const report = explained(head);
    expect(report.class).toBe('unknown');
    expect(report.bugs).toEqual(['use after free, at once', 'overflow into own redzone']);
    const changeOf = (name: string) => report.policies.find(({ policy }) => policy === name)?.change;
    expect(report.caught.value).toBe(1);
    expect(changeOf('tag-only-on-alloc')).toBe('undecidable');
    expect(changeOf('default-untagged')).toBe('undecidable');
    expect(changeOf('series')).toBe('kept');
  });

  test('another tag is that of the next owner or of a neighbour', () => {
    expect(explained(head.map((line) => line.replace('memory tag: [fe]', 'memory tag: [f7]'))).bugs).toEqual([
      'use after free, after reuse',
      'overflow into live memory',
    ]);
  });

  test('tags are enough where the address was struck out', () => {
    const report = explained(
      head.map((line) => line.replace(/^(?:Read|Write) at .*/, 'Read at addr XXXX by task DELETED')),
    );
    expect(report.bugs).toEqual(['use after free, at once', 'overflow into own redzone']);
    expect(report).toMatchObject({ unread: [], access: { kind: expect.any(String), address: null } });
  });
});

test('a report on kasan-dev of January 2026: the area of vrealloc, before and after it was mended', () => {
  const of = (release: string) =>
    explained(
      [
        'BUG: KASAN: invalid-access in bpf_patch_insn_data+0x22c/0x2f0',
        'Write of size 27896 at addr 25ffffc08e6314d0 by task loader/825',
        'Pointer tag: [25], memory tag: [fa]',
        '',
        `CPU: 4 UID: 0 PID: 825 Comm: loader Not tainted ${release} #1`,
        'Call trace:',
        ' __asan_memmove+0x54/0x88',
        ' bpf_patch_insn_data+0x22c/0x2f0',
      ],
      {},
    ).notABug?.name;
  expect(of('6.18.0-rc6')).toContain('vrealloc');
  expect(of('7.3.0')).toBeUndefined();
  expect(of('6.12.1')).toBeUndefined();
});
