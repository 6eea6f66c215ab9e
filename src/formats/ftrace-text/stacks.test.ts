import { describe, expect, it } from 'vitest';
import { dumpEvents } from '../../trace/dump.testdata.ts';
import { bytesOf } from '../text/reading.testdata.ts';
import { line, pageAlloc, readBytes, readLines, stack, type Prefix } from './reading.testdata.ts';

/** Events by pfn with their stacks. */
function stacksOf(lines: readonly string[]): Record<string, readonly string[] | undefined> {
  return Object.fromEntries(dumpEvents(readLines(lines)).map((event) => [event.key, event.stack]));
}

const task: Prefix = { flags: '.....' };
const softirq: Prefix = { flags: '..s1.' };
const hardirq: Prefix = { flags: 'd.h1.' };

describe('how frames are printed', () => {
  it.each([
    ['names', ' => copy_process', 'copy_process'],
    ['offsets (options/sym-offset)', ' => copy_process+0x1d0/0x1718', 'copy_process'],
    ['offsets and addresses (options/sym-addr)', ' => copy_process+0x1d0/0x1718 <ffff800080055d24>', 'copy_process'],
    ['addresses', ' => copy_process <ffff800080055d24>', 'copy_process'],
    ['modules', ' => ext4_map_blocks [ext4]', 'ext4_map_blocks'],
    ['suffixes', ' => invoke_syscall.constprop.0', 'invoke_syscall.constprop.0'],
    ['trace-cmd', '=> copy_process (ffffffff8135275a)', 'copy_process'],
    ['trace-cmd with offsets', '=> copy_process+0x1d0 (ffffffff8135275a)', 'copy_process'],
  ])('%s', (_name, frame, symbol) => {
    const lines = [pageAlloc(1), line('<stack trace>'), frame, ' => kernel_clone'];
    expect(stacksOf(lines)).toEqual({ '0x1': [symbol, 'kernel_clone'] });
  });

  it.each([' => 0xffff800080055d24', '=> ffffffff816365b7', '=> [unknown]'])(
    'leaves out a frame without a name, which would stand for a call site (%s)',
    (frame) => {
      const lines = [pageAlloc(1), line('<stack trace>'), frame, ' => kernel_clone'];
      expect(stacksOf(lines)).toEqual({ '0x1': ['kernel_clone'] });
    },
  );

  it('takes trace-cmd’s entry for a stack', () => {
    const lines = [
      'bench-18516 [000]3663618462334: mm_page_alloc: page=0x1 pfn=0x1 order=0 migratetype=0 gfp_flags=GFP_KERNEL',
      'bench-18516 [000]3663618489975: kernel_stack:         <stack trace >',
      '=> __alloc_pages (ffffffff816365b7)',
      '=> do_syscall_64 (ffffffff821ed511)',
      '',
      'bench-18516 [000]3663618489976: kernel_stack:         <stack trace>',
      '=> nobody (ffffffff816365b7)',
    ];
    const table = readLines(lines);
    expect(dumpEvents(table)[0].stack).toEqual(['__alloc_pages', 'do_syscall_64']);
    expect(table.losses.orphanStacks).toBe(1);
    expect(table.losses.truncatedLines).toBe(0);
  });

  it('keeps an empty stack apart from none', () => {
    expect(stacksOf([pageAlloc(1), line('<stack trace>'), pageAlloc(2)])).toEqual({ '0x1': [], '0x2': undefined });
  });

  it('stores equal stacks once', () => {
    const table = readLines([pageAlloc(1), ...stack(['a', 'b']), pageAlloc(2), ...stack(['a', 'b'])]);
    expect(table.stacks.length).toBe(1);
  });
});

