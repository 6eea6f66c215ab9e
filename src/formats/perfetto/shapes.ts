import type { EventShape } from '../../trace/event-table.ts';
import type { EventTableBuilder } from '../../trace/event-table-builder.ts';
import { hasFlags } from './decode-shape.ts';

/** Distinct shapes: what all kinds of events may have together. */
const MAX_SHAPES = 1 << 20;

/** The shapes of a trace, each once, whatever message it came in. */
export class Shapes {
  readonly #table: EventTableBuilder;
  readonly #known = new Map<string, number>();
  /** 1 for an allocation whose gfp flags were not recorded. */
  readonly #lacksFlags: number[] = [];

  constructor(table: EventTableBuilder) {
    this.#table = table;
  }

  /** The number of a shape, or −1 if there is no room for it. */
  number(shape: EventShape): number {
    const text = JSON.stringify(Object.values(shape));
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_SHAPES) return -1;
    const number = this.#table.addShape(shape);
    this.#known.set(text, number);
    this.#lacksFlags.push(hasFlags(shape.type) && shape.gfp === '' ? 1 : 0);
    return number;
  }

  lacksFlags(shape: number): number {
    return this.#lacksFlags[shape];
  }
}
