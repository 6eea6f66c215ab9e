/** One step of a random trace: what happens, and a number that everything else about it follows from. */
export interface Step {
  readonly what: number;
  readonly seed: number;
}

export interface TraceStyle {
  /** Masks with the flags that only HW_TAGS kernels print. */
  readonly hwTags: boolean;
  readonly plainPointers: boolean;
}

const CACHES = [
  ['pid', 144, 192],
  ['vm_area_struct', 192, 192],
  ['anon_vma', 88, 96],
  ['maple_node', 256, 256],
  ['files_cache', 704, 704],
  ['odd_cache', 600, 608],
] as const;
const KMALLOC = [16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192] as const;
const SITES = ['breaker', 'other_breaker', 'kvfree'] as const;

/** Everything that is live, so that frees are of what was allocated. */
class Model {
  readonly lines: string[] = [];
  readonly #style: TraceStyle;
  readonly #blocks: { readonly pfn: number; readonly order: number }[] = [];
  readonly #objects: { readonly ptr: string; readonly cache: string }[] = [];
  readonly #areas: { readonly va: bigint; readonly pfn: number }[] = [];
  #nextPfn = 0x1000;
  #nextArea = 0xffff800080000000n;
  #task = 0;
  #softirq = false;

  constructor(style: TraceStyle) {
    this.#style = style;
  }

  step({ what, seed }: Step): void {
    this.#task = seed % 3;
    this.#softirq = seed % 5 === 0;
    const steps = [
      () => this.#allocPages(seed),
      () => this.#freePages(seed),
      () => this.#freePagesOneByOne(seed),
      () => this.#freeUnknownPage(seed),
      () => this.#allocObject(seed),
      () => this.#kmalloc(seed),
      () => this.#freeObject(seed),
      () => this.#freeUnknownObject(seed),
      () => this.#slabPage(seed),
      () => this.#largeKmalloc(seed),
      () => this.#fork(seed),
      () => this.#vfree(seed),
    ];
    steps[what % steps.length]();
  }

