import { describe, expect, test } from 'vitest';
import { explained } from './explained.testdata.ts';

describe('reports of the mailing lists, of which parts are left out', () => {
  const title = 'BUG: KASAN: slab-out-of-bounds in ring_copy+0x48/0x90';

  test('out of bounds of an object that nothing shows: all that it may be', () => {
    const { bug, bugs, caught, undecided } = explained([title, 'Read of size 4 at addr ffff888006560000 by task a/23']);
    expect(bug).toBe('out of bounds of an object');
    expect(bugs).toContain('overflow within the granule');
    expect(bugs).toContain('underflow into freed memory');
    expect(caught).toMatchObject({ value: null, low: 0, high: 1 });
    expect(undecided.join(' ')).toContain('How far out of bounds');
  });

  test('tags that caught it show more than a granule: surely noticed by 13/14 at least', () => {
    const { mode, bugs, caught } = explained([title, 'Read at addr fcff19f30000d91c by task a/23']);
    expect(mode).toBe('hw-tags');
    expect(bugs).not.toContain('overflow within the granule');
    expect(caught).toMatchObject({ value: null, low: 13 / 14, high: 1 });
  });

  test('out of bounds of an area, without rows: behind what was asked for, behind the area, or it is gone', () => {
    const { class: name, bugs } = explained([
      'BUG: KASAN: vmalloc-out-of-bounds in ring_init+0x447/0x5f0',
      'Write of size 8 at addr ffffc90002437098 by task a/2034',
    ]);
    expect(name).toBe('vmalloc');
    expect(bugs).toEqual(['overflow into own redzone', 'overflow behind the area', 'use after free, at once']);
  });

  test('stacks of who allocated and freed are those of an object', () => {
    const {
      class: name,
      classEvidence,
      caught,
    } = explained([
      'BUG: KASAN: use-after-free in ring_put+0x75b/0xa90',
      'Read of size 1 at addr ffff88801bb59540 by task a/26',
      'Freed by task 258:',
      ' kfree+0x117/0x4c0',
      ' ring_release+0xa0/0x110',
    ]);
    expect([name, classEvidence]).toEqual(['slab-object', expect.stringContaining('stacks')]);
    expect(caught.value).toBe(1);
  });

  test('a test of another KUnit suite shows a bug of its own', () => {
    const { classEvidence, bug } = explained([
      title,
      'Write of size 8 at addr ffff0000c8149800 by task kunit_try_catch/1297',
      'Call trace:',
      ' ring_copy+0x48/0x90',
      ' _test_fill_silence+0xdc/0x298',
      ' kunit_try_run_case+0x144/0x3bc',
    ]);
    expect(classEvidence).not.toContain('KUnit');
    expect(bug).toBe('out of bounds of an object');
  });

  test('the mode: by the handler of the fault, and by the line of tags that a free lacks', () => {
    const frames = ['Call trace:', ' do_tag_check_fault+0x74/0x90', ' ring_copy+0x48/0x90'];
    expect(explained(['BUG: KASAN: invalid-access in ring_copy+0x48/0x90', ...frames]).mode).toBe('hw-tags');
    const free = ['BUG: KASAN: double-free in ring_show+0x307/0x3c0', 'Free of addr ffff88812d318000 by task a/1564'];
    expect(explained([...free, 'Call Trace:', ' kfree+0x116/0x350']).mode).toBe('generic');
    expect(explained(free).mode).toBe('unknown');
  });

  test('a chunk of per-CPU memory that SW_TAGS gave several tags, before it was mended', () => {
    const lines = (release: string): string[] => [
      'BUG: KASAN: invalid-access in pcpu_alloc_noprof+0x42c/0x9a8',
      'Write of size 528 at addr ddfffd7fbdc00000 by task systemd/1',
      'Pointer tag: [dd], memory tag: [ca]',
      `CPU: 108 UID: 0 PID: 1 Comm: systemd Not tainted ${release} #1`,
      'Call trace:',
      ' __asan_memset+0x30/0x68',
      ' pcpu_alloc_noprof+0x42c/0x9a8',
    ];
    expect(explained(lines('6.17.0-rc2')).notABug?.name).toContain('per-CPU');
    expect(explained(lines('7.1.0')).notABug).toBeNull();
  });
});
