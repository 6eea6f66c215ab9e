import { isImpossibleOrder, MAX_BYTES, POSSIBLE_ORDER } from './bounds.ts';
import type { EventShape } from './event-table.ts';

/** Why an event's fields could not be used: what was expected instead. */
export interface ShapeProblem {
  readonly expected: string;
}

/** The fields of an event that have bounds. */
type BoundedFields = Pick<EventShape, 'order' | 'bytesReq' | 'bytesAlloc' | 'areaBytes' | 'areaAlign'>;

const isImpossibleSize = (bytes: number): boolean => !(bytes >= 0 && bytes <= MAX_BYTES);

/** What is wrong with fields that no kernel would have written; undefined if they are possible. For every format. */
export function impossibleShape(shape: BoundedFields): ShapeProblem | undefined {
  if (isImpossibleOrder(shape.order)) return { expected: POSSIBLE_ORDER };
  const sizes = [shape.bytesReq, shape.bytesAlloc, shape.areaBytes, shape.areaAlign];
  return sizes.some(isImpossibleSize) ? { expected: 'a size from 0 to 2^52 bytes' } : undefined;
}
