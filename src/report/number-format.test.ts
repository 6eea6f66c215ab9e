import { expect, test } from 'vitest';
import { bounds, byteSize, count, counted, duration, percent } from './number-format.ts';

test('counts have thousands separators and are whole', () => {
  expect([0, 999, 1000, 1234567, -4200, 12.5].map(count)).toEqual(['0', '999', '1,000', '1,234,567', '-4,200', '13']);
  expect(counted(1, 'page')).toBe('1 page');
  expect(counted(2000, 'entry', 'entries')).toBe('2,000 entries');
});

test('a share never reads as nothing or as all when it is not', () => {
  expect(percent(0, 10)).toBe('0 %');
  expect(percent(1, 1_000_000)).toBe('<0.1 %');
  expect(percent(1, 8)).toBe('12.5 %');
  expect(percent(999_999, 1_000_000)).toBe('>99.9 %');
  expect(percent(10, 10)).toBe('100 %');
  expect(percent(-5, 10)).toBe('-50.0 %');
  expect(percent(1, 0)).toBe('-');
});

test('bytes have binary units', () => {
  expect([0, 64, 4096, 1536, 33_963_000, 2 ** 40].map(byteSize)).toEqual([
    '0 bytes',
    '64 bytes',
    '4 KiB',
    '1.5 KiB',
    '32.4 MiB',
    '1 TiB',
  ]);
});

test('times have the unit that suits them', () => {
  expect([3713.2, 1.5, 0.205, 0.0123, 0.000045].map(duration)).toEqual([
    '3,713 s',
    '1.50 s',
    '205 ms',
    '12.3 ms',
    '45 us',
  ]);
});

test('bounds are given where they differ', () => {
  expect(bounds({ low: 5, best: 5, high: 5 })).toBe('');
  expect(bounds({ low: 1000, best: 1500, high: 2000 })).toBe(' (1,000 to 2,000)');
});
