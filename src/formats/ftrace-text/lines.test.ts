import { describe, expect, it } from 'vitest';
import { dumpEvents, type DumpedEvent } from '../../trace/dump.testdata.ts';
import { line, readLines } from './reading.testdata.ts';

/** Reads one line, which must be one kept event and nothing else. */
function readOne(text: string): DumpedEvent {
  const table = readLines([text]);
  expect(table.losses.samples).toEqual([]);
  expect(table.length).toBe(1);
  return dumpEvents(table)[0];
}

const FREE = 'mm_page_free: page=00000000b2e90a6f pfn=0x45751 order=2';

describe('what stands before the fields', () => {
  const cases: readonly (readonly [name: string, line: string, expected: Partial<DumpedEvent>])[] = [
    [
      'irq-info column',
      `           bench-44      [000] .....     0.541526: ${FREE}`,
      { comm: 'bench', pid: 44, cpu: 0, context: 'task', time: 541_526_000 },
    ],
    [
      'no irq-info (options/irq-info off)',
      `           bench-44      [003]     0.541526: ${FREE}`,
      { comm: 'bench', pid: 44, cpu: 3, context: 'task', time: 541_526_000 },
    ],
    [
      'tgid (options/record-tgid)',
      `           bench-44      (     40) [001] d..1.     0.541526: ${FREE}`,
      { comm: 'bench', pid: 44, cpu: 1 },
    ],
    [
      'unknown tgid',
      `           bench-44      (-------) [001] .....     0.541526: ${FREE}`,
      { comm: 'bench', pid: 44 },
    ],
    ['tgid without irq-info', `           bench-44      (     40) [001]     0.541526: ${FREE}`, { pid: 44, cpu: 1 }],
    ['trace_pipe', `           <...>-44      [001] d..1.     0.541526: ${FREE}`, { comm: '<...>', pid: 44 }],
    ['four flags, before 5.18', `           bench-44    [000] ...1     0.541526: ${FREE}`, { context: 'task', cpu: 0 }],
    [
      'trace-cmd with flags',
      `           bench-44    [000] d..2.  3663.618462: ${FREE}`,
      { cpu: 0, context: 'task', time: 618_462_000 },
    ],
    [
      'trace-cmd with raw nanoseconds and no flags',
      `           bench-18516 [000]3663618462334: ${FREE}`,
      { pid: 18_516, cpu: 0, context: 'task', time: 618_462_334 },
    ],
    ['trace-cmd -t', `           bench-18516 [000]  3663.618462334: ${FREE}`, { time: 618_462_334 }],
    [
      'softirq',
      `          <idle>-0       [002] ..s1.     0.541526: ${FREE}`,
      { comm: '<idle>', pid: 0, context: 'softirq' },
    ],
    ['softirq without preempt count', `          <idle>-0       [002] .ls2.     0.5: ${FREE}`, { context: 'softirq' }],
    ['hardirq', `          <idle>-0       [002] d.h1.     0.541526: ${FREE}`, { context: 'hardirq' }],
    [
      'hardirq in a softirq',
      `          <idle>-0       [002] d.H2.     0.541526: ${FREE}`,
      { context: 'hardirq in softirq' },
    ],
    ['blanks in the command', `    tokio runtime w-44      [000] .....     0.5: ${FREE}`, { comm: 'tokio runtime w' }],
    ['hyphens', `     kworker/0:1-ev-44      [000] .....     0.5: ${FREE}`, { comm: 'kworker/0:1-ev', pid: 44 }],
    ['a hyphen and a number', `          worker-7-44      [000] .....     0.5: ${FREE}`, { comm: 'worker-7', pid: 44 }],
    ['brackets', `        (a) [b]-44      [000] .....     0.5: ${FREE}`, { comm: '(a) [b]', pid: 44 }],
    [
      'a number in brackets',
      `          w [12]-44      [000] .....     0.5: ${FREE}`,
      { comm: 'w [12]', pid: 44, cpu: 0 },
    ],
    ['all of it', `   x-1 [2] y: 3-44      [007] .....     0.5: ${FREE}`, { comm: 'x-1 [2] y: 3', pid: 44, cpu: 7 }],
    ['colons', `  irq/9-acpi: x-44      [000] .....     0.5: ${FREE}`, { comm: 'irq/9-acpi: x', pid: 44 }],
    ['an equals sign', `       pfn=0x1-44      [000] .....     0.5: ${FREE}`, { comm: 'pfn=0x1', key: '0x45751' }],
    ['no command', `                -44      [000] .....     0.5: ${FREE}`, { comm: '', pid: 44 }],
    ['a large pid', `           bench-4194303 [000] .....     0.5: ${FREE}`, { pid: 4_194_303 }],
    ['a CPU of four digits', `           bench-44      [1023] .....     0.5: ${FREE}`, { cpu: 1023 }],
    [
      'trace-cmd report -l',
      `    bench-44       3d.h2.     0.541526: ${FREE}`,
      { comm: 'bench', pid: 44, cpu: 3, context: 'hardirq', time: 541_526_000 },
    ],
    ['trace-cmd report -l, a CPU of three digits', `    bench-44     123.....     0.5: ${FREE}`, { cpu: 123, pid: 44 }],
    [
      'trace-cmd report -l, with blanks in the command',
      `    a b-1 c-44       0.....  0.5: ${FREE}`,
      { comm: 'a b-1 c', pid: 44 },
    ],
    [
      'latency-format',
      `   bench-44        3..s1. 1035275us : ${FREE}`,
      { comm: 'bench', cpu: 3, context: 'softirq', time: 35_275_000 },
    ],
    ['latency-format, after a long time', `   bench-44        0..... 35275us!: ${FREE}`, { time: 35_275_000 }],
    ['latency-format with tgid', `   bench-44      (     40)   0..... 35275us+: ${FREE}`, { pid: 44, cpu: 0 }],
    [
      'flags and nanoseconds in one (trace-cmd 3.4, clock boot)',
      `           bench-44    [000] d.h1.2962372940646: ${FREE}`,
      { context: 'hardirq', time: 372_940_646 },
    ],
    [
      'the same where the last flag is a digit: five are flags',
      `           bench-44    [000] d.h112962372940646: ${FREE}`,
      { context: 'hardirq', time: 372_940_646 },
    ],
    ['--ts-diff', `           bench-44    [000]     0.541526: (+1)     ${FREE}`, { time: 541_526_000 }],
    ['--ts-diff of a clock that went back', `           bench-44    [000]     0.5: (-12) ${FREE}`, {}],
    ['--ts-diff, the first', `           bench-44    [000]     0.541526:          ${FREE}`, { time: 541_526_000 }],
    [
      'PREEMPT_RT, where lazy rescheduling has a column',
      `           bench-44      [000] d..h1..     0.5: ${FREE}`,
      { context: 'hardirq' },
    ],
    ['PREEMPT_RT, a softirq', `           bench-44      [000] ...s1..     0.5: ${FREE}`, { context: 'softirq' }],
    ['NMI', `           bench-44      [000] d.Z1.     0.5: ${FREE}`, { context: 'hardirq' }],
    [
      'the buffer of an instance',
      `inst:            bench-44      [000] .....     0.5: ${FREE}`,
      { comm: 'bench', pid: 44 },
    ],
    [
      'no buffer where others have one',
      `                 bench-44      [000] .....     0.5: ${FREE}`,
      { comm: 'bench' },
    ],
    ['hours of uptime', `           bench-44      [000] ..... 987654.541526: ${FREE}`, { time: 541_526_000 }],
  ];

  it.each(cases)('%s', (_name, text, expected) => {
    expect(readOne(text)).toMatchObject({ type: 'mm_page_free', key: '0x45751', ...expected });
  });

  it('reads a command with a number in brackets wherever the column was before', () => {
    const table = readLines([
      `   a-44 [000] .....     0.5: ${FREE}`,
      `          w [12]-44      [001] .....     0.5: ${FREE}`,
      `   a-44 [002] .....     0.5: ${FREE}`,
    ]);
    expect(dumpEvents(table).map(({ comm, cpu }) => [comm, cpu])).toEqual([
      ['a', 0],
      ['w [12]', 1],
      ['a', 2],
    ]);
    expect(table.losses.truncatedLines).toBe(0);
  });

  it('decodes a command in UTF-8, and one that is cut within a character', () => {
    const utf8 = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text));
    expect(readOne(line(FREE, { comm: utf8('größer') })).comm).toBe('größer');
    expect(readOne(line(FREE, { comm: utf8('größer').slice(0, 3) })).comm).toBe('gr�');
  });
});

