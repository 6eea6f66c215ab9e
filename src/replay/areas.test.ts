import { describe, expect, test } from 'vitest';
import { classId, type AllocationClass } from '../base/allocation-class.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { cpuProfile, withDcBlock } from '../mte/cpu.ts';
import { replayed } from './replayed.testdata.ts';

const trace = (...events: readonly string[]): string => events.join('\n');
const times = (count: number, counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counts).map(([key, value]) => [key, value * count]));

const VA = 0xffff800080b20000n;
const taskStruct =
  'kmem_cache_alloc: call_site=copy_process+0x1d0/0x1704 ptr=000000008b4b2ef9 name=task_struct bytes_req=3008 bytes_alloc=3008 gfp_flags=GFP_KERNEL node=-1 accounted=false';
const area = (bytes: number): string =>
  `alloc_vmap_area: va_start: ${VA} size=${bytes + 4096} align=32768 vstart=0xffff800080000000 vend=0xfffffdffbf800000 failed=0`;
const pagesArray = (pages: number): string =>
  `kmalloc: call_site=__vmalloc_node_range_noprof+0x158/0x7e0 ptr=00000000e2f5b8ce bytes_req=${8 * pages} bytes_alloc=${Math.max(16, 8 * pages)} gfp_flags=GFP_KERNEL|__GFP_ZERO node=-1 accounted=false`;
const pages = (pfn: number, order: number, gfp: string): string =>
  `mm_page_alloc: page=00000000fa60c69e pfn=0x${pfn.toString(16)} order=${order} migratetype=0 gfp_flags=${gfp}`;
const newTask = 'task_newtask: pid=65 comm=bench clone_flags=3d0f00 oom_score_adj=0';
const areaFree = `free_vmap_area_noflush: va_start=0x${VA.toString(16)} nr_lazy=28 nr_lazy_max=8192`;
const pageFree = (pfn: number): string => `mm_page_free: page=00000000bfa60e54 pfn=0x${pfn.toString(16)} order=0`;
const arrayFree = 'kfree: call_site=kvfree+0x34/0x40 ptr=00000000e2f5b8ce';
const structFree = 'kfree: call_site=vfree+0x6c/0x1cc ptr=000000004034a305';
const worker = (event: string): string => `kworker/0:2-89 [000] ..... ${event}`;

/** The mask of a fresh stack's order-2 block: what every kernel passes, and what HW_TAGS kernels add. */
const STACK = 'GFP_NOWAIT|__GFP_HIGHMEM|__GFP_IO|__GFP_FS|__GFP_ZERO';
const BEFORE = `${STACK}|__GFP_SKIP_ZERO|__GFP_SKIP_KASAN`;
const SERIES = `${STACK}|__GFP_SKIP_KASAN`;

const fork = (mask: string): readonly string[] => [
  taskStruct,
  area(16384),
  pagesArray(4),
  pages(0x45ee0, 2, mask),
  newTask,
];
const vfree = [areaFree, ...[0, 1, 2, 3].map((page) => pageFree(0x45ee0 + page)), arrayFree, structFree];

/** fork_stack_pgtable.md section 2, "Costs per event", 64-byte blocks. */
const FRESH_BEFORE = { __kasan_unpoison_vmalloc: { calls: 1, granules: 1024, irg: 1, stzg: 4, dcGzva: 255 } };
const VFREE_BEFORE = { __kasan_poison_pages: { calls: 4, granules: 1024, stg: 16, dcGva: 252 } };
const FRESH_SERIES = { 'clear_pages (alloc)': { calls: 1, dcZva: 256 } };

