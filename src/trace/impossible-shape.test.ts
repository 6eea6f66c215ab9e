import { expect, test } from 'vitest';
import { impossibleShape } from './impossible-shape.ts';

const POSSIBLE = { order: 0, bytesReq: 0, bytesAlloc: 0, areaBytes: 0, areaAlign: 0 };

// Kernel addresses have at most 52 bits (LVA, Arm ARM D8.1), so nothing in them is larger or more aligned.
test.each(['bytesReq', 'bytesAlloc', 'areaBytes', 'areaAlign'])('%s is from 0 to 2^52', (field) => {
  expect(impossibleShape({ ...POSSIBLE, [field]: 2 ** 52 })).toBeUndefined();
  for (const bytes of [-1, 2 ** 52 + 1, Number.POSITIVE_INFINITY, Number.NaN]) {
    expect(impossibleShape({ ...POSSIBLE, [field]: bytes })).toEqual({ expected: 'a size from 0 to 2^52 bytes' });
  }
});

test('an order is from 0 to 15', () => {
  expect(impossibleShape({ ...POSSIBLE, order: 15 })).toBeUndefined();
  expect(impossibleShape({ ...POSSIBLE, order: 16 })).toEqual({ expected: 'an order from 0 to 15' });
});