it('a line means the same whatever stood before it', () => {
  // It has a second place where a CPU and a time could be, and there the line before has its own.
  const odd = '   w-1 [001] ..... 0.500000: kfree: call_site=x [003] 9.5: ptr=0x10';
  const before = `${'x'.repeat(odd.indexOf('[003]') - 3)}-7 [002] ..... 0.100000: kfree: call_site=y ptr=0x20`;
  expect(dumpEvents(readLines([odd]))).toMatchObject([{ cpu: 1, pid: 1, key: '0x10' }]);
  expect(dumpEvents(readLines([before, odd]))).toMatchObject([{ cpu: 2 }, { cpu: 1, pid: 1, key: '0x10' }]);
});

describe('fields of each event, as kernels print them', () => {
  const cases: readonly (readonly [name: string, rest: string, type: string, key: string, shape: object])[] = [
    [
      'mm_page_alloc 7.3',
      'mm_page_alloc: page=00000000b2e90a6f pfn=0x45751 order=2 migratetype=1 gfp_flags=GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_SKIP_KASAN',
      'mm_page_alloc',
      '0x45751',
      { order: 2, migratetype: 1, gfp: 'GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_SKIP_KASAN' },
    ],
    [
      'mm_page_alloc 5.10, decimal pfn',
      'mm_page_alloc: page=00000000b2e90a6f pfn=284497 order=0 migratetype=0 gfp_flags=GFP_KERNEL',
      'mm_page_alloc',
      '0x45751',
      { order: 0, gfp: 'GFP_KERNEL' },
    ],
    [
      'mm_page_alloc, numeric flags',
      'mm_page_alloc: page=0xffffea00 pfn=0x1 order=0 migratetype=0 gfp_flags=0x440dc0',
      'mm_page_alloc',
      '0x1',
      { gfp: '0x440dc0' },
    ],
    [
      'mm_page_alloc that failed',
      'mm_page_alloc: page=0000000000000000 pfn=0x0 order=9 migratetype=1 gfp_flags=GFP_TRANSHUGE',
      'mm_page_alloc',
      '0x0',
      { order: 9 },
    ],
    [
      'mm_page_alloc that failed, as trace-cmd prints it',
      'mm_page_alloc: page=(nil) pfn=0xffffffffffffffff order=9 migratetype=1 gfp_flags=GFP_TRANSHUGE',
      'mm_page_alloc',
      '0xffffffffffffffff',
      { order: 9 },
    ],
    ['mm_page_free', 'mm_page_free: page=0000 pfn=0x45751 order=3', 'mm_page_free', '0x45751', { order: 3 }],
    ['mm_page_free 5.10', 'mm_page_free: page=0000 pfn=284497 order=3', 'mm_page_free', '0x45751', { order: 3 }],
    [
      'mm_page_free_batched',
      'mm_page_free_batched: page=0000 pfn=0x45751 order=0',
      'mm_page_free_batched',
      '0x45751',
      {},
    ],
    [
      'kmem_cache_alloc 7.3',
      'kmem_cache_alloc: call_site=copy_process+0x1d0/0x1718 ptr=000000001cb524bf name=task_struct bytes_req=3008 bytes_alloc=3072 gfp_flags=GFP_KERNEL node=-1 accounted=true',
      'kmem_cache_alloc',
      '0x1cb524bf',
      { callSite: 'copy_process', cache: 'task_struct', bytesReq: 3008, bytesAlloc: 3072, gfp: 'GFP_KERNEL' },
    ],
    [
      'kmem_cache_alloc with a tagged pointer',
      'kmem_cache_alloc: call_site=dup_fd+0x2c/0x384 ptr=f8ff000000da8580 name=files_cache bytes_req=704 bytes_alloc=704 gfp_flags=GFP_KERNEL node=-1 accounted=false',
      'kmem_cache_alloc',
      '0xf8ff000000da8580',
      { cache: 'files_cache' },
    ],
    [
      'kmem_cache_alloc 6.12, no name',
      'kmem_cache_alloc: call_site=dup_fd+0x2c/0x384 ptr=ffff000000da8580 bytes_req=704 bytes_alloc=704 gfp_flags=GFP_KERNEL node=-1 accounted=false',
      'kmem_cache_alloc',
      '0xffff000000da8580',
      { cache: '', bytesReq: 704 },
    ],
    [
      'kmem_cache_alloc 5.10, no node, not accounted',
      'kmem_cache_alloc: call_site=dup_fd+0x2c/0x384 ptr=ffff000000da8580 bytes_req=704 bytes_alloc=704 gfp_flags=GFP_KERNEL',
      'kmem_cache_alloc',
      '0xffff000000da8580',
      { bytesAlloc: 704 },
    ],
    [
      'kmem_cache_alloc_node 5.10',
      'kmem_cache_alloc_node: call_site=copy_process+0x1d0/0x1718 ptr=ffff000000da8580 bytes_req=704 bytes_alloc=704 gfp_flags=GFP_KERNEL node=0',
      'kmem_cache_alloc',
      '0xffff000000da8580',
      { callSite: 'copy_process' },
    ],
    [
      'kmem_cache_alloc from trace-cmd',
      'kmem_cache_alloc:     (getname_flags.part.0+0x24) call_site=getname_flags.part.0+0x24 ptr=0xffff8881013dd000 name=names_cache bytes_req=4096 bytes_alloc=4096 gfp_flags=GFP_KERNEL node=-1 accounted=false',
      'kmem_cache_alloc',
      '0xffff8881013dd000',
      { callSite: 'getname_flags.part.0', cache: 'names_cache' },
    ],
    [
      'kmalloc',
      'kmalloc: call_site=load_elf_phdrs+0x49/0xc0 [x] ptr=00000000c9016b11 bytes_req=560 bytes_alloc=1024 gfp_flags=GFP_KERNEL node=-1 accounted=false',
      'kmalloc',
      '0xc9016b11',
      { callSite: 'load_elf_phdrs', bytesReq: 560, bytesAlloc: 1024 },
    ],
    [
      'kmalloc_node',
      'kmalloc_node: call_site=ffffffff8108b1d9 ptr=00000000c9016b11 bytes_req=560 bytes_alloc=1024 gfp_flags=GFP_KERNEL|__GFP_ZERO node=1',
      'kmalloc',
      '0xc9016b11',
      { callSite: 'ffffffff8108b1d9', gfp: 'GFP_KERNEL|__GFP_ZERO' },
    ],
    [
      'kfree',
      'kfree: call_site=rcu_do_batch+0x1b7/0x530 ptr=0000000037e7e5df',
      'kfree',
      '0x37e7e5df',
      { callSite: 'rcu_do_batch' },
    ],
    ['kfree(NULL)', 'kfree: call_site=ida_alloc_range+0x344/0x3a8 ptr=0000000000000000', 'kfree', '0x0', {}],
    ['kfree(NULL) from trace-cmd', 'kfree:    (x+0x4) call_site=x+0x4 ptr=(nil)', 'kfree', '0x0', { callSite: 'x' }],
    ['kfree(NULL) from old trace-cmd', 'kfree: call_site=x+0x4 ptr=0x(nil)', 'kfree', '0x0', {}],
    ['kfree(NULL), %p of old kernels', 'kfree: call_site=x+0x4 ptr=          (null)', 'kfree', '0x0', {}],
    [
      'kmem_cache_free',
      'kmem_cache_free: call_site=__free_task+0x18/0x20 ptr=00000000742a9f51 name=task_struct',
      'kmem_cache_free',
      '0x742a9f51',
      { cache: 'task_struct' },
    ],
    [
      'kmem_cache_free 5.10, no name',
      'kmem_cache_free: call_site=__free_task+0x18/0x20 ptr=00000000742a9f51',
      'kmem_cache_free',
      '0x742a9f51',
      { cache: '' },
    ],
    [
      'alloc_vmap_area',
      'alloc_vmap_area: va_start: 18446603338380902400 size=20480 align=32768 vstart=0xffff800080000000 vend=0xfffffdffbf800000 failed=0',
      'alloc_vmap_area',
      '0xffff800080ba8000',
      { areaBytes: 20_480, areaAlign: 32_768, failed: false },
    ],
    [
      'alloc_vmap_area that failed',
      'alloc_vmap_area: va_start: 0 size=20480 align=32768 vstart=0xffff800080000000 vend=0xfffffdffbf800000 failed=1',
      'alloc_vmap_area',
      '0x0',
      { failed: true },
    ],
    [
      'free_vmap_area_noflush',
      'free_vmap_area_noflush: va_start=0xffff800080558000 nr_lazy=5 nr_lazy_max=32768',
      'free_vmap_area_noflush',
      '0xffff800080558000',
      {},
    ],
    ['task_newtask', 'task_newtask: pid=62 comm=bench clone_flags=1200000 oom_score_adj=0', 'task_newtask', '0x3e', {}],
    [
      'sched_process_exit',
      'sched_process_exit: comm=bench pid=62 prio=120 group_dead=true',
      'sched_process_exit',
      '0x3e',
      {},
    ],
    ['sched_process_exit 6.12', 'sched_process_exit: comm=a b pid=62 prio=120', 'sched_process_exit', '0x3e', {}],
  ];

  it.each(cases)('%s', (_name, rest, type, key, shape) => {
    expect(readOne(line(rest))).toMatchObject({ type, key, shape });
  });

  it('takes fields in any order', () => {
    const event = readOne(line('kmalloc: gfp_flags=GFP_USER bytes_alloc=16 ptr=0007 bytes_req=9 call_site=a+0x1/0x2'));
    expect(event).toMatchObject({ key: '0x7', shape: { gfp: 'GFP_USER', bytesReq: 9, bytesAlloc: 16, callSite: 'a' } });
  });
});

