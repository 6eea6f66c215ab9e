/** Objects that a CPU can give out without looking at a slab (mm/slub.c: struct slab_sheaf): their addresses. */
export class Sheaf {
  readonly capacity: number;
  /** A plain list: most of a kernel's sheaves are never filled. */
  readonly #objects: number[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get count(): number {
    return this.#objects.length;
  }

  get isFull(): boolean {
    return this.#objects.length === this.capacity;
  }

  push(address: number): void {
    this.#objects.push(address);
  }

  pop(): number {
    const address = this.#objects.pop();
    if (address === undefined) throw new RangeError('a sheaf without objects');
    return address;
  }

  /** Takes all objects, the one that has been here longest first. */
  takeAll(): readonly number[] {
    return this.#objects.splice(0);
  }
}

/** MAX_FULL_SHEAVES and MAX_EMPTY_SHEAVES (mm/slub.c). */
const MAX_SHEAVES = 10;

/** Full and empty sheaves that the CPUs of a node share (mm/slub.c: struct node_barn). */
export class Barn {
  readonly #full: Sheaf[] = [];
  readonly #empty: Sheaf[] = [];

  get hasRoomForFull(): boolean {
    return this.#full.length < MAX_SHEAVES;
  }

  get hasEmpty(): boolean {
    return this.#empty.length > 0;
  }

  takeFull(): Sheaf | undefined {
    return this.#full.pop();
  }

  takeEmpty(): Sheaf | undefined {
    return this.#empty.pop();
  }

  putFull(sheaf: Sheaf): void {
    this.#full.push(sheaf);
  }

  /** False if there are enough of them: then the caller frees it. */
  putEmpty(sheaf: Sheaf): boolean {
    if (this.#empty.length >= MAX_SHEAVES) return false;
    this.#empty.push(sheaf);
    return true;
  }
}

/** The sheaves of one CPU (mm/slub.c: struct slub_percpu_sheaves). */
export interface CpuSheaves {
  main: Sheaf;
  spare: Sheaf | undefined;
  /** Objects of kfree_rcu that wait for the sheaf to be full. */
  rcuFree: Sheaf | undefined;
}
