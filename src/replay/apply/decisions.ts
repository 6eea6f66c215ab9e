import { ALLOCATION_CLASSES, classId, className, type ClassId } from '../../base/allocation-class.ts';
import { GFP_SKIP_KASAN, GFP_SKIP_ZERO, gfpHasAll, gfpUnion, gfpWithout, NO_GFP, type Gfp } from '../../gfp/flags.ts';
import type { Kasan } from '../../kasan/kasan.ts';
import { vmallocPageGfp, vmallocTags } from '../../kasan/vmalloc.ts';
import { keepsUserTags } from '../../policy/as-recorded.ts';
import type { Decider } from '../../policy/decide.ts';
import { effectiveMask } from '../../policy/effective-mask.ts';
import type { Action } from '../../policy/policy.ts';
import { BEFORE_TRACE, UNTAGGED_BY_KERNEL, type AllocationKind } from '../follow/allocation-kinds.ts';
import type { Followed } from '../follow/follow.ts';
import { AREA_CLASSES, FOLIO_CLASSES } from '../follow/page-classes.ts';

const KERNEL_STACK = classId('kernel-stack');
/** The page tag of slab pages is KASAN_TAG_KERNEL whatever their objects' tags are; see `__kasan_poison_slab`. */
const SLAB_PAGE = classId('slab-page');
const SLAB_OBJECT = classId('slab-object');

/** What becomes of a vmalloc area under a policy (mm/vmalloc.c:__vmalloc_node_range). */
export interface AreaDecision {
  /** The caller of vmalloc passes __GFP_SKIP_KASAN. */
  readonly skips: boolean;
  /** Its pages have its tag. */
  readonly tagged: boolean;
  /** `__kasan_unpoison_vmalloc` is called, which may do no more than zero it. */
  readonly unpoisons: boolean;
  /** What the caller passes, without the flags that are for KASAN. */
  readonly callerMask: Gfp;
  /** What the page allocator is called with. */
  readonly pageMask: Gfp;
}

/** What a policy decides of the kinds of allocations of a trace. */
export class Decisions {
  readonly #kasan: Kasan;
  readonly #hwTags: boolean;
  /** What is said of user memory of 5.14 to 5.19 holds of a kernel that has no HW_TAGS itself. */
  readonly #keepsUserTags: boolean;
  readonly #actions: readonly Action[];
  /** By class, of what was allocated before the trace began. */
  readonly #actionsBefore: readonly Action[];

  constructor(
    { kinds, facts, recording }: Pick<Followed, 'kinds' | 'facts' | 'recording'>,
    kasan: Kasan,
    decider: Decider,
  ) {
    this.#kasan = kasan;
    this.#hwTags = facts.hwTags;
    this.#keepsUserTags = keepsUserTags(decider.policy, recording);
    this.#actions = kinds.map(({ class: id, site, frames, comm, recorded, order }) =>
      decider.decide({ class: className(id), site, frames, comm, gfp: recorded, order }),
    );
    this.#actionsBefore = ALLOCATION_CLASSES.map((name) =>
      decider.decide({ class: name, site: BEFORE_TRACE, frames: [], comm: '', gfp: NO_GFP, order: 0 }),
    );
  }

  action({ id }: AllocationKind): Action {
    return this.#actions[id];
  }

  /** Whether pages that are tagged keep their tags when they are freed. */
  keepsTags(kind: AllocationKind): boolean {
    return this.#hwTags
      ? kind.staysAtFree && this.action(kind) === 'kernel'
      : this.#keepsUserTags && FOLIO_CLASSES.has(kind.class);
  }

  /** The mask that the page allocator is called with, before slab or vmalloc adds to it. */
  mask(kind: AllocationKind): Gfp {
    return effectiveMask(kind.passed, this.action(kind));
  }

  /**
   * @param mask that its pages are allocated with, as the trace shows it or as the class tells
   * @param isShown the trace shows it
   */
  area(kind: AllocationKind, mask: Gfp, isShown: boolean): AreaDecision {
    const { config } = this.#kasan;
    const action = this.action(kind);
    // The mask is that of a HW_TAGS kernel, and the policy leaves the decision to it.
    const ownFlags = isShown && this.#hwTags && action === 'kernel';
    const skips =
      action === 'skip' ||
      (ownFlags
        ? gfpHasAll(mask, GFP_SKIP_KASAN) && !gfpHasAll(mask, GFP_SKIP_ZERO)
        : action === 'kernel' && kind.class === KERNEL_STACK);
    const callerMask = gfpWithout(mask, gfpUnion(GFP_SKIP_KASAN, GFP_SKIP_ZERO));
    // A HW_TAGS kernel that does not mask the pages of an area maps it untagged (executable memory): page_alloc tags it.
    const untaggedMapping = ownFlags && !gfpHasAll(mask, GFP_SKIP_KASAN);
    return {
      skips,
      tagged: !untaggedMapping && vmallocTags(config, skips),
      unpoisons: !skips && !untaggedMapping,
      callerMask,
      pageMask: untaggedMapping ? callerMask : vmallocPageGfp(config, callerMask, skips),
    };
  }

  /** Whether slab objects from before the trace are tagged. */
  get tagsObjectsFromBefore(): boolean {
    return this.#actionsBefore[SLAB_OBJECT] !== 'skip';
  }

  /**
   * Whether pages of a class that were allocated before the trace began are tagged.
   *
   * @param byOwnFlags the recording kernel tags the class although 7.3 does not
   */
  tagsPagesFromBefore(classOf: ClassId, byOwnFlags: boolean): boolean {
    const { config, changes } = this.#kasan;
    const action = this.#actionsBefore[classOf];
    if (!config.kasan || action === 'skip' || (this.#keepsUserTags && FOLIO_CLASSES.has(classOf))) return false;
    const isTagged =
      classOf === SLAB_PAGE
        ? changes.freedPages === 'redraw'
        : action === 'tag' || !UNTAGGED_BY_KERNEL.has(classOf) || byOwnFlags;
    return isTagged && (!AREA_CLASSES.has(classOf) || !config.vmapStack || vmallocTags(config, false));
  }
}