describe('fields as the record has them', () => {
  // kernel/trace/trace_output.c:print_fields, and libtraceevent's tep_print_fields.
  it.each([
    [
      'option fields',
      'alloc_vmap_area: addr=0xffffc90003418000 (-60473084903424) size=0x5000 (20480) align=0x4000 (16384) vstart=0xffffc90000000000 (-60473139527680) vend=0xffffe8ffffffffff (-25288767438849) failed=0x0 (0)',
    ],
    [
      'trace-cmd report -R',
      'alloc_vmap_area: addr=0xffffc90003418000 size=20480 align=0x4000 vstart=0x1 vend=0x2 failed=0',
    ],
  ])('%s', (_name, rest) => {
    expect(readOne(line(rest))).toMatchObject({
      type: 'alloc_vmap_area',
      key: '0xffffc90003418000',
      shape: { areaBytes: 20_480, areaAlign: 16_384, failed: false },
    });
  });

  it('what repeats does so whatever the number is', () => {
    const free = (pfn: number): string => line(`mm_page_free: pfn=0x${pfn.toString(16)} (${pfn}) order=0x1 (1)`);
    expect(readLines([free(4660), free(4661), free(4662)]).shapes).toHaveLength(1);
  });
});

describe('names of old kernels', () => {
  const direct = line('mm_page_free_direct: page=ffffea0003db9f40 pfn=1155800 order=0');
  const pagevec = line('mm_pagevec_free: page=ffffea0003db9f40 pfn=1155800 order=0 cold=0');

  it('mm_page_free_direct is mm_page_free (b413d48aa70f, 3.3)', () => {
    expect(readOne(direct)).toMatchObject({ type: 'mm_page_free', key: '0x11a2d8' });
  });

  it('mm_pagevec_free is mm_page_free_batched where the free of the page follows, as since 2.6.34', () => {
    expect(dumpEvents(readLines([pagevec, direct])).map(({ type }) => type)).toEqual([
      'mm_page_free_batched',
      'mm_page_free',
    ]);
  });

  it('and the free itself where none follows, as in 2.6.32', () => {
    expect(dumpEvents(readLines([pagevec, line('kfree: call_site=a ptr=1')])).map(({ type }) => type)).toEqual([
      'mm_page_free',
      'kfree',
    ]);
  });
});

