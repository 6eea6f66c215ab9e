import { describe, expect, it } from 'vitest';
import { dumpEvents } from '../../trace/dump.testdata.ts';
import { bytesOf } from '../text/reading.testdata.ts';
import { callchain, line, pageFree, readBytes, readLines } from './reading.testdata.ts';

/** The stack of each event, by its key. */
const stacksOf = (lines: readonly string[]): { readonly [key: string]: readonly string[] | undefined } =>
  Object.fromEntries(dumpEvents(readLines(lines)).map(({ key, stack }) => [key, stack]));

describe('how frames are printed', () => {
  it.each([
    ['symbol, offset and file', '\tffffffff816365b7 kmem_cache_alloc_noprof+0x227 ([kernel.kallsyms])'],
    ['no offset', '\tffffffff816365b7 kmem_cache_alloc_noprof'],
    ['a module', '\tffffffffc06365b7 kmem_cache_alloc_noprof+0x227 ([ext4])'],
    ['a vmlinux', '\tffff800080636500 kmem_cache_alloc_noprof+0x227 (/usr/lib/debug/boot/vmlinux-6.18)'],
    ['blanks in the place of the tab', '        ffffffff816365b7 kmem_cache_alloc_noprof+0x227 ([kernel.kallsyms])'],
  ])('%s', (_name, frame) => {
    expect(stacksOf([pageFree(1), frame, '', pageFree(2)])).toEqual({
      '0x1': ['kmem_cache_alloc_noprof'],
      '0x2': undefined,
    });
  });

  it('leaves out frames of user space and those without a name', () => {
    const lines = [
      pageFree(1),
      '\tffffffff816365b7 a+0x227 ([kernel.kallsyms])',
      '\tffffffff816365b8 [unknown] ([kernel.kallsyms])',
      '\tffffffff816365b9 b+0x227 ([kernel.kallsyms])',
      '\t           f8090 __GI___libc_open+0xd0 (/usr/lib/x86_64-linux-gnu/libc.so.6)',
      '\t75746174732f3833 [unknown] ([unknown])',
      '',
    ];
    expect(stacksOf(lines)).toEqual({ '0x1': ['a', 'b'] });
  });

  it('gives no stack where no frame has a name: it would tell nothing, and hide that', () => {
    expect(stacksOf([pageFree(1), '\tffffffff816365b7 [unknown] ([kernel.kallsyms])', ''])).toEqual({
      '0x1': undefined,
    });
  });
});

describe('whose a callchain is', () => {
  it('the event’s above it', () => {
    const lines = [pageFree(1), ...callchain(['a', 'b']), pageFree(2), ...callchain(['c']), pageFree(3)];
    expect(stacksOf(lines)).toEqual({ '0x1': ['a', 'b'], '0x2': ['c'], '0x3': undefined });
  });

  it('nobody’s, above the first event', () => {
    const table = readLines([...callchain(['a']), pageFree(1)]);
    expect(dumpEvents(table)[0].stack).toBeUndefined();
    expect(table.losses.orphanStacks).toBe(1);
  });

  it.each([
    ['is not kept', line('kmem:rss_stat: mm_id=1')],
    ['cannot be read', line('kmem:mm_page_free: page=0x1 order=0')],
  ])('that of an event that %s goes with it', (_name, other) => {
    const table = readLines([pageFree(1), other, ...callchain(['a']), pageFree(2)]);
    expect(dumpEvents(table).map(({ stack }) => stack)).toEqual([undefined, undefined]);
    expect(table.losses.orphanStacks).toBe(0);
  });
});

it('a callchain of any length is cut at the same frame however the input comes', () => {
  const frames = Array.from({ length: 2000 }, (_, n) => `\tffffffff816365b7 f${n}+0x1 ([kernel.kallsyms])\n`).join('');
  const data = bytesOf(`${pageFree(1)}\n${frames}\n${pageFree(2)}\n`);
  const expected = dumpEvents(readBytes(data));
  expect(expected).toHaveLength(2);
  expect(expected[0].stack).toHaveLength(512);
  for (const chunk of [1000, 65_537]) expect(dumpEvents(readBytes(data, chunk))).toEqual(expected);
});
