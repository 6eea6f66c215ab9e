/** Slots of nodes (include/linux/maple_tree.h): MAPLE_RANGE64_SLOTS of a leaf, MAPLE_ARANGE64_SLOTS above it. */
const LEAF_SLOTS = 16;
const INNER_SLOTS = 10;
/** lib/maple_tree.c: mt_min_slots. With as many entries or fewer a node that is not the root is put together with another. */
const LEAF_MIN = LEAF_SLOTS / 2 - 2;
const INNER_MIN = INNER_SLOTS / 2 - 1;

/** What a write of a tree does to it, as far as memory is concerned (include/linux/maple_tree.h: enum store_type). */
export type StoreType =
  | 'wr_exact_fit'
  | 'wr_slot_store'
  | 'wr_node_store'
  | 'wr_rebalance'
  | 'wr_split_store'
  | 'wr_spanning_store'
  | 'wr_new_root';

/** A range of a leaf: up to `end`, exclusive, from the end of the range before; without a value it is a gap. */
interface Entry<Value> {
  readonly end: number;
  readonly value: Value | undefined;
}

/** A node. `memory` is whatever its owner allocated for it. */
interface Node<Value, Memory> {
  readonly memory: Memory;
  parent: Node<Value, Memory> | undefined;
  readonly start: number;
  readonly end: number;
  /** Ranges of a leaf. */
  readonly entries: Entry<Value>[] | undefined;
  /** Nodes below any other. */
  readonly children: Node<Value, Memory>[] | undefined;
}

/** Who gives and takes the memory of nodes. */
export interface NodeMemory<Memory> {
  /**
   * What a node that is too full does with a sibling that has room: each gets half of both (mas_wr_split, 7.3), or the sibling is
   * filled (mas_push_data, 6.12).
   */
  readonly sharing: 'halves' | 'fill';
  /**
   * Called before a write that replaces nodes.
   *
   * @param nodes how many it will take
   * @param height of the tree, in levels
   */
  prepare(type: StoreType, nodes: number, height: number): void;
  allocate(type: StoreType): Memory;
  /** Called after it, with the nodes that readers may still be looking at. */
  retire(memory: Memory): void;
  finish(type: StoreType): void;
}

/** What a write replaces: the nodes of one level, by those that were made for them. */
interface Replacement<Value, Memory> {
  readonly old: readonly Node<Value, Memory>[];
  readonly made: readonly Node<Value, Memory>[];
}

/**
 * A maple tree of ranges in RCU mode (lib/maple_tree.c, 7.3), as a mm keeps its areas in: writers never change a node
 * that readers may look at, except by one slot, and put new nodes in its place. How many nodes a write takes and gives
 * back is what this models; of the layout within a node only what decides that.
 */
export class MapleTree<Value, Memory> {
  readonly #memory: NodeMemory<Memory>;
  readonly #limit: number;
  #root: Node<Value, Memory>;

  /** An empty tree over 0 … `limit`. */
  constructor(memory: NodeMemory<Memory>, limit: number, root: Memory) {
    this.#memory = memory;
    this.#limit = limit;
    this.#root = leaf<Value, Memory>(root, 0, limit, [{ end: limit, value: undefined }]);
  }