  #event(text: string): void {
    const flags = this.#softirq ? '..s..' : '.....';
    this.lines.push(`task${this.#task}-${40 + this.#task} [00${this.#task % 2}] ${flags} ${text}`);
  }

  #skip(flags: string): string {
    return this.#style.hwTags ? flags : '';
  }

  #pages(order: number, gfp: string): number {
    const size = 2 ** order;
    const pfn = Math.ceil(this.#nextPfn / size) * size;
    this.#nextPfn = pfn + size;
    this.#event(
      `mm_page_alloc: page=00000000aaaaaaaa pfn=0x${pfn.toString(16)} order=${order} migratetype=0 gfp_flags=${gfp}`,
    );
    return pfn;
  }

  #freePage(pfn: number, order: number): void {
    this.#event(`mm_page_free: page=00000000aaaaaaaa pfn=0x${pfn.toString(16)} order=${order}`);
  }

  #allocPages(seed: number): void {
    const [gfp, order] = [
      [`GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP${this.#skip('|__GFP_SKIP_KASAN')}`, 0],
      ['GFP_HIGHUSER|__GFP_ACCOUNT', 0],
      ['GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP', seed % 2 === 0 ? 0 : 4],
      ['GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_WRITE', 0],
      ['GFP_NOWAIT', 0],
      ['GFP_KERNEL', seed % 4],
    ].at(seed % 6) ?? ['GFP_KERNEL', 0];
    this.#blocks.push({ pfn: this.#pages(Number(order), String(gfp)), order: Number(order) });
  }

  #takeBlock(seed: number) {
    return this.#blocks.splice(seed % Math.max(this.#blocks.length, 1), 1).at(0);
  }

  #freePages(seed: number): void {
    const block = this.#takeBlock(seed);
    if (block === undefined) return;
    this.#freePage(block.pfn, block.order);
    if (seed % 2 === 0) this.#batched(block.pfn);
  }

  #batched(pfn: number): void {
    this.#event(`mm_page_free_batched: page=00000000aaaaaaaa pfn=0x${pfn.toString(16)} order=0`);
  }

  #freePagesOneByOne(seed: number): void {
    const block = this.#takeBlock(seed);
    if (block === undefined) return;
    for (let page = 0; page < 2 ** block.order; page++) this.#freePage(block.pfn + page, 0);
  }

  #freeUnknownPage(seed: number): void {
    const pfn = 0x900000 + this.lines.length * 16;
    this.#freePage(pfn, seed % 3 === 0 ? 1 : 0);
    if (seed % 4 === 0) this.#batched(pfn);
  }

  /** Addresses come again, so that some frees are proved by reuse. */
  #pointer(seed: number): string {
    const address = 0x1000000 + (seed % 16) * 608;
    return this.#style.plainPointers
      ? `f${(seed % 14).toString(16)}ff0000${address.toString(16).padStart(8, '0')}`
      : `00000000${address.toString(16).padStart(8, '0')}`;
  }

  #allocObject(seed: number): void {
    const [cache, asked, size] = CACHES[seed % CACHES.length];
    const ptr = this.#pointer(seed >> 3);
    const gfp = seed % 7 === 0 ? 'GFP_KERNEL|__GFP_ZERO' : 'GFP_KERNEL';
    this.#event(
      `kmem_cache_alloc: call_site=maker ptr=${ptr} name=${cache} bytes_req=${asked} bytes_alloc=${size} gfp_flags=${gfp}`,
    );
    this.#objects.push({ ptr, cache });
  }

  #kmalloc(seed: number): void {
    const size = KMALLOC[seed % KMALLOC.length];
    const ptr = this.#pointer(seed >> 3);
    this.#event(
      `kmalloc: call_site=maker ptr=${ptr} bytes_req=${Math.max(1, size - (seed % 40))} bytes_alloc=${size} gfp_flags=GFP_KERNEL`,
    );
    this.#objects.push({ ptr, cache: '' });
  }

  #free(ptr: string, cache: string, seed: number): void {
    if (cache === '') this.#event(`kfree: call_site=${SITES[seed % SITES.length]} ptr=${ptr}`);
    else this.#event(`kmem_cache_free: call_site=breaker ptr=${ptr} name=${cache}`);
  }

  #freeObject(seed: number): void {
    const object = this.#objects.splice(seed % Math.max(this.#objects.length, 1), 1).at(0);
    if (object !== undefined) this.#free(object.ptr, object.cache, seed);
  }

  #freeUnknownObject(seed: number): void {
    const ptr = `00000000${(0xa0000000 + this.lines.length).toString(16)}`;
    const cache = CACHES[seed % CACHES.length][0];
    this.#free(seed % 5 === 0 ? '0000000000000000' : ptr, seed % 2 === 0 ? '' : cache, seed >> 1);
  }

  #slabPage(seed: number): void {
    const order = seed % 4;
    const pfn = this.#pages(order, 'GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC');
    this.#blocks.push({ pfn, order });
    this.#allocObject(seed);
  }

  #largeKmalloc(seed: number): void {
    const pfn = this.#pages(2, 'GFP_KERNEL|__GFP_COMP');
    this.#blocks.push({ pfn, order: 2 });
    const ptr = `00000000${(0xb0000000 + this.lines.length).toString(16)}`;
    const event = `kmalloc: call_site=maker ptr=${ptr} bytes_req=${8193 + (seed % 8000)} bytes_alloc=16384 gfp_flags=GFP_KERNEL`;
    for (let times = 0; times <= seed % 2; times++) this.#event(event);
    this.#objects.push({ ptr, cache: '' });
  }

  #fork(seed: number): void {
    this.#event(
      'kmem_cache_alloc: call_site=copy_process ptr=00000000c0000000 name=task_struct bytes_req=3008 bytes_alloc=3008 gfp_flags=GFP_KERNEL',
    );
    if (seed % 3 > 0) {
      const va = this.#nextArea;
      this.#nextArea += 0x8000n;
      this.#event(`alloc_vmap_area: va_start: ${va} size=20480 align=32768 vstart=0x0 vend=0x0 failed=0`);
      this.#event(
        'kmalloc: call_site=__vmalloc_node_range_noprof ptr=00000000c1000000 bytes_req=32 bytes_alloc=32 gfp_flags=GFP_KERNEL|__GFP_ZERO',
      );
      const bulk = seed % 3 === 1;
      const mask = `GFP_NOWAIT|__GFP_HIGHMEM|__GFP_IO|__GFP_FS|__GFP_ZERO${this.#skip('|__GFP_SKIP_ZERO|__GFP_SKIP_KASAN')}`;
      this.#areas.push({ va, pfn: bulk ? 0x700000 + this.lines.length * 4 : this.#pages(2, mask) });
    }
    this.#event(`task_newtask: pid=${100 + this.lines.length} comm=x clone_flags=0 oom_score_adj=0`);
  }

  #vfree(seed: number): void {
    const known = seed % 4 > 0 ? this.#areas.splice(seed % Math.max(this.#areas.length, 1), 1).at(0) : undefined;
    const { va, pfn } = known ?? { va: 0xffff900000000000n, pfn: 0x800000 + this.lines.length * 4 };
    this.#event(`free_vmap_area_noflush: va_start=0x${va.toString(16)} nr_lazy=1 nr_lazy_max=2`);
    for (let page = 0; page < 4; page++) this.#freePage(pfn + page, 0);
    this.#event('kfree: call_site=vfree ptr=00000000c1000000');
  }
}

/** A trace of valid operations: what is freed was allocated, or before the trace began; much is never freed. */
export function randomTrace(steps: readonly Step[], style: TraceStyle): string {
  const model = new Model(style);
  for (const step of steps) model.step(step);
  return model.lines.join('\n');
}
