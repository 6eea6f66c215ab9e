import { describe, expect, test } from 'vitest';
import { REAL_LOGS, realLog } from '../../../test/real-logs.testdata.ts';
import { formatReport } from './format.ts';
import { parseFrame } from './frame.ts';
import { textOfLogLine } from './log-line.ts';
import { GENERIC_4_4, GENERIC_4_9, GENERIC_PAGE, GENERIC_STACK, HARDWARE, replaced, without } from './logs.testdata.ts';
import { only, WHOLE } from './only-report.testdata.ts';
import { parseReports } from './parse.ts';

describe('reports of a real kernel (cases/kasan-reports)', () => {
  test.each(REAL_LOGS)('$name: every report is read whole', ({ name, reports: expected }) => {
    const { reports, broken } = parseReports(realLog(name));
    expect(broken).toEqual([]);
    expect(reports.length).toBe(expected);
    expect(reports.flatMap(({ unread }) => unread)).toEqual([]);
    expect(reports.flatMap(({ missing }) => missing)).toEqual([]);
  });

  test.each(REAL_LOGS)('$name: formatted again, each is the text of the log', ({ name }) => {
    const lines = realLog(name);
    for (const { line, report } of parseReports(lines).reports) {
      const text = formatReport(report);
      const from = line - 2;
      expect(text).toEqual(lines.slice(from, from + text.length).map(textOfLogLine));
    }
  });

  test('what a reader of a report looks for is found: kmalloc_oob_right, the first report of the run', () => {
    const [{ report }] = parseReports(realLog('patched-sync-max')).reports;
    expect(report).toMatchObject({
      kind: 'access',
      bugType: 'slab-out-of-bounds',
      access: { kind: 'write', size: 0, comm: 'kunit_try_catch', pid: 34 },
      tags: { pointer: 0xf5, memory: 0xfe },
      object: { cache: 'kmalloc-128', position: 'to the right', distance: 0, regionSize: 112 },
      page: { kasantag: 0, pageType: { byte: 0xf5, name: 'slab' } },
      memory: { marked: 2, guilty: 7 },
    });
  });
});

