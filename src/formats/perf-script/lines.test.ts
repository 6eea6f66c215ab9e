import { describe, expect, it } from 'vitest';
import { dumpEvents, type DumpedEvent } from '../../trace/dump.testdata.ts';
import { NO_PID } from '../../trace/event-table.ts';
import { line, readLines } from './reading.testdata.ts';

/** Reads one line, which must be one kept event and nothing else. */
function readOne(text: string): DumpedEvent {
  const table = readLines([text]);
  expect(table.losses.samples).toEqual([]);
  expect(table.length).toBe(1);
  return dumpEvents(table)[0];
}

const FREE = 'kmem:mm_page_free: page=0x45751 pfn=0x45751 order=2';

// What perf 6.1 printed with the fields that are named, but for the numbers.
describe('what stands before the fields', () => {
  const cases: readonly (readonly [name: string, line: string, expected: Partial<DumpedEvent>])[] = [
    [
      'the default with a callchain',
      `bench 23591 [001]  3764.865865:    ${FREE}`,
      { comm: 'bench', pid: 23_591, cpu: 1, time: 865_865_000, context: 'task' },
    ],
    [
      'the default without a callchain',
      `       perf-exec  4738 [003]   313.576274:           ${FREE}`,
      { comm: 'perf-exec', pid: 4738, cpu: 3, time: 576_274_000 },
    ],
    ['--ns', `bench 23591 [001]  3764.865865342:    ${FREE}`, { time: 865_865_342 }],
    ['-F pid,tid', `perf  4736/4738  [001]   313.570761:  ${FREE}`, { comm: 'perf', pid: 4738, cpu: 1 }],
    ['-F pid and no tid', `       perf-exec  4738   313.576274:     ${FREE}`, { comm: 'perf-exec', pid: 4738, cpu: 0 }],
    ['-F pid,tid and no cpu', `perf  4736/4738    313.570761:  ${FREE}`, { comm: 'perf', pid: 4738, cpu: 0 }],
    ['-F tid and no comm', `   4738 [002]   313.570761:  ${FREE}`, { comm: '', pid: 4738, cpu: 2 }],
    ['-F period', `perf  4736 [001]   313.570761:          1          ${FREE}`, { comm: 'perf', pid: 4736 }],
    ['the idle task', `         swapper     0 [000]   286.853759: ${FREE}`, { comm: 'swapper', pid: 0 }],
    ['a command with blanks and brackets', `a [1] 2: b 12 [000]  1.5: ${FREE}`, { comm: 'a [1] 2: b', pid: 12 }],
    [
      'a command that perf did not learn',
      `          :12345 12345 [000]  1.5: ${FREE}`,
      { comm: ':12345', pid: 12_345 },
    ],
    ['a task without a pid at exit', `             :-1    -1 [000]  1.5: ${FREE}`, { comm: ':-1', pid: NO_PID }],
    ['modifiers of the event', `bench 1 [000]  1.5: ${FREE.replace('free:', 'free:k:')}`, { pid: 1 }],
    ['no colon after the event', `bench 1 [000]  1.5: ${FREE.replace('free:', 'free ')}`, { pid: 1 }],
  ];

  it.each(cases)('%s', (_name, text, expected) => {
    expect(readOne(text)).toMatchObject({ type: 'mm_page_free', key: '0x45751', ...expected });
  });
});

