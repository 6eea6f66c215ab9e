import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { paretoFront } from './front.ts';

const choice = fc.record({ saved: fc.integer({ min: -20, max: 20 }), detected: fc.integer({ min: 0, max: 10 }) });
const choices = fc.array(choice, { minLength: 1, maxLength: 20 });

describe('the front of a trade-off', () => {
  test('what saves less and detects less than another is not on it', () => {
    const series = { saved: 58, detected: 0.72 };
    const before = { saved: 0, detected: 0.71 };
    const nothing = { saved: 100, detected: 0.12 };
    expect(paretoFront([series, before, nothing])).toEqual([true, false, true]);
  });

  test('what is equal in both stands or falls together', () => {
    const same = { saved: 5, detected: 0.5 };
    expect(paretoFront([same, same])).toEqual([true, true]);
    expect(paretoFront([same, same, { saved: 6, detected: 0.5 }])).toEqual([false, false, true]);
  });

  test('the choice that saves most, and the one that detects most, are on it, or something at least as good', () => {
    fc.assert(
      fc.property(choices, (all) => {
        const front = all.filter((_, index) => paretoFront(all)[index]);
        expect(Math.max(...front.map(({ saved }) => saved))).toBe(Math.max(...all.map(({ saved }) => saved)));
        expect(Math.max(...front.map(({ detected }) => detected))).toBe(
          Math.max(...all.map(({ detected }) => detected)),
        );
      }),
    );
  });

  test('along it, who saves more detects less; and whoever is not on it is beaten by somebody who is', () => {
    fc.assert(
      fc.property(choices, (all) => {
        const onFront = paretoFront(all);
        const front = all.filter((_, index) => onFront[index]).toSorted((a, b) => a.saved - b.saved);
        front.slice(1).forEach((next, index) => {
          const last = front[index];
          expect(next.saved > last.saved ? next.detected < last.detected : next.detected === last.detected).toBe(true);
        });
        all.forEach((each, index) => {
          const isBeaten = front.some(
            (other) =>
              other.saved >= each.saved &&
              other.detected >= each.detected &&
              other.saved + other.detected > each.saved + each.detected,
          );
          expect(isBeaten).toBe(!onFront[index]);
        });
      }),
    );
  });
});
