import { describe, expect, test } from 'vitest';
import { Lifetimes } from './lifetimes.ts';

/** Things that live so many nanoseconds, one after the other, under the same key. */
function livesOf(ages: readonly number[], row = 3): Lifetimes {
  const lifetimes = new Lifetimes();
  for (const age of ages) {
    lifetimes.pages.begin(0, 7, row);
    lifetimes.now[0] += age;
    lifetimes.pages.end(0, 7);
    lifetimes.now[0] += 1000;
  }
  return lifetimes;
}

describe('how long things live', () => {
  test('the median and the ninetieth of a hundred, rounded up to a power of two', () => {
    // 60 of 100 ns, 35 of 1,000, 5 of 1,000,000: the powers of two above are 128, 1,024 and 2^20.
    const ages = [...Array<number>(60).fill(100), ...Array<number>(35).fill(1000), ...Array<number>(5).fill(1_000_000)];
    expect(livesOf(ages).ofRow(3)).toEqual({ ended: 100, median: 128, ninetieth: 1024 });
  });

  test('a power of two is its own bound; what ends at once lived a nanosecond', () => {
    expect(livesOf([1024]).ofRow(3)?.median).toBe(1024);
    expect(livesOf([0]).ofRow(3)?.median).toBe(1);
  });

  test('what has not ended, or was not seen to begin, does not count', () => {
    const lifetimes = livesOf([8]);
    lifetimes.objects.begin(0, 1, 3);
    lifetimes.objects.end(0, 2);
    expect(lifetimes.ofRow(3)?.ended).toBe(1);
    expect(lifetimes.ofRow(4)).toBeUndefined();
  });

  test('a key that begins again without an end begins anew', () => {
    const lifetimes = new Lifetimes();
    lifetimes.objects.begin(1, 1, 0);
    lifetimes.now[0] = 1_000_000;
    lifetimes.objects.begin(1, 1, 0);
    lifetimes.now[0] = 1_000_100;
    lifetimes.objects.end(1, 1);
    expect(lifetimes.ofRow(0)).toEqual({ ended: 1, median: 128, ninetieth: 128 });
  });

  test('pages and objects of one key are different things', () => {
    const lifetimes = new Lifetimes();
    lifetimes.pages.begin(0, 5, 0);
    lifetimes.objects.begin(0, 5, 1);
    lifetimes.pages.end(0, 5);
    expect([lifetimes.ofRow(0)?.ended, lifetimes.ofRow(1)?.ended]).toEqual([1, undefined]);
  });

  test('many at once: each is found again', () => {
    const lifetimes = new Lifetimes();
    const many = 5000;
    for (let key = 0; key < many; key++) lifetimes.pages.begin(0, key, key % 100);
    lifetimes.now[0] = 10;
    for (let key = 0; key < many; key++) lifetimes.pages.end(0, key);
    for (let row = 0; row < 100; row++) expect(lifetimes.ofRow(row)).toEqual({ ended: 50, median: 16, ninetieth: 16 });
  });
});