describe('what the header says', () => {
  it('which of the flags is the context', () => {
    const columns = ['irqs-off', 'need-resched', 'vendor', 'lazy', 'hardirq/softirq', 'preempt-depth'];
    const header = columns.map((name) => `#                              || / _---=> ${name}`);
    const free = line(FREE, { flags: 'd.h.s1' });
    expect(dumpEvents(readLines([...header, free]))).toMatchObject([{ context: 'softirq' }]);
  });

  it('the same in the latency format, where the CPU has a column', () => {
    const columns = ['CPU#', 'irqs-off/BH-disabled', 'need-resched', 'hardirq/softirq'];
    const header = columns.map((name) => `#                    / _-----=> ${name}`);
    const table = readLines([...header, `   bench-44        3d.h1. 35275us : ${FREE}`]);
    expect(dumpEvents(table)).toMatchObject([{ context: 'hardirq', cpu: 3 }]);
  });

  it('the kernel of a latency tracer', () => {
    const table = readLines(['# nop latency trace v1.1.5 on 6.18.44-fc', line(FREE)]);
    expect(table.recording.kernelRelease).toBe('6.18.44-fc');
  });

  it('that whole numbers are ticks: of clocks in nanoseconds the kernel prints seconds', () => {
    const free = line(FREE, { time: '123456' });
    expect(readLines(['# tracer: nop', free]).recording).toMatchObject({ timeUnit: 'ticks', warnings: [] });
    // trace-cmd prints the nanoseconds of the clock boot so.
    const { timeUnit, warnings } = readLines(['cpus=1', free]).recording;
    expect([timeUnit, warnings.length]).toEqual(['nanoseconds', 1]);
    expect(readLines(['# tracer: nop', line(FREE)]).recording.timeUnit).toBe('nanoseconds');
  });
});

