import type { Track } from './report/report.ts';

/** `kasan.stack_ring_size` where it is not given (mm/kasan/tags.c, KASAN_STACK_RING_SIZE_DEFAULT). */
export const DEFAULT_STACK_RING_SIZE = 32 * 1024;

/** What the ring says of an object that was accessed with a tag. */
export interface RingFinding {
  /** What the newest entry that matches was; undefined where none does. */
  readonly newest: 'alloc' | 'free' | undefined;
  readonly allocated: Track | undefined;
  readonly freed: Track | undefined;
}

/**
 * The stack ring of the tag-based modes (mm/kasan/tags.c, 7.3): the last allocations and frees of slab objects, with
 * the tag that the object's pointer had. Page allocations, large kmalloc and vmalloc are not recorded.
 */
export class StackRing {
  readonly #pointers: Float64Array;
  readonly #sizes: Int32Array;
  readonly #pids: Int32Array;
  readonly #frees: Uint8Array;
  readonly #stacks: (readonly string[])[] = [];
  /** Entries written so far; the next one's place is this modulo the size. */
  #written = 0;

  constructor(size: number = DEFAULT_STACK_RING_SIZE) {
    this.#pointers = new Float64Array(size);
    this.#sizes = new Int32Array(size);
    this.#pids = new Int32Array(size);
    this.#frees = new Uint8Array(size);
  }

  /**
   * mm/kasan/tags.c:save_stack_info. Overwrites the oldest entry when the ring is full.
   *
   * @param pointer with its tag
   * @param objectSize `object_size` of the cache
   */
  save_stack_info(pointer: number, objectSize: number, pid: number, frames: readonly string[], isFree: boolean): void {
    const place = this.#written++ % this.#pointers.length;
    this.#pointers[place] = pointer;
    this.#sizes[place] = objectSize;
    this.#pids[place] = pid;
    this.#frees[place] = isFree ? 1 : 0;
    this.#stacks[place] = frames;
  }

  /**
   * mm/kasan/report_tags.c:kasan_complete_mode_report_info, the walk: from the newest entry to the oldest, over those of
   * an object with this address, tag and size. It ends when both stacks are found, or a second entry of a kind comes.
   *
   * @param pointer the object's address with the tag of the access
   */
  find(pointer: number, objectSize: number): RingFinding {
    let newest: RingFinding['newest'];
    let allocated: Track | undefined;
    let freed: Track | undefined;
    const size = this.#pointers.length;
    const oldest = Math.max(0, this.#written - size);
    for (let entry = this.#written - 1; entry >= oldest; entry--) {
      const place = entry % size;
      if (this.#pointers[place] !== pointer || this.#sizes[place] !== objectSize) continue;
      const track: Track = { pid: this.#pids[place], frames: this.#stacks[place] };
      if (this.#frees[place] === 1) {
        if (freed !== undefined) break;
        freed = track;
        newest ??= 'free';
      } else {
        if (allocated !== undefined) break;
        allocated = track;
        newest ??= 'alloc';
      }
      if (allocated !== undefined && freed !== undefined) break;
    }
    return { newest, allocated, freed };
  }
}