  /** lib/maple_tree.c:__mt_dup: the same tree with nodes of its own. */
  duplicate(memory: NodeMemory<Memory>, allocate: () => Memory): MapleTree<Value, Memory> {
    const copy = new MapleTree<Value, Memory>(memory, this.#limit, this.#root.memory);
    copy.#root = copyNode(this.#root, allocate);
    return copy;
  }

  /** The values in order of their ranges. */
  values(): Value[] {
    const found: Value[] = [];
    const walk = (node: Node<Value, Memory>): void => {
      node.children?.forEach(walk);
      for (const { value } of node.entries ?? []) if (value !== undefined) found.push(value);
    };
    walk(this.#root);
    return found;
  }

  /** The memory of all nodes, the root last (lib/maple_tree.c:mt_destroy_walk). */
  nodes(): Memory[] {
    const found: Memory[] = [];
    const walk = (node: Node<Value, Memory>): void => {
      node.children?.forEach(walk);
      found.push(node.memory);
    };
    walk(this.#root);
    return found;
  }

  /** Puts a value in the place of another, as dup_mmap does in a tree that nobody else sees yet. */
  replace(old: Value, value: Value): void {
    const walk = (node: Node<Value, Memory>): boolean => {
      const at = node.entries?.findIndex((entry) => entry.value === old) ?? -1;
      if (node.entries === undefined || at < 0) return node.children?.some(walk) ?? false;
      node.entries[at] = { end: node.entries[at].end, value };
      return true;
    };
    walk(this.#root);
  }

  /** The end of the range with a value before an address, and the start of the one after it; 0 and the limit if none. */
  neighbours(address: number): { readonly before: number; readonly after: number } {
    const { start, end } = this.#gap(address);
    return { before: start, after: end };
  }

  /** The value at an address. */
  find(address: number): Value | undefined {
    const { entries = [] } = this.#leafAt(address);
    return entries.find(({ end }) => end > address)?.value;
  }

  /**
   * lib/maple_tree.c:mas_store_gfp: gives a range a value, or clears it.
   *
   * @param start the first address, and `end` the first one behind it
   */
  store(start: number, end: number, value: Value | undefined): StoreType {
    let first = this.#leafAt(start);
    let last = end <= first.end ? first : this.#leafAt(end - 1);
    if (value !== undefined) return this.#write(first, last, start, end, value);
    // mas_wr_extend_null: gaps beside the range, in its leaves, become part of it.
    const from = gapBefore(first, start);
    const to = gapAfter(last, end);
    if (from < first.start) first = this.#leafAt(from);
    if (to > last.end) last = this.#leafAt(to - 1);
    return this.#write(first, last, from, to, undefined);
  }

  #write(
    first: Node<Value, Memory>,
    last: Node<Value, Memory>,
    start: number,
    end: number,
    value: Value | undefined,
  ): StoreType {
    const entries = entriesOf(first);
    const ending = entriesOf(last);
    const left = indexAt(entries, start);
    const right = indexAt(ending, end - 1);
    const leftStart = left === 0 ? first.start : entries[left - 1].end;
    const made = entries.slice(0, left);
    if (leftStart < start) made.push({ end: start, value: entries[left].value });
    made.push({ end, value });
    for (let index = ending[right].end === end ? right + 1 : right; index < ending.length; index++)
      made.push(ending[index]);
    if (first !== last) return this.#spanningStore(first, last, made);
    if (left === right && leftStart === start && entries[left].end === end) {
      entries[left] = made[left];
      return 'wr_exact_fit';
    }
    if (made.length <= LEAF_MIN && first.parent !== undefined) return this.#change('wr_rebalance', [first], made);
    if (made.length > LEAF_SLOTS) return this.#change('wr_split_store', [first], made);
    if (made.length === entries.length && right === left + 1) {
      entries[left] = made[left];
      entries[right] = made[right];
      return 'wr_slot_store';
    }
    return this.#change('wr_node_store', [first], made);
  }

  #spanningStore(first: Node<Value, Memory>, last: Node<Value, Memory>, made: Entry<Value>[]): StoreType {
    const between: Node<Value, Memory>[] = [];
    for (let node: Node<Value, Memory> | undefined = first; node !== undefined; node = this.#next(node)) {
      between.push(node);
      if (node === last) break;
    }
    return this.#change('wr_spanning_store', between, made);
  }

  /** Puts entries in the place of some leaves, and sees to the levels above. */
  #change(type: StoreType, old: readonly Node<Value, Memory>[], entries: Entry<Value>[]): StoreType {
    const start = old[0].start;
    const end = old[old.length - 1].end;
    const { replaced, parts } = this.#arrange(old, entries, LEAF_SLOTS, LEAF_MIN, (node) => node.entries ?? [], isGap);
    const retired: Memory[] = [];
    this.#memory.prepare(type, this.#count(replaced, parts.length), this.#height());
    const allocate = (): Memory => this.#memory.allocate(type);
    let from = Math.min(start, replaced[0].start);
    const to = Math.max(end, replaced[replaced.length - 1].end);
    const leaves = parts.map((part, index) => {
      const node = leaf<Value, Memory>(
        allocate(),
        from,
        index === parts.length - 1 ? to : part[part.length - 1].end,
        part,
      );
      from = node.end;
      return node;
    });
    let change: Replacement<Value, Memory> = { old: replaced, made: leaves };
    while (!this.#attach(change, retired)) change = this.#above(change, allocate);
    for (const memory of retired) this.#memory.retire(memory);
    this.#memory.finish(type);
    return type;
  }

  /** lib/maple_tree.c:mas_mt_height: levels of the tree, leaves included. */
  #height(): number {
    let height = 1;
    for (let node = this.#root; node.children !== undefined; [node] = node.children) height++;
    return height;
  }

  /** How many nodes a write is going to take: the new leaves, and a copy of each level that they change. */
  #count(replaced: readonly Node<Value, Memory>[], parts: number): number {
    if (replaced.length === 1 && parts === 1) return 1;
    return parts + (replaced[0].parent?.parent === undefined ? 1 : 2);
  }

  /** Ends a write where one slot, or the root, can be exchanged. False if the level above must be written anew. */
  #attach({ old, made }: Replacement<Value, Memory>, retired: Memory[]): boolean {
    for (const node of old) retired.push(node.memory);
    const parent = old.at(0)?.parent;
    if (parent === undefined) {
      if (made.length > 1) return false;
      this.#root = made[0];
      this.#root.parent = undefined;
      return true;
    }
    if (old.length !== 1 || made.length !== 1) return false;
    made[0].parent = parent;
    const siblings = parent.children ?? [];
    siblings[siblings.indexOf(old[0])] = made[0];
    return true;
  }