it('a trace lasts as long as its events, kept or not', () => {
  const other = (time: string): string => line('sched_switch: x', { time });
  const { firstTime, lastTime, baseSeconds } = readLines([other('5.5'), line(FREE, { time: '6.0' }), other('7.25')]);
  expect([baseSeconds, firstTime, lastTime]).toEqual([5, 500_000_000, 2_250_000_000]);
});

it('events of memory in two buffers are refused, of one they are read', () => {
  const inst = (rest: string): string => `inst: ${line(rest)}`;
  const top = (rest: string): string => `      ${line(rest)}`;
  expect(() => readLines([inst(FREE), top(FREE)])).toThrow('in several buffers ("inst", "top")');
  expect(readLines([inst(FREE), top('sched_switch: x')]).length).toBe(1);
});

describe('events that are not kept', () => {
  it('are counted by name', () => {
    const table = readLines([
      line('rss_stat: mm_id=1 curr=1 type=MM_ANONPAGES size=4096B'),
      line(FREE),
      line('rss_stat: mm_id=1 curr=1 type=MM_ANONPAGES size=8192B'),
      line('tracing_mark_write: begin'),
      line('copy_process <-kernel_clone'),
    ]);
    expect([...table.byType]).toEqual([
      ['rss_stat', 2],
      ['mm_page_free', 1],
      ['tracing_mark_write', 1],
      ['function', 1],
    ]);
    expect(table.totalEvents).toBe(5);
    expect(table.length).toBe(1);
    expect(table.losses.truncatedLines).toBe(0);
  });

  it('add up when their names are not text and read the same', () => {
    const table = readLines([line('a\xff: x'), line('a\xfe: x')]);
    expect([...table.byType]).toEqual([['a\ufffd', 2]]);
  });

  it('keep their own counts however many names there are', () => {
    const names = Array.from({ length: 17_000 }, (_, n) => line(`event_${n}: x`));
    const table = readLines([line(FREE), ...names]);
    expect(table.byType.get('mm_page_free')).toBe(1);
    expect(table.totalEvents).toBe(17_001);
    expect(table.byType.get('(other events)')).toBeGreaterThan(600);
  });
});