describe('which event a stack belongs to', () => {
  it('the event before it', () => {
    expect(stacksOf([pageAlloc(1), pageAlloc(2), ...stack(['a'])])).toEqual({ '0x1': undefined, '0x2': ['a'] });
  });

  it('the event before it on the same CPU', () => {
    const lines = [
      pageAlloc(1, { cpu: 0 }),
      pageAlloc(2, { cpu: 1 }),
      ...stack(['a'], { cpu: 0 }),
      ...stack(['b'], { cpu: 1 }),
    ];
    expect(stacksOf(lines)).toEqual({ '0x1': ['a'], '0x2': ['b'] });
  });

  it('the event in the same context, if an interrupt came between', () => {
    const lines = [
      pageAlloc(1, task),
      pageAlloc(2, softirq),
      pageAlloc(3, hardirq),
      ...stack(['in hardirq'], hardirq),
      ...stack(['in softirq'], softirq),
      pageAlloc(4, softirq),
      ...stack(['again'], softirq),
      ...stack(['in task'], task),
    ];
    expect(stacksOf(lines.map((text) => text.replaceAll('in ', 'in_')))).toEqual({
      '0x1': ['in_task'],
      '0x2': ['in_softirq'],
      '0x3': ['in_hardirq'],
      '0x4': ['again'],
    });
  });

  it('an event without a stack does not get that of an interrupt’s event', () => {
    const lines = [pageAlloc(1, task), pageAlloc(2, softirq), ...stack(['a'], softirq), pageAlloc(3, task)];
    expect(stacksOf(lines)).toEqual({ '0x1': undefined, '0x2': ['a'], '0x3': undefined });
  });

  it('an event that is not kept takes its stack with it', () => {
    const lines = [pageAlloc(1), line('rss_stat: mm_id=1'), ...stack(['of_rss_stat'])];
    const table = readLines(lines);
    expect(dumpEvents(table)[0].stack).toBeUndefined();
    expect(table.losses.orphanStacks).toBe(0);
  });

  it('an event that cannot be read takes its stack with it', () => {
    const lines = [pageAlloc(1), line('mm_page_alloc: page=0 pfn=0x2 order=0'), ...stack(['of_the_lost_event'])];
    const table = readLines(lines);
    expect(dumpEvents(table)[0].stack).toBeUndefined();
    expect(table.losses).toMatchObject({ truncatedLines: 1, orphanStacks: 0 });
  });

  it('no event, for one that came before any', () => {
    const table = readLines([...stack(['a']), pageAlloc(1)]);
    expect(table.losses.orphanStacks).toBe(1);
    expect(dumpEvents(table)[0].stack).toBeUndefined();
  });

  it('no event, for a second one', () => {
    const table = readLines([pageAlloc(1), ...stack(['a']), ...stack(['b'])]);
    expect(table.losses.orphanStacks).toBe(1);
    expect(dumpEvents(table)[0].stack).toEqual(['a']);
  });

  it('no event, for frames whose beginning was cut off', () => {
    const table = readLines([' => a', ' => b', pageAlloc(1)]);
    expect(table.losses).toMatchObject({ orphanStacks: 0, truncatedLines: 0 });
    expect(table.length).toBe(1);
  });
});

describe('stacks of user space', () => {
  it('are nobody’s, in tracefs text', () => {
    const lines = [
      pageAlloc(1, task),
      pageAlloc(2, softirq),
      ...stack(['kernel'], softirq),
      line('<user stack trace>', softirq),
      ' =>  <00007f0012345678>',
      ' => /usr/lib/libc.so.6[+0x1234] <00007f0012345678>',
      ...stack(['task'], task),
    ];
    const table = readLines(lines);
    expect(dumpEvents(table).map((event) => event.stack)).toEqual([['task'], ['kernel']]);
    expect(table.losses).toMatchObject({ orphanStacks: 0, truncatedLines: 0 });
  });

  it('are nobody’s, from trace-cmd', () => {
    const lines = [pageAlloc(1), line('user_stack:           <user stack trace >'), '=>  <00007f0012345678>'];
    const table = readLines(lines);
    expect(dumpEvents(table)[0].stack).toBeUndefined();
    expect(table.losses).toMatchObject({ orphanStacks: 0, truncatedLines: 0 });
    expect(table.totalEvents).toBe(1);
  });
});

describe('a stack longer than a reader would hold', () => {
  it('is cut at the same frame however the input comes', () => {
    const frames = Array.from({ length: 9000 }, (_, n) => `function_${n}`);
    const data = bytesOf([pageAlloc(1), ...stack(frames), pageAlloc(2)].join('\n'));
    for (const chunk of [data.length, 4096, 333]) {
      const table = readBytes(data, chunk);
      expect(dumpEvents(table).map((event) => event.stack)).toEqual([frames.slice(0, 512), undefined]);
    }
  });
});