describe('a fresh stack of 7.3: one order-2 block, freed as four pages (oracle note 5)', () => {
  test.each([
    ['a HW_TAGS kernel before the series', BEFORE],
    ['a HW_TAGS kernel with it: its own SKIP_KASAN does not decide', SERIES],
    ['a kernel without HW_TAGS', STACK],
  ])('before the series, recorded by %s', (_name, mask) => {
    const { work, lifetimes } = replayed(trace(...fork(mask), ...vfree.map(worker)), { policy: 'before-series' });
    expect(work['kernel-stack']).toEqual({ ...FRESH_BEFORE, ...VFREE_BEFORE });
    expect(lifetimes('kernel-stack')).toEqual([1, 1, 16384]);
  });

  test.each([BEFORE, SERIES, STACK])('with the series: only zeroed, recorded with %s', (mask) => {
    const { work } = replayed(trace(...fork(mask), ...vfree.map(worker)), { policy: 'series' });
    expect(work['kernel-stack']).toEqual(FRESH_SERIES);
  });

  test('at 512-byte blocks: 32 + 31, and 4 × (32 + 7) at vfree; 32 DC ZVA with the series', () => {
    const cpu = withDcBlock(cpuProfile('cortex-a710'), '512');
    const text = trace(...fork(BEFORE), ...vfree);
    expect(replayed(text, { cpu }).work['kernel-stack']).toEqual({
      __kasan_unpoison_vmalloc: { calls: 1, granules: 1024, irg: 1, stzg: 32, dcGzva: 31 },
      __kasan_poison_pages: { calls: 4, granules: 1024, stg: 128, dcGva: 28 },
    });
    expect(replayed(text, { cpu, policy: 'series' }).work['kernel-stack']).toEqual({
      'clear_pages (alloc)': { calls: 1, dcZva: 32 },
    });
  });

  test('as the kernel itself decides: SKIP_KASAN alone is the series, with SKIP_ZERO it is vmalloc (oracle note 6)', () => {
    const policy = { name: 'as is', description: '', source: '', rules: [], otherwise: 'kernel' } as const;
    expect(replayed(trace(...fork(BEFORE)), { policy }).work['kernel-stack']).toEqual(FRESH_BEFORE);
    expect(replayed(trace(...fork(SERIES)), { policy }).work['kernel-stack']).toEqual(FRESH_SERIES);
    // Without HW_TAGS nothing says so, and the rules are those of 7.3.
    expect(replayed(trace(...fork(STACK)), { policy, recordedBy: [6, 18] }).work['kernel-stack']).toEqual(FRESH_SERIES);
  });

  test('kasan.vmalloc=off: zeroed, and its pages are not poisoned at vfree (oracle note 11; vmalloc.md section 2)', () => {
    const config = { vmalloc: false };
    const text = trace(...fork(BEFORE), ...vfree);
    expect(replayed(text, { config }).work['kernel-stack']).toEqual(FRESH_SERIES);
    expect(replayed(text, { config, policy: 'series' }).work['kernel-stack']).toEqual(FRESH_SERIES);
  });

  test('kasan.vmalloc=off: a stack from the cache is unpoisoned all the same, before the series (65 calls measured)', () => {
    const config = { vmalloc: false };
    expect(replayed(trace(taskStruct, newTask), { config }).work['kernel-stack']).toEqual({
      __kasan_unpoison_range: { calls: 1, granules: 1024, stg: 4, dcGva: 255 },
      'clear_pages (alloc)': { calls: 1, dcZva: 256 },
    });
    expect(replayed(trace(taskStruct, newTask), { config, policy: 'series' }).work['kernel-stack']).toEqual(
      FRESH_SERIES,
    );
  });

  test('kasan=off: zeroed', () => {
    expect(replayed(trace(...fork(BEFORE), ...vfree), { config: { kasan: false } }).work['kernel-stack']).toEqual(
      FRESH_SERIES,
    );
  });

  test('by cache its pages stand by themselves, not below the cache of the array that names them', () => {
    // include/trace/events/kmem.h: an array of 4 pointers is from kmalloc-32, the 16 KiB of the stack are from none.
    const { rows } = replayed(trace(...fork(STACK)), { policy: 'before-series', groupBy: 'cache' });
    const groupOf = (name: AllocationClass) =>
      rows.filter((row) => row.class === classId(name)).map(({ group }) => group);
    expect(groupOf('kernel-stack')).toEqual(['(pages)']);
    expect(groupOf('slab-object').toSorted()).toEqual(['kmalloc of 32 bytes', 'task_struct']);
  });

  test('its metadata stays tagged: task_struct and the array of pages are slab objects', () => {
    const { work } = replayed(trace(...fork(SERIES)), { policy: 'series' });
    expect(work['slab-object']?.__kasan_slab_alloc?.calls).toBe(2);
  });
});

