import type { CompactionFree } from '../../classify/compaction.ts';

/** What compaction was seen to free, by order. */
export class CompactionFrees {
  readonly moved = new Map<number, number>();
  readonly freeBlocks = new Map<number, number>();

  note(what: CompactionFree, order: number): void {
    const counts = what === 'moved' ? this.moved : this.freeBlocks;
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
}