  /** The level above a change. */
  #above({ old, made }: Replacement<Value, Memory>, allocate: () => Memory): Replacement<Value, Memory> {
    const parents = parentsOf(old);
    if (parents.length === 0) return { old: [], made: [inner(allocate(), [...made])] };
    const [only] = parents;
    const children =
      parents.length === 1 ? [...(only.children ?? [])] : parents.flatMap((parent) => parent.children ?? []);
    const at = children.indexOf(old[0]);
    children.splice(at, old.length, ...made);
    const isRoot = parents.length === 1 && parents[0].parent === undefined;
    // A root with a single child is none: the child takes its place.
    if (isRoot && children.length === 1) return { old: parents, made };
    const { replaced, parts } = this.#arrange(
      parents,
      children,
      INNER_SLOTS,
      INNER_MIN,
      (node) => node.children ?? [],
      never,
    );
    return { old: replaced, made: parts.map((part) => inner(allocate(), part)) };
  }

  /**
   * Distributes what nodes are to hold. Too much for one goes to a sibling that has room, or else into two nodes; with too
   * little a node is put together with a sibling (lib/maple_tree.c: mas_wr_split, mas_wr_rebalance).
   */
  #arrange<Item>(
    nodes: readonly Node<Value, Memory>[],
    items: readonly Item[],
    slots: number,
    least: number,
    itemsOf: (node: Node<Value, Memory>) => readonly Item[],
    isGapItem: (item: Item) => boolean,
  ): { replaced: readonly Node<Value, Memory>[]; parts: Item[][] } {
    const before = this.#sibling(nodes[0], -1);
    const after = this.#sibling(nodes[nodes.length - 1], 1);
    const isRoot = nodes[0].parent === undefined;
    if (items.length > slots && !isRoot && this.#memory.sharing === 'fill') {
      const isLeaf = nodes[0].entries !== undefined;
      const pushed = (sibling: Node<Value, Memory> | undefined, side: 'left' | 'right'): Item[][] | undefined =>
        sibling &&
        mas_push_data(items, itemsOf(sibling), { side, slots, isLeaf, isLast: nodes[0].end >= this.#limit, isGapItem });
      const left = pushed(before, 'left');
      if (before !== undefined && left !== undefined) return { replaced: [before, ...nodes], parts: left };
      const right = pushed(after, 'right');
      if (after !== undefined && right !== undefined) return { replaced: [...nodes, after], parts: right };
      return { replaced: nodes, parts: halves(items, slots, isGapItem) };
    }
    const fits = (sibling: Node<Value, Memory>): boolean => items.length + itemsOf(sibling).length < 2 * slots;
    if (items.length > slots && !isRoot) {
      if (before !== undefined && fits(before))
        return { replaced: [before, ...nodes], parts: halves([...itemsOf(before), ...items], slots, isGapItem) };
      if (after !== undefined && fits(after))
        return { replaced: [...nodes, after], parts: halves([...items, ...itemsOf(after)], slots, isGapItem) };
    }
    if (items.length <= least && !isRoot) {
      if (after !== undefined)
        return { replaced: [...nodes, after], parts: halves([...items, ...itemsOf(after)], slots, isGapItem) };
      if (before !== undefined)
        return { replaced: [before, ...nodes], parts: halves([...itemsOf(before), ...items], slots, isGapItem) };
    }
    return { replaced: nodes, parts: halves(items, slots, isGapItem) };
  }

  #sibling(node: Node<Value, Memory>, step: -1 | 1): Node<Value, Memory> | undefined {
    const siblings = node.parent?.children;
    return siblings?.[siblings.indexOf(node) + step];
  }

  #leafAt(address: number): Node<Value, Memory> {
    let node = this.#root;
    while (node.children !== undefined) {
      const children: readonly Node<Value, Memory>[] = node.children;
      node = children.find(({ end }) => end > address) ?? children[children.length - 1];
    }
    return node;
  }

  /** The range without a value around an address, which may go on in other leaves. */
  #gap(address: number): { readonly start: number; readonly end: number } {
    let node = this.#leafAt(address);
    let start = startOf(node, address);
    let end = node.entries?.find((entry) => entry.end > address)?.end ?? this.#limit;
    while (start === node.start && start > 0) {
      node = this.#leafAt(start - 1);
      if (node.entries?.at(-1)?.value !== undefined) break;
      start = startOf(node, start - 1);
    }
    while (end < this.#limit) {
      const [next] = this.#leafAt(end).entries?.filter((entry) => entry.end > end) ?? [];
      if (next === undefined || next.value !== undefined) break;
      end = next.end;
    }
    return { start, end };
  }

  /** The leaf that follows another. */
  #next(node: Node<Value, Memory>): Node<Value, Memory> | undefined {
    return node.end >= this.#limit ? undefined : this.#leafAt(node.end);
  }
}

