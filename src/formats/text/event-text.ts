import { ByteInterner, FULL, runOf, type InternedRuns } from '../../base/byte-interner.ts';
import { isImpossiblePfn, POSSIBLE_PFN } from '../../trace/bounds.ts';
import type { EventTableBuilder, NewNumbers } from '../../trace/event-table-builder.ts';
import { NO_STACK, type EventShape } from '../../trace/event-table.ts';
import { EVENT_TYPES } from '../../trace/event-type.ts';
import type { ShapeProblem } from '../../trace/impossible-shape.ts';
import { EVENT_NOT_KEPT } from '../../trace/pending-stacks.ts';
import type { EventSpec } from './event-specs.ts';
import { decodeShape } from './shape.ts';
import { scanKey, type ScannedKey } from './scan-key.ts';
import type { TextInput } from './text-input.ts';

// Distinct shapes (of each event type) and stacks: far more than real traces have, and a bound on what a hostile one
// can fill.
const SHAPE_LIMITS = { keys: 1 << 17, bytes: 1 << 25 };
const STACK_LIMITS = { keys: 1 << 19, bytes: 1 << 27 };

/** `pfn=` as `EventSpec.keyWord` has it. */
const PFN_WORD = 0x3d6e6670;

const SPACE = 0x20;
const COLON = 0x3a;
const EQUALS = 0x3d;
const OPEN_PARENTHESIS = 0x28;
const CLOSE_PARENTHESIS = 0x29;

/** There is no room for another stack. */
export const NO_ROOM = -2;

/** The shapes of one event type that were met. */
interface KnownShapes {
  readonly keys: ByteInterner;
  /** Shape number of each key, −1 for text that cannot be decoded. */
  readonly shapes: number[];
  readonly problems: Map<number, ShapeProblem>;
}

/** What repeats in a part of a text, with the numbers that it has in the columns of the part. */
export interface EventTextPart {
  /** By number. */
  readonly shapes: readonly EventShape[];
  /** By event type. */
  readonly kinds: readonly { readonly keys: InternedRuns; readonly shapes: Int32Array<ArrayBuffer> }[];
  readonly stackKeys: InternedRuns;
  readonly stacks: Int32Array<ArrayBuffer>;
}

/**
 * Reads what tracing tools print of an event, `field=value …`, and its stack, into an event table. An event is taken
 * apart once into what repeats (sizes, flags, call site) and what does not (the key); only the first of equal pieces is
 * decoded, see `ByteInterner`.
 */