// The print formats of include/trace/events/{kmem,vmalloc,task,sched}.h, as libtraceevent renders them.
describe('each event that is kept', () => {
  const cases: readonly (readonly [fields: string, expected: { readonly [field: string]: unknown }])[] = [
    [
      'kmem:kmem_cache_alloc: call_site=mas_preallocate+0x3ef ptr=0xffff88814bc7dd00 name=maple_node bytes_req=256 bytes_alloc=256 gfp_flags=GFP_KERNEL node=-1 accounted=false',
      {
        key: '0xffff88814bc7dd00',
        shape: {
          callSite: 'mas_preallocate',
          cache: 'maple_node',
          bytesReq: 256,
          bytesAlloc: 256,
          gfp: 'GFP_KERNEL',
        },
      },
    ],
    [
      'kmem:kmalloc: call_site=sched_setaffinity+0x10c ptr=0xffff888102c5bf40 bytes_req=30 bytes_alloc=32 gfp_flags=GFP_KERNEL node=-1 accounted=false',
      {
        key: '0xffff888102c5bf40',
        shape: { callSite: 'sched_setaffinity', bytesReq: 30, bytesAlloc: 32, gfp: 'GFP_KERNEL' },
      },
    ],
    [
      'kmem:kmalloc: call_site=0xffffffff813ccccc ptr=0xffff888102c5bf40 bytes_req=30 bytes_alloc=32 gfp_flags=0xcc0',
      { key: '0xffff888102c5bf40', shape: { callSite: '0xffffffff813ccccc', gfp: '0xcc0' } },
    ],
    ['kmem:kfree: call_site=x+0x160 ptr=0xffff888102c5bc60', { key: '0xffff888102c5bc60', shape: { callSite: 'x' } }],
    [
      'kmem:kmem_cache_free: call_site=path_openat+0x30a ptr=0xffff888106075840 name=filp ffffffff8162fe13 kmem_cache_free+0x383 ([kernel.kallsyms])',
      { key: '0xffff888106075840', shape: { callSite: 'path_openat', cache: 'filp' } },
    ],
    [
      'kmem:mm_page_alloc: page=0x19dae2 pfn=0x19dae2 order=1 migratetype=2 gfp_flags=GFP_KERNEL_ACCOUNT|__GFP_ZERO',
      { key: '0x19dae2', shape: { order: 1, migratetype: 2, gfp: 'GFP_KERNEL_ACCOUNT|__GFP_ZERO' } },
    ],
    ['kmem:mm_page_free_batched: page=0x10 pfn=0x10 order=0', { key: '0x10' }],
    [
      'vmalloc:alloc_vmap_area: va_start: 18446683600570023936 size=20480 align=4096 vstart=1 vend=2 failed=0',
      { key: '0xffffc90000000000', shape: { areaBytes: 20_480, areaAlign: 4096, failed: false } },
    ],
    [
      'vmalloc:free_vmap_area_noflush: va_start=0xffffc90000000000 nr_lazy=5 nr_lazy_max=32768',
      { key: '0xffffc90000000000' },
    ],
    ['task:task_newtask: pid=23592 comm=bench clone_flags=0x3d0f00 oom_score_adj=0', { key: '0x5c28' }],
    ['sched:sched_process_exit: comm=bench pid=62 prio=120 group_dead=true', { key: '0x3e' }],
  ];

  it.each(cases)('%s', (fields, expected) => {
    const event = readOne(line(fields));
    expect(event).toMatchObject({ ...expected, type: /:(\w+):/.exec(fields)?.[1] });
  });
});

describe('the counts by name', () => {
  it('have the names of tracepoints, kept or not, and those of other events whole', () => {
    const table = readLines([
      line('kmem:kfree: call_site=x+0x160 ptr=0xffff888102c5bc60'),
      line('kmem:rss_stat: mm_id=1'),
      line('kmem:rss_stat: mm_id=2'),
      line('    250000 cpu-clock:  ffffffff821f2c2b pv_native_safe_halt+0xb ([kernel.kallsyms])'),
    ]);
    expect([...table.byType]).toEqual([
      ['kfree', 1],
      ['rss_stat', 2],
      ['cpu-clock', 1],
    ]);
    expect(table.totalEvents).toBe(4);
  });

  it('are those of the whole name, also where it begins as the name before it', () => {
    const table = readLines([line('kmem: x'), line('kmem:kfree: call_site=x ptr=0xffff888102c5bc60')]);
    expect([...table.byType]).toEqual([
      ['kmem', 1],
      ['kfree', 1],
    ]);
  });

  it('keep probes that bear the name of a tracepoint apart from it', () => {
    const table = readLines([line('probe:kfree: (ffffffff8162fe13)')]);
    expect([...table.byType]).toEqual([['probe:kfree', 1]]);
    expect(table.losses.truncatedLines).toBe(0);
  });
});