describe('a fresh stack from the bulk allocator: no mm_page_alloc (oracle note 5; Linux 6.18)', () => {
  const bulk = trace(taskStruct, area(16384), pagesArray(4), newTask);
  // The pages need not be contiguous, and nobody has seen them allocated.
  const freed = [areaFree, ...[0x12db10, 0x26cdaf, 0x26cdae, 0x26cdad].map(pageFree)].map(worker);
  const end = [
    'kfree: call_site=vfree.part.0+0x8a/0x2d0 ptr=00000000e2f5b8ce',
    'kfree: call_site=delayed_vfree_work+0x31/0x50 ptr=00000000c98c073f',
  ].map(worker);
  const text = trace(bulk, ...freed, ...end);

  test('before the series: one range, and four pages poisoned', () => {
    const { work, lifetimes } = replayed(text, { recordedBy: [6, 18] });
    expect(work['kernel-stack']).toEqual({ ...FRESH_BEFORE, ...VFREE_BEFORE });
    expect(lifetimes('kernel-stack')).toEqual([1, 1, 16384]);
  });

  test('its pages are not unknown: only the vm_struct, allocated by nobody here, is', () => {
    expect(replayed(text, { recordedBy: [6, 18] }).counts.unmatchedFrees).toBe(1);
  });

  test('with the series: four pages zeroed', () => {
    expect(replayed(text, { policy: 'series', recordedBy: [6, 18] }).work['kernel-stack']).toEqual({
      'clear_pages (alloc)': { calls: 4, dcZva: 256 },
    });
  });

  test('two tasks that fork at the same time do not get mixed up', () => {
    const [first, second] = [44, 45].map((pid) =>
      trace(taskStruct, area(16384), pagesArray(4), newTask)
        .split('\n')
        .map((event) => `bench-${pid} [000] ..... ${event}`),
    );
    const interleaved = first.flatMap((event, index) => [event, second[index]]);
    expect(replayed(trace(...interleaved), { recordedBy: [6, 18] }).work['kernel-stack']).toEqual({
      __kasan_unpoison_vmalloc: times(2, FRESH_BEFORE.__kasan_unpoison_vmalloc),
    });
  });
});

describe('a stack from the cache of its CPU: a new task and no allocation for it', () => {
  const text = trace(taskStruct, newTask);
  const clear = { 'clear_pages (alloc)': { calls: 1, dcZva: 256 } };

  test('before the series: unpoisoned again and zeroed (fork_stack_pgtable.md section 2)', () => {
    const { work, lifetimes } = replayed(text);
    expect(work['kernel-stack']).toEqual({
      __kasan_unpoison_range: { calls: 1, granules: 1024, stg: 4, dcGva: 255 },
      ...clear,
    });
    expect(lifetimes('kernel-stack')).toEqual([1, 0, 16384]);
  });

  test('with the series: zeroed', () => {
    expect(replayed(text, { policy: 'series' }).work['kernel-stack']).toEqual(clear);
  });

  test('a task with a fresh stack, then one without', () => {
    expect(replayed(trace(...fork(BEFORE), taskStruct, newTask)).work['kernel-stack']).toEqual({
      ...FRESH_BEFORE,
      __kasan_unpoison_range: { calls: 1, granules: 1024, stg: 4, dcGva: 255 },
      ...clear,
    });
  });
});

describe('vfree of an area from before the trace', () => {
  const freed = (count: number): string =>
    trace(areaFree, ...Array.from({ length: count }, (_, page) => pageFree(0x900 + page)), arrayFree, structFree);

  test('of four pages: a kernel stack, tagged before the series and not with it', () => {
    expect(replayed(freed(4)).estimated['kernel-stack']).toEqual(VFREE_BEFORE);
    expect(replayed(freed(4), { policy: 'series' }).estimated['kernel-stack']).toBeUndefined();
  });

  test('of another number: vmalloc, tagged in both', () => {
    for (const policy of ['before-series', 'series']) {
      const { estimated, estimate } = replayed(freed(3), { policy });
      expect(estimated.vmalloc).toEqual({ __kasan_poison_pages: { calls: 3, granules: 768, stg: 12, dcGva: 189 } });
      expect(estimated['kernel-stack']).toBeUndefined();
      expect(estimate('pagesFromBeforeTrace').tagInstructions).toEqual({ low: 201, best: 201, high: 201 });
    }
  });

  test('its pages are unmatched frees all the same', () => {
    // With the array of pages and the vm_struct.
    expect(replayed(freed(4)).counts.unmatchedFrees).toBe(6);
  });
});