export class EventText {
  readonly #input: TextInput;
  readonly #table: EventTableBuilder;
  /** By event type: an event is often equal to the last one of its type. */
  readonly #kinds = EVENT_TYPES.map((): KnownShapes => ({
    keys: new ByteInterner(SHAPE_LIMITS),
    shapes: [],
    problems: new Map(),
  }));
  readonly #stackKeys = new ByteInterner(STACK_LIMITS);
  /** Number of the stack of each key, or `NO_STACK`. */
  readonly #stacks: number[] = [];
  readonly #decodeFrames: (text: string) => readonly string[] | undefined;
  /** Those of the table. */
  readonly #shapes: EventShape[] = [];
  readonly #decoder = new TextDecoder();
  readonly #key: ScannedKey = { hi: 0, lo: 0, unprinted: false };

  /** @param decodeFrames gives the functions of a stack, innermost first, from its text; undefined if it is to be none */
  constructor(
    input: TextInput,
    table: EventTableBuilder,
    decodeFrames: (text: string) => readonly string[] | undefined,
  ) {
    this.#input = input;
    this.#table = table;
    this.#decodeFrames = decodeFrames;
  }

  /**
   * Reads the fields [start, end) of a kept event in the line that begins at `line`, and adds it to the table.
   *
   * @returns the index of the event; `EVENT_NOT_KEPT` if its fields cannot be read, which is counted
   */
  event(spec: EventSpec, line: number, start: number, end: number, time: number, origin: number): number {
    const { data, view } = this.#input;
    const kind = this.#kinds[spec.type];
    const firstOfKey = spec.keyWord & 0xff;
    let position = start;
    for (const last = end - 4; ; position++) {
      if (position > last) {
        if (spec.otherwise !== undefined) return this.event(spec.otherwise, line, start, end, time, origin);
        return this.#lost(line, end, 'the field that says what the event is about (pfn=, ptr=, va_start or pid=)');
      }
      // A field begins the text or follows a blank.
      if (data[position] !== firstOfKey) continue;
      if (view.getInt32(position, true) === spec.keyWord && (position === start || data[position - 1] === SPACE)) break;
    }
    const beforeEnd = position;
    position += spec.keyLength;
    while (position < end && (data[position] === COLON || data[position] === SPACE || data[position] === EQUALS))
      position++;
    const key = this.#key;
    let after = scanKey(data, position, end, spec.keyRadix, key);
    if (after < 0) return this.#lost(line, end, 'a number or a pointer');
    if (spec.keyWord === PFN_WORD && isImpossiblePfn(key.hi, key.lo)) {
      return this.#lost(line, end, POSSIBLE_PFN);
    }
    // With the option `fields` the number stands there once more, in decimal.
    if (after + 1 < end && data[after + 1] === OPEN_PARENTHESIS) {
      while (after < end && data[after] !== CLOSE_PARENTHESIS) after++;
    }

    const found = kind.keys.intern2(
      data,
      view,
      start,
      spec.before ? beforeEnd : start,
      spec.after ? after : end,
      end,
      spec.type,
    );
    if (found === FULL) {
      return this.#lost(line, end, `at most ${SHAPE_LIMITS.keys} distinct combinations of call site, size and flags`);
    }
    const shapeKey = found >= 0 ? found : ~found;
    const shape =
      found >= 0 ? kind.shapes[shapeKey] : this.#newShape(kind, shapeKey, spec, start, beforeEnd, after, end);
    if (shape < 0) return this.#lost(line, end, kind.problems.get(shapeKey)?.expected ?? 'the fields of the event');
    if (key.unprinted) this.#input.losses.unprintedPointers++;
    return this.#table.add(time, origin, shape, key.hi, key.lo);
  }

  /** The number of the stack whose lines are [start, stop); `NO_STACK` if they name no function, or `NO_ROOM`. */
  stack(start: number, stop: number): number {
    const { data, view } = this.#input;
    const key = this.#stackKeys.intern(data, view, start, stop);
    if (key === FULL) return NO_ROOM;
    if (key >= 0) return this.#stacks[key];
    return this.#addStack(this.#input.text(start, stop));
  }

  part(): EventTextPart {
    return {
      shapes: this.#shapes,
      kinds: this.#kinds.map(({ keys, shapes }) => ({ keys: keys.runs(), shapes: Int32Array.from(shapes) })),
      stackKeys: this.#stackKeys.runs(),
      stacks: Int32Array.from(this.#stacks),
    };
  }

  /** Whether `join` can take all of these. */
  hasRoomFor(parts: readonly EventTextPart[]): boolean {
    return (
      this.#stackKeys.hasRoomFor(parts.map(({ stackKeys }) => stackKeys)) &&
      this.#kinds.every(({ keys }, type) => keys.hasRoomFor(parts.map(({ kinds }) => kinds[type].keys)))
    );
  }

  /**
   * Adds what is new in a part, with the numbers that it would have if the part had been read here.
   *
   * @returns the numbers of its shapes and stacks here
   */
  join({ shapes, kinds, stackKeys, stacks }: EventTextPart): Pick<NewNumbers, 'shapes' | 'stacks'> {
    const shapeNumbers = new Int32Array(shapes.length);
    /** The key of each shape here, as its kind numbers it. */
    const keys = new Int32Array(shapes.length);
    for (const [type, part] of kinds.entries()) {
      const kind = this.#kinds[type];
      for (const [number, key] of kind.keys.internAll(part.keys).entries()) {
        const shape = part.shapes[number];
        if (shape >= 0) keys[shape] = key;
        else kind.shapes[key] = -1;
      }
    }
    // In the order of the part, whatever their types are.
    for (const [number, shape] of shapes.entries()) {
      const kind = this.#kinds[shape.type];
      shapeNumbers[number] = kind.shapes[keys[number]] ??= this.#addShape(shape);
    }
    const stackNumbers = new Int32Array(stacks.length);
    for (const [number, key] of this.#stackKeys.internAll(stackKeys).entries()) {
      if (key === this.#stacks.length) this.#addStack(this.#decoder.decode(runOf(stackKeys, number)));
      if (stacks[number] !== NO_STACK) stackNumbers[stacks[number]] = this.#stacks[key];
    }
    return { shapes: shapeNumbers, stacks: stackNumbers };
  }

  #addShape(shape: EventShape): number {
    this.#shapes.push(shape);
    return this.#table.addShape(shape);
  }

  #addStack(text: string): number {
    const frames = this.#decodeFrames(text);
    const stack = frames === undefined ? NO_STACK : this.#table.stacks.add(frames);
    this.#stacks.push(stack);
    return stack;
  }

  #newShape(
    kind: KnownShapes,
    key: number,
    spec: EventSpec,
    start: number,
    beforeEnd: number,
    after: number,
    end: number,
  ): number {
    const input = this.#input;
    const text = (spec.before ? input.text(start, beforeEnd) : '') + (spec.after ? input.text(after, end) : '');
    const decoded = decodeShape(spec.type, text);
    const unreadable = 'expected' in decoded;
    if (unreadable) kind.problems.set(key, decoded);
    const shape = unreadable ? -1 : this.#addShape(decoded);
    kind.shapes.push(shape);
    return shape;
  }

  #lost(line: number, end: number, expected: string): number {
    this.#input.lost(line, end, expected);
    return EVENT_NOT_KEPT;
  }
}
