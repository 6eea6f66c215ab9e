import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boxOf, placeLabels, type Area } from './trade-off-labels.ts';

const AREA: Area = { left: 64, right: 720, top: 64, bottom: 364 };
const overlap = (a: Area, b: Area): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

test('a label stands beside its dot, where there is room', () => {
  const [label] = placeLabels([{ x: 100, y: 100, text: 'A none' }], AREA);
  expect(label.at.x).toBeGreaterThan(100);
  expect(label.line).toBeUndefined();
});

test('at the edge it stands on the other side', () => {
  const [label] = placeLabels([{ x: 700, y: 100, text: 'A default-untagged' }], AREA);
  expect(boxOf(label).right).toBeLessThan(700);
});

test('fifteen policies at nearly one place: no label covers another, and each is in the plot', () => {
  const dots = Array.from({ length: 15 }, (_, index) => ({
    x: 400 + index,
    y: 200 + index / 2,
    text: `${index} tag-on-free`,
  }));
  const boxes = placeLabels(dots, AREA).map(boxOf);
  for (const [index, box] of boxes.entries()) {
    expect(box.left).toBeGreaterThanOrEqual(AREA.left);
    expect(box.right).toBeLessThanOrEqual(AREA.right);
    for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).toBe(false);
  }
});

test('whatever a comparison of all policies gives, labels can be read', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          x: fc.double({ min: 64, max: 688, noNaN: true }),
          y: fc.double({ min: 80, max: 350, noNaN: true }),
          text: fc.string({ minLength: 4, maxLength: 24 }),
        }),
        { maxLength: 16 },
      ),
      (dots) => {
        const boxes = placeLabels(dots, AREA).map(boxOf);
        for (const [index, box] of boxes.entries())
          for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).toBe(false);
      },
    ),
    { seed: 15 },
  );
});