const isGap = ({ value }: Entry<unknown>): boolean => value === undefined;
const never = (): boolean => false;

/** The nodes above some that follow one another. */
function parentsOf<Value, Memory>(nodes: readonly Node<Value, Memory>[]): Node<Value, Memory>[] {
  const parents: Node<Value, Memory>[] = [];
  for (const { parent } of nodes) if (parent !== undefined && parents.at(-1) !== parent) parents.push(parent);
  return parents;
}

/** The ranges of a leaf. */
const entriesOf = <Value, Memory>(node: Node<Value, Memory>): Entry<Value>[] => node.entries ?? [];

/** The range that an address lies in. */
function indexAt(entries: readonly Entry<unknown>[], address: number): number {
  let index = 0;
  while (index < entries.length - 1 && entries[index].end <= address) index++;
  return index;
}

/** Where a range that is cleared begins, with the gap before it. */
function gapBefore<Value, Memory>(node: Node<Value, Memory>, start: number): number {
  const entries = entriesOf(node);
  const at = indexAt(entries, start);
  const startOfEntry = (index: number): number => (index === 0 ? node.start : entries[index - 1].end);
  if (entries[at].value === undefined) return startOfEntry(at);
  return startOfEntry(at) === start && at > 0 && entries[at - 1].value === undefined ? startOfEntry(at - 1) : start;
}