describe('shadow call stacks (kernel/scs.c:__scs_alloc; vmalloc.md section 7)', () => {
  const SCS = 'GFP_KERNEL|__GFP_HIGHMEM|__GFP_ZERO|__GFP_NOWARN';
  const SCS_OWN = `${SCS}|__GFP_SKIP_ZERO|__GFP_SKIP_KASAN`;
  const OTHER = VA + 0x10000n;
  const scsArea = (align = 1): string =>
    `alloc_vmap_area: va_start: ${OTHER} size=8192 align=${align} vstart=0xffff800080000000 vend=0xfffffdffbf800000 failed=0`;
  const scsFree = `free_vmap_area_noflush: va_start=0x${OTHER.toString(16)} nr_lazy=2 nr_lazy_max=8192`;
  const task = (stack: string, scs: string): readonly string[] => [
    taskStruct,
    area(16384),
    pagesArray(4),
    pages(0x45ee0, 2, stack),
    scsArea(),
    pagesArray(1),
    pages(0x45f00, 0, scs),
    newTask,
  ];
  /** One page, zeroed with its tags: 4 STZG + 63 DC GZVA; and poisoned when it is freed. */
  const TAGGED_PAGE = { __kasan_unpoison_vmalloc: { calls: 1, granules: 256, irg: 1, stzg: 4, dcGzva: 63 } };
  const POISONED_PAGE = { __kasan_poison_pages: { calls: 1, granules: 256, stg: 4, dcGva: 63 } };

  test.each([
    ['a HW_TAGS kernel', SERIES, SCS_OWN],
    ['any other', STACK, SCS],
  ])('are tagged with the series, which leaves them alone; recorded by %s', (_kernel, stack, scs) => {
    const { work, lifetimes } = replayed(trace(...task(stack, scs), scsFree, pageFree(0x45f00)), { policy: 'series' });
    expect(work['kernel-stack']).toEqual(FRESH_SERIES);
    expect(work['shadow-call-stack']).toEqual({ ...TAGGED_PAGE, ...POISONED_PAGE });
    expect(lifetimes('shadow-call-stack')).toEqual([1, 1, 4096]);
  });

  test('are no fresh kernel stack: beside one from the cache, the stack is unpoisoned again', () => {
    const text = trace(taskStruct, scsArea(), pagesArray(1), pages(0x45f00, 0, SCS_OWN), newTask);
    const { work } = replayed(text);
    expect(work['kernel-stack']?.__kasan_unpoison_range?.calls).toBe(1);
    expect(work['shadow-call-stack']).toEqual(TAGGED_PAGE);
  });

  test('where both are one page (16 KiB) the alignment tells: THREAD_ALIGN for stacks, 1 for the others', () => {
    const config = defaultKernelConfig(16384);
    const one = (va: bigint, align: number): string =>
      `alloc_vmap_area: va_start: ${va} size=32768 align=${align} vstart=0xffff800080000000 vend=0xfffffdffbf800000 failed=0`;
    const both = trace(
      taskStruct,
      one(VA, 32768),
      pages(0x100, 0, `${SCS}|__GFP_SKIP_KASAN`),
      one(OTHER, 1),
      pages(0x101, 0, SCS_OWN),
      newTask,
    );
    const { work, lifetimes } = replayed(both, { config, policy: 'series' });
    expect([lifetimes('kernel-stack')[0], lifetimes('shadow-call-stack')[0]]).toEqual([1, 1]);
    expect(work['kernel-stack']).toEqual(FRESH_SERIES);
    const cached = trace(taskStruct, one(OTHER, 1), pages(0x101, 0, SCS_OWN), newTask);
    expect(replayed(cached, { config }).work['kernel-stack']?.__kasan_unpoison_range?.calls).toBe(1);
  });

  test('by their stack, whatever is beside them', () => {
    const stack = ['__vmalloc_node_range_noprof', '__scs_alloc', 'scs_prepare', 'copy_process'].map(
      (name) => `=> ${name}`,
    );
    const { work, rows } = replayed(trace(pages(0x45f00, 0, SCS_OWN), ...stack), { policy: 'series' });
    expect(work['shadow-call-stack']).toEqual(TAGGED_PAGE);
    expect(rows.map(({ site }) => site)).toEqual(['__scs_alloc']);
  });

  test('from before the trace: an area of one page is what others of one page are', () => {
    const freed = trace(scsFree, pageFree(0x900), arrayFree, structFree);
    expect(replayed(trace(freed, ...task(SERIES, SCS_OWN)), { policy: 'series' }).estimated).toMatchObject({
      'shadow-call-stack': POISONED_PAGE,
    });
  });
});