describe('what kernels since 4.4 write otherwise', () => {
  test('no user id in the line of the CPU (before 6.11)', () => {
    const lines = replaced(HARDWARE, 'CPU: ', 'CPU: 3 PID: 417 Comm: feeder Not tainted 6.1.138-android14-11 #1');
    const { report } = only(lines);
    expect(report.dump).toMatchObject({
      cpu: 3,
      pid: 417,
      comm: 'feeder',
      status: 'Not tainted 6.1.138-android14-11 #1',
    });
    expect(report.dump).not.toHaveProperty('uid');
  });

  test('x86: `Call Trace:`; ` <TASK>` and registers are no frames', () => {
    const { report } = only(GENERIC_PAGE);
    expect(report.dump?.callTrace.map(parseFrame).map((frame) => frame.function)).toEqual([
      'dump_stack_lvl',
      'pool_walk',
      'pool_first',
      'pool_lookup',
    ]);
    expect(report.dump?.asides).toHaveLength(4);
  });

  test('symbolised: the last title is that of the kernel, the others are inlined functions', () => {
    expect(only(GENERIC_PAGE)).toMatchObject({
      ...WHOLE,
      report: {
        symbol: 'pool_lookup+0x77a/0x9b0 drivers/pool/pool.c:210',
        inlined: ['pool_first include/pool.h:31 [inline]'],
      },
    });
  });

  test('page_owner: how the page was allocated, and the stacks', () => {
    expect(only(GENERIC_PAGE).report.page?.owner).toEqual({
      state: 'freed',
      order: 3,
      migrateType: 'Unmovable',
      gfpMask: '0x52dc0',
      gfp: ['GFP_KERNEL', '__GFP_NOWARN', '__GFP_COMP', '__GFP_ZERO'],
      pid: 42,
      tgid: 41,
      comm: 'a (b) c',
      timestamp: '72961949866',
      freeTimestamp: '12',
      allocated: ['post_alloc_hook+0x240/0x2a0', '__kmalloc_large_node+0x8b/0x1d0', 'pool_create+0x20/0x40'],
      freed: ['__free_frozen_pages+0xbc4/0xd30', 'pool_destroy+0x10/0x30'],
      freedByPid: 55,
      freedByTgid: 54,
    });
  });

  test('page_owner of 5.x: no tgid, no comm, the free stack without a task', () => {
    const lines = replaced(
      replaced(GENERIC_PAGE, 'page last free', 'page last free stack trace:'),
      'page last allocated',
      'page allocated via order 0, migratetype Movable, gfp_mask 0x100cca(GFP_HIGHUSER_MOVABLE), pid 9, ts 1',
    );
    expect(only(lines)).toMatchObject({
      ...WHOLE,
      report: { page: { owner: { order: 0, gfp: ['GFP_HIGHUSER_MOVABLE'], pid: 9, freed: expect.any(Array) } } },
    });
  });

  test('a wrong free has a title with blanks and no line for the access (to 6.1); its address follows from the object', () => {
    const lines = replaced(
      replaced(HARDWARE, 'Read at addr'),
      'BUG: KASAN',
      'BUG: KASAN: double-free or invalid-free in kfree+0x9c/0x150',
    );
    expect(only(lines)).toMatchObject({
      ...WHOLE,
      report: {
        bugType: 'double-free or invalid-free',
        symbol: 'kfree+0x9c/0x150',
        access: { kind: 'free', address: 0xffff000012c41310n },
      },
    });
  });

  test('the address in the title, the object in one line, the task below "Allocated:" (4.8 to 4.11)', () => {
    const { report, ...found } = only(GENERIC_4_9);
    expect(found).toMatchObject(WHOLE);
    expect(found.kernels).toEqual({ since: { major: 4, minor: 6 }, before: { major: 4, minor: 12 } });
    expect(report).toMatchObject({
      bugType: 'slab-out-of-bounds',
      symbol: 'ring_peek+0x48/0x90',
      access: { kind: 'read', size: 4, address: 0xffff8801d2345694n, comm: 'feeder', pid: 417 },
      object: { cache: 'kmalloc-64', objectSize: 64, position: 'inside', distance: 20 },
      allocated: { pid: 402, frames: ['[<ffffffff8165fc37>] ring_open+0x20/0x40'] },
      freed: { pid: 0, frames: [], unavailable: true },
      memory: { marked: 2, guilty: 2 },
    });
  });

  test('SLUB tells of the object (4.4 to 4.7)', () => {
    const { report, ...found } = only(GENERIC_4_4);
    expect(found).toMatchObject(WHOLE);
    expect(report).toMatchObject({
      object: { address: 0xffff8800b2345680n, cache: 'kmalloc-32', objectSize: 32, position: 'inside', distance: 16 },
      allocated: { pid: 402, frames: ['ring_open+0x20/0x40', '___slab_alloc+0x4c7/0x4f0', 'ring_open+0x20/0x40'] },
      freed: { pid: 417 },
    });
  });

  test.each([
    [
      '4.x',
      'page:ffffea000048d000 count:1 mapcount:0 mapping:          (null) index:0x0 compound_mapcount: 0',
      undefined,
    ],
    ['5.0 to 5.9', 'page:ffffea000048d000 refcount:1 mapcount:0 mapping:0000000000000000 index:0x0', undefined],
    [
      '5.10 to 6.9',
      'page:00000000ab12cd34 refcount:1 mapcount:0 mapping:0000000000000000 index:0x0 pfn:0x52c41',
      0x52c41,
    ],
    ['early in the boot', 'page:(ptrval) refcount:1 mapcount:0 mapping:00000000 index:0x0 pfn:0x52c41', 0x52c41],
  ])('the page of %s', (_version, line, pfn) => {
    const lines = replaced(
      replaced(HARDWARE, 'page: ', line),
      'The buggy address belongs to the phys',
      'The buggy address belongs to the page:',
    );
    const { report, ...found } = only(lines);
    expect(found).toMatchObject(WHOLE);
    expect(report.page).toMatchObject({ refcount: 1, mapcount: 0, index: '0x0' });
    expect(report.page?.pfn).toBe(pfn);
  });

  test('head of a large folio, memory cgroup and mapping (5.10 and later)', () => {
    const details = [
      'head:00000000ab12cd34 order:3 compound_mapcount:0 compound_pincount:0',
      'memcg:ffff000003456780',
      'aops:ext4_da_aops ino:2a dentry name:"core"',
    ];
    const lines = HARDWARE.flatMap((line) => (line.startsWith('flags:') ? [...details, line] : [line]));
    expect(only(lines)).toMatchObject({ ...WHOLE, report: { page: { details } } });
  });

  test.each([
    ['a name', 'page_type: 0xffffff7f(buddy)', { byte: 0xffff_ff7f, name: 'buddy' }],
    ['none', 'page_type: 0xffffffff()', { byte: 0xffff_ffff, name: '' }],
  ])('the whole field as the type of a page (6.6 to 6.11), with %s', (_what, line, pageType) => {
    expect(only(replaced(HARDWARE, 'page_type:', line))).toMatchObject({ ...WHOLE, report: { page: { pageType } } });
  });

  const area = without(
    without(without(HARDWARE, 'The buggy address belongs to the object'), 'Allocated by'),
    'Freed by',
  );
  const withArea = (...lines: readonly string[]): string[] =>
    area.flatMap((line) => (line.startsWith('The buggy address belongs to the phys') ? [...lines, line] : [line]));

  test.each([
    [
      '5.19 to 6.15',
      [
        'The buggy address belongs to the virtual mapping at',
        ' [ffff800081000000, ffff800081005000) created by:',
        ' ring_init+0x40/0x80',
        '',
      ],
      { start: 0xffff800081000000n, end: 0xffff800081005000n, allocatedAt: 'ring_init+0x40/0x80' },
    ],
    ['6.13 to 6.16', ['The buggy address ffff800081004000 belongs to a vmalloc virtual mapping'], 'mapping'],
    [
      '7.3',
      [
        'The buggy address belongs to a 2-page vmalloc region starting at 0xf8ff800081004000 allocated at ring_init+0x4/0x8',
      ],
      { pages: 2, start: 0xf8ff800081004000n, allocatedAt: 'ring_init+0x4/0x8' },
    ],
  ])('the vmalloc area of %s', (_version, lines, vmalloc) => {
    expect(only(withArea(...lines))).toMatchObject({ ...WHOLE, report: { vmalloc } });
  });

  test.each([
    ['call_rcu (5.8 and 5.9)', 'Last call_rcu():', 'Second to last call_rcu():'],
    [
      'work (since 5.10)',
      'Last potentially related work creation:',
      'Second to last potentially related work creation:',
    ],
  ])('who queued the object last: %s', (_what, last, secondToLast) => {
    const work = [
      last,
      ' kasan_record_aux_stack+0x84/0xb0',
      ' ring_put+0x10/0x20',
      '',
      secondToLast,
      ' ring_put+0x10/0x20',
      '',
    ];
    const lines = HARDWARE.flatMap((line) =>
      line.startsWith('The buggy address belongs to the object') ? [...work, line] : [line],
    );
    expect(only(lines)).toMatchObject({
      ...WHOLE,
      report: {
        lastWork: ['kasan_record_aux_stack+0x84/0xb0', 'ring_put+0x10/0x20'],
        secondToLastWork: ['ring_put+0x10/0x20'],
      },
    });
  });

  test('a stack that is not available is another thing than one without frames', () => {
    const from = HARDWARE.indexOf('Freed by task 417:');
    const lines = HARDWARE.toSpliced(from, 3, 'Freed by task 0:', '(stack is not available)');
    expect(only(lines)).toMatchObject({ ...WHOLE, report: { freed: { pid: 0, frames: [], unavailable: true } } });
    expect(only(HARDWARE.toSpliced(from + 1, 2)).report.freed).toEqual({ pid: 417, frames: [] });
  });

  test('HW_TAGS of 5.11 prints the pointer tag without its upper nibble; SW_TAGS has all of a byte', () => {
    const lines = replaced(HARDWARE, 'Pointer tag', 'Pointer tag: [04], memory tag: [f1]');
    expect(only(lines).report.tags).toEqual({ pointer: 0xf4, memory: 0xf1 });
    const software = replaced(lines, 'Read at', 'Read of size 8 at addr 04ff000012c41310 by task feeder/417');
    expect(only(software).report.tags).toEqual({ pointer: 0x04, memory: 0xf1 });
  });

  test('the frame of a stack and its variables (5.0 to 5.19)', () => {
    expect(only(GENERIC_STACK)).toMatchObject({
      ...WHOLE,
      report: {
        stack: {
          comm: 'feeder',
          frame: {
            offset: 40,
            symbol: 'ring_copy+0x0/0x90',
            variables: [
              { start: 32, end: 40, name: 'head' },
              { start: 64, end: 72, name: 'tail:31' },
            ],
          },
        },
      },
    });
  });

  test('addresses of 32 bits; frames of arm ("from")', () => {
    const narrow = [
      ...[
        'BUG: KASAN: slab-out-of-bounds in ring_peek+0x48/0x90',
        'Read of size 2 at addr c4f9b2cc by task feeder/417',
        '',
      ],
      ...[
        'CPU: 0 UID: 0 PID: 417 Comm: feeder Not tainted 6.12.0 #1',
        'Call trace: ',
        ' dump_backtrace from show_stack+0x18/0x1c',
      ],
      ...[' ring_peek from ring_read+0x48/0x90', '', 'Memory state around the buggy address:'],
      ...[0xc4f9b180, 0xc4f9b200, 0xc4f9b280, 0xc4f9b300, 0xc4f9b380].flatMap((base) => {
        const marked = base === 0xc4f9b280;
        const row = `${marked ? '>' : ' '}${base.toString(16)}: ${Array.from({ length: 16 }, () => 'fc').join(' ')}`;
        return marked ? [row, `${' '.repeat(11 + 3 * 9)}^`] : [row];
      }),
    ];
    const { report, ...found } = only(narrow);
    expect(found).toMatchObject(WHOLE);
    expect(report).toMatchObject({ is32Bit: true, access: { address: 0xc4f9b2ccn }, memory: { marked: 2, guilty: 9 } });
    expect(report.dump?.callTrace.map(parseFrame).map((frame) => frame.function)).toEqual([
      'dump_backtrace',
      'ring_peek',
    ]);
  });

  test.each([
    [
      'riscv, at the left margin',
      '[<ffffffff80005e9c>] ring_peek+0x48/0x90',
      { function: 'ring_peek', offset: 0x48, size: 0x90 },
    ],
    [
      'powerpc',
      '[c000000004f0b7d0] [c00800000a1a0b2c] ring_peek+0x48/0x90 [ring] (unreliable)',
      { function: 'ring_peek', module: 'ring', reliable: false },
    ],
    ['arm64', ' ring_peek+0x48/0x90 [ring] (P)', { function: 'ring_peek', module: 'ring', mark: 'P', reliable: true }],
    ['x86, a guess', ' ? ring_peek+0x48/0x90', { function: 'ring_peek', reliable: false }],
    [
      'symbolised and inlined',
      ' ring_peek lib/ring.c:12 [inline]',
      { function: 'ring_peek', inlined: true, place: 'lib/ring.c:12' },
    ],
    [
      'a compiler clone of a module with its build id',
      ' peek.part.0+0x1/0x2 [ring 0123456789abcdef]',
      { function: 'peek.part.0', module: 'ring' },
    ],
  ])('a frame of %s', (_what, frame, expected) => {
    const lines = replaced(HARDWARE, ' ring_peek+0x48', frame);
    const { report, ...found } = only(lines);
    expect(found).toMatchObject(WHOLE);
    expect(parseFrame(report.dump?.callTrace.at(-1) ?? '')).toMatchObject(expected);
  });

  test.each([
    [
      'a wild access, before 4.12',
      'BUG: KASAN: wild-memory-access on address dead000000000108',
      'Write of size 8 by task feeder/417',
      0xdead000000000108n,
    ],
    [
      'the address 0, before 4.15',
      'BUG: KASAN: null-ptr-deref on address           (null)',
      'Read of size 4 by task feeder/417',
      0n,
    ],
    [
      'a wild access, since 4.12',
      'BUG: KASAN: null-ptr-deref in f+0x1/0x2',
      'Read of size 4 at addr 0000000000000010 by task feeder/417',
      16n,
    ],
  ])('nothing but title and access: %s', (_what, title, access, address) => {
    const { report } = only([title, access]);
    expect(report.access).toMatchObject({ address, pid: 417 });
  });
});
