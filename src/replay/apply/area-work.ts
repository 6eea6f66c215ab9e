import { gfp as gfpOf } from '../../gfp/flags.ts';
import { post_alloc_hook } from '../../kasan/page-alloc.ts';
import { alloc_thread_stack_node_from_cache } from '../../kasan/thread-stack.ts';
import { __kasan_unpoison_vmalloc } from '../../kasan/vmalloc.ts';
import { COUNTED_TAG } from '../../mte/counting-machine.ts';
import { KASAN_TAG_KERNEL } from '../../mte/tag-machine.ts';
import type { RecordingKernel } from '../../policy/as-recorded.ts';
import { NONE, WORK, type TagWork } from '../follow/tag-work.ts';
import type { AllocationKind } from '../follow/allocation-kinds.ts';
import type { Applying, Task } from './applying.ts';
import type { AreaDecision } from './decisions.ts';

/** The work of vmalloc, and of kernel stacks that are its areas. */
export class AreaWork {
  readonly #applying: Applying;
  readonly #work: TagWork;
  readonly #kinds: readonly AllocationKind[];
  readonly #recording: RecordingKernel;
  /** By group. */
  readonly #decided = new Map<number, AreaDecision>();

  constructor(
    applying: Applying,
    {
      work,
      kinds,
      recording,
    }: { readonly work: TagWork; readonly kinds: readonly AllocationKind[]; readonly recording: RecordingKernel },
  ) {
    this.#applying = applying;
    this.#work = work;
    this.#kinds = kinds;
    this.#recording = recording;
  }

  /** What was decided of the areas of a group. */
  #decision(group: number): AreaDecision {
    const known = this.#decided.get(group);
    if (known !== undefined) return known;
    const work = this.#work;
    const isShown = work.type(group) === WORK.areaByPages;
    const kind = this.#kinds[work.kind(group)];
    const decision = this.#applying.decisions.area(kind, gfpOf(work.detail(group)), isShown);
    this.#decided.set(group, decision);
    return decision;
  }

  area({ group, slot }: Task): void {
    this.#applying.outcomes.set(slot, this.#decision(group).tagged);
  }

  unpoisonArea({ group, detail }: Task): void {
    const { unpoisons, callerMask } = this.#decision(this.#work.of(group));
    if (unpoisons) __kasan_unpoison_vmalloc(this.#applying.kasan, 0, this.#work.areaBytes(detail), callerMask);
  }

  /** Pages of an area: if the page allocator tags some of them, the area counts as tagged from then on. */
  allocAreaPages({ group, of, slot, cpu, detail: order }: Task): void {
    const { kasan, outcomes } = this.#applying;
    const pageTag = post_alloc_hook(kasan, cpu, 0, order, this.#decision(this.#work.of(group)).pageMask);
    const tagged = outcomes.isTagged(of) || pageTag !== KASAN_TAG_KERNEL;
    outcomes.set(of, tagged);
    outcomes.set(slot, tagged);
  }

  /** A stack from the cache of its CPU: where the policy leaves stacks to the kernel, it is as it was with the last fresh one. */
  reuseStack({ kind, group }: Task): void {
    const { kasan, decisions } = this.#applying;
    const last = this.#work.of(group);
    const { hwTags, series } = this.#recording;
    const freshSkip = last === NONE ? !hwTags || series : this.#decision(last).skips;
    const action = decisions.action(kind);
    const skips = action === 'skip' || (action === 'kernel' && freshSkip);
    alloc_thread_stack_node_from_cache(kasan, 0, COUNTED_TAG, skips);
  }
}