describe('areas from before the trace where a stack is one page (64 KiB)', () => {
  const config = defaultKernelConfig(65536);
  const one = (va: bigint, align: number): string =>
    `alloc_vmap_area: va_start: ${va} size=131072 align=${align} vstart=0xffff800080000000 vend=0xfffffdffbf800000 failed=0`;
  const stackMask = 'GFP_KERNEL|__GFP_HIGHMEM|__GFP_ZERO|__GFP_NOWARN|__GFP_SKIP_KASAN';
  const freed = trace(areaFree, pageFree(0x900), arrayFree, structFree);
  const estimateOf = (text: string) => replayed(text, { config, policy: 'series' }).estimate('pagesFromBeforeTrace');

  test('are taken for stacks, as those are that the trace has the allocation of; the interval says that they may not be', () => {
    const text = trace(freed, taskStruct, one(VA, 131072), pages(0x100, 0, stackMask), newTask);
    expect(estimateOf(text).tagInstructions).toEqual({ low: 0, best: 0, high: 4 + 1023 });
  });

  test('or divide as those do', () => {
    const vmalloc = trace(
      one(VA + 0x100000n, 1),
      pages(0x101, 0, 'GFP_KERNEL|__GFP_HIGHMEM|__GFP_NOWARN|__GFP_SKIP_ZERO|__GFP_SKIP_KASAN'),
    );
    expect(estimateOf(trace(freed, vmalloc)).tagInstructions).toEqual({ low: 0, best: 1027, high: 1027 });
  });
});

describe('other vmalloc (vmalloc.md section 3)', () => {
  const MASK = 'GFP_KERNEL|__GFP_NOWARN|__GFP_HIGHMEM';

  test('eight pages: one range when it is set up, each page when it is freed', () => {
    const text = trace(
      area(32768),
      pagesArray(8),
      pages(0x800, 3, `${MASK}|__GFP_SKIP_ZERO|__GFP_SKIP_KASAN`),
      areaFree,
      ...Array.from({ length: 8 }, (_, page) => pageFree(0x800 + page)),
      arrayFree,
    );
    for (const policy of ['before-series', 'series']) {
      expect(replayed(text, { policy }).work.vmalloc).toEqual({
        __kasan_unpoison_vmalloc: { calls: 1, granules: 2048, irg: 1, stg: 4, dcGva: 511 },
        __kasan_poison_pages: { calls: 8, granules: 2048, stg: 32, dcGva: 504 },
      });
    }
  });

  test('executable memory is mapped untagged: page_alloc tags its pages (section 2, table, row 3)', () => {
    // The user page shows that a HW_TAGS kernel recorded it, which would mask the pages of a tagged mapping.
    const text = trace(
      area(4096),
      pagesArray(1),
      pages(0x800, 0, MASK),
      pages(0x900, 0, 'GFP_KERNEL|__GFP_SKIP_KASAN'),
    );
    expect(replayed(text).work.vmalloc).toEqual({
      __kasan_unpoison_pages: { calls: 1, granules: 256, irg: 1, stg: 4, dcGva: 63 },
    });
  });

  test('an address range without pages (vmap, ioremap) is nothing (section 7)', () => {
    expect(replayed(trace(area(65536), areaFree)).work).toEqual({});
  });

  test('a failed reservation is nothing', () => {
    expect(replayed(trace(area(16384).replace('failed=0', 'failed=1'))).work).toEqual({});
  });
});
