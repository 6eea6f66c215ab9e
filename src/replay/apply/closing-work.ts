import { classId } from '../../base/allocation-class.ts';
import { GFP_MOVABLE } from '../../gfp/flags.ts';
import { __free_pages_prepare, post_alloc_hook } from '../../kasan/page-alloc.ts';
import { __kasan_slab_alloc, __kasan_slab_free } from '../../kasan/slab.ts';
import { COUNTED_TAG, countedTag } from '../../mte/counting-machine.ts';
import type { Followed } from '../follow/follow.ts';
import type { DividedBlocks } from '../follow/closing.ts';
import type { AllocationKind } from '../follow/allocation-kinds.ts';
import type { Applying } from './applying.ts';
import { NOTHING, times, type Piece } from './estimate-builder.ts';
import { blockPiece, objectPiece, poisonPiece } from './estimates.ts';
import type { SlabWork } from './slab-work.ts';

const UNKNOWN = classId('unknown');

/** Enters the best estimates of what the trace leaves open, and says how far off they can be. */
export class ClosingWork {
  readonly #applying: Applying;
  readonly #followed: Followed;
  readonly #slab: SlabWork;

  constructor(applying: Applying, followed: Followed, slab: SlabWork) {
    this.#applying = applying;
    this.#followed = followed;
    this.#slab = slab;
  }

  enter(): void {
    this.#applying.ledger.beginEstimates();
    this.#compaction();
    for (const blocks of this.#followed.closing.pagesFromBefore) this.#pagesFromBefore(blocks);
    this.#unknownObjects();
    this.#unseenAllocations();
    this.#unseenFrees();
  }

  /** What follows is of this kind, and counts so many times. */
  #charge({ row }: AllocationKind, count: number): void {
    const { ledger } = this.#applying;
    ledger.chargeTo(row);
    ledger.machine.repeat(count);
  }

  /**
   * What compaction allocates is tagged: post_alloc_hook is called with __GFP_MOVABLE alone, without what keeps user memory
   * untagged (mm/compaction.c:compaction_alloc, mark_allocated).
   */
  #compaction(): void {
    const { kasan, decisions, estimates, ledger } = this.#applying;
    if (!kasan.config.kasan) return;
    for (const { kind, order, blocks, isGivenBack } of this.#followed.closing.compaction) {
      if (decisions.action(kind) === 'skip') continue;
      // Each block is decided anew where some are sampled.
      const [rounds, count] = kasan.sampler.samples(order) ? [blocks, 1] : [1, blocks];
      this.#charge(kind, count);
      for (let round = 0; round < rounds; round++) {
        const tag = post_alloc_hook(kasan, 0, 0, order, GFP_MOVABLE);
        if (isGivenBack) __free_pages_prepare(kasan, 0, order, tag);
      }
      const piece = times(blockPiece(kasan, ledger.machine.cpu, order), isGivenBack ? 2 : 1);
      estimates.compaction.add(NOTHING, piece, times(piece, 2), blocks);
    }
  }

  #pagesFromBefore({ order, shares, eligible, isCertain }: DividedBlocks): void {
    const { kasan, decisions, estimates, ledger } = this.#applying;
    const { taggedByOwnFlags } = this.#followed.closing;
    const isTagged = (id: number): boolean => decisions.tagsPagesFromBefore(id, taggedByOwnFlags.has(id));
    const mayBeTagged = eligible.some(isTagged);
    const mayBeUntagged = !eligible.every(isTagged);
    for (const { kind, blocks } of shares) {
      // Of pages of which nothing is known it is not taken for granted that they were tagged: most memory is not.
      const tagged = kind.class !== UNKNOWN && isTagged(kind.class);
      this.#charge(kind, blocks);
      __free_pages_prepare(kasan, 0, order, countedTag(tagged));
      const all = blockPiece(kasan, ledger.machine.cpu, order);
      const best = tagged ? all : NOTHING;
      const low = isCertain || !mayBeUntagged ? best : NOTHING;
      const high = isCertain || !mayBeTagged ? best : all;
      estimates.pagesFromBeforeTrace.add(low, best, high, blocks);
    }
  }

  #unknownObjects(): void {
    const { kasan, decisions, estimates, ledger } = this.#applying;
    if (!kasan.config.kasan || !decisions.tagsObjectsFromBefore) return;
    for (const { kind, frees, best, possible } of this.#followed.closing.unknownObjects) {
      const pieces = possible.map((cache) => poisonPiece(kasan, ledger.machine.cpu, cache));
      const low = bound(pieces, Math.min);
      const high = bound(pieces, Math.max);
      this.#charge(kind, frees);
      if (best.length === 0) estimates.objectsFromBeforeTrace.add(NOTHING, NOTHING, high, frees);
      for (const [cache, count] of best) {
        this.#charge(kind, count);
        __kasan_slab_free(kasan, cache, 0, COUNTED_TAG);
        estimates.objectsFromBeforeTrace.add(low, poisonPiece(kasan, ledger.machine.cpu, cache), high, count);
      }
    }
  }

  #unseenAllocations(): void {
    const { kasan, decisions, estimates, ledger } = this.#applying;
    for (const { kind, cache, low, best, high } of this.#followed.closing.unseenAllocations) {
      if (decisions.action(kind) === 'skip' || !kasan.config.kasan) continue;
      this.#charge(kind, best);
      __kasan_slab_alloc(kasan, cache, 0, COUNTED_TAG, false);
      const piece = objectPiece(ledger.machine.cpu, cache);
      estimates.unseenObjectAllocations.add(times(piece, low), times(piece, best), times(piece, high));
    }
  }

  #unseenFrees(): void {
    const { kasan, decisions, estimates, ledger } = this.#applying;
    if (!kasan.config.kasan) return;
    const { closing, kinds, work, caches } = this.#followed;
    for (const { group, objects, isFreed } of closing.unseenFrees) {
      const kind = kinds[work.kind(group)];
      if (decisions.action(kind) === 'skip') continue;
      const cache = caches.caches[caches.ofShape[kind.shape]];
      const piece = poisonPiece(kasan, ledger.machine.cpu, cache);
      this.#charge(kind, objects);
      if (isFreed) __kasan_slab_free(kasan, cache, this.#slab.addressOf(group), COUNTED_TAG);
      // As many objects as are on their way at the end were on their way at the beginning, if the workload is steady.
      const best = isFreed ? piece : NOTHING;
      estimates.unseenObjectFrees.add(NOTHING, best, isFreed ? times(piece, 2) : piece, objects);
    }
    if (!decisions.tagsObjectsFromBefore) return;
    ledger.chargeToNobody();
    for (const { cache, objects } of closing.inSheaves) {
      const piece = poisonPiece(kasan, ledger.machine.cpu, cache);
      estimates.unseenObjectFrees.add(NOTHING, NOTHING, piece, objects);
    }
  }
}

/** The least or the most of each figure: what is small in one need not be small in another. */
const bound = (pieces: readonly Piece[], pick: (...values: readonly number[]) => number): Piece =>
  pieces.length === 0
    ? NOTHING
    : {
        calls: pick(...pieces.map((piece) => piece.calls)),
        bytes: pick(...pieces.map((piece) => piece.bytes)),
        instructions: pick(...pieces.map((piece) => piece.instructions)),
      };