/** Where it ends, with the gap behind it. */
function gapAfter<Value, Memory>(node: Node<Value, Memory>, end: number): number {
  const entries = entriesOf(node);
  const at = indexAt(entries, end - 1);
  if (entries[at].value === undefined) return entries[at].end;
  const isNext = entries[at].end === end && at + 1 < entries.length;
  return isNext && entries[at + 1].value === undefined ? entries[at + 1].end : end;
}

function startOf<Value, Memory>(node: Node<Value, Memory>, address: number): number {
  let start = node.start;
  for (const { end } of node.entries ?? []) {
    if (end > address) break;
    start = end;
  }
  return start;
}

/**
 * At most `slots` items stay together; more are divided, the first part having one more where they are odd. A leaf does
 * not end with a gap (lib/maple_tree.c: a reader could not tell it from the one that follows).
 */
function halves<Item>(items: readonly Item[], slots: number, endsBadly: (item: Item) => boolean): Item[][] {
  if (items.length <= slots) return [[...items]];
  return cut(items, Math.floor((items.length - 1) / 2) + 1, slots, endsBadly);
}

/** Two parts, the first of so many items, or one more or less where it would end with a gap (lib/maple_tree.c:mab_no_null_split). */
function cut<Item>(items: readonly Item[], first: number, slots: number, endsBadly: (item: Item) => boolean): Item[][] {
  let split = first;
  if (endsBadly(items[split - 1])) split += split < slots && items.length - split > slots / 2 - 2 ? 1 : -1;
  return [items.slice(0, split), items.slice(split)];
}

interface Push<Item> {
  /** Where the sibling is. */
  readonly side: 'left' | 'right';
  readonly slots: number;
  readonly isLeaf: boolean;
  /** The node ends where the tree ends. */
  readonly isLast: boolean;
  readonly isGapItem: (item: Item) => boolean;
}

/**
 * lib/maple_tree.c:mas_push_data, 6.12: items that are too many for a node, and those of its sibling, which is filled but for
 * one slot. Undefined where both together are too many.
 */
export function mas_push_data<Item>(
  items: readonly Item[],
  sibling: readonly Item[],
  { side, slots, isLeaf, isLast, isGapItem }: Push<Item>,
): Item[][] | undefined {
  const space = 2 * slots - 2 - (isLeaf ? 1 : 0) - (isLast ? 1 : 0);
  const total = items.length - 1 + (side === 'left' ? 1 : 0) + sibling.length - 1;
  if (total >= space) return undefined;
  return side === 'left'
    ? cut([...sibling, ...items], slots - 1, slots, isGapItem)
    : cut([...items, ...sibling], total - (slots - 2) + 1, slots, isGapItem);
}

const leaf = <Value, Memory>(
  memory: Memory,
  start: number,
  end: number,
  entries: Entry<Value>[],
): Node<Value, Memory> => ({ memory, parent: undefined, start, end, entries, children: undefined });

function inner<Value, Memory>(memory: Memory, children: Node<Value, Memory>[]): Node<Value, Memory> {
  const node: Node<Value, Memory> = {
    memory,
    parent: undefined,
    start: children[0].start,
    end: children[children.length - 1].end,
    entries: undefined,
    children,
  };
  for (const child of children) child.parent = node;
  return node;
}

function copyNode<Value, Memory>(node: Node<Value, Memory>, allocate: () => Memory): Node<Value, Memory> {
  const memory = allocate();
  if (node.children === undefined) return leaf(memory, node.start, node.end, [...(node.entries ?? [])]);
  return inner(
    memory,
    node.children.map((child) => copyNode(child, allocate)),
  );
}
