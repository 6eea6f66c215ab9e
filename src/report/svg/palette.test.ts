import { describe, expect, test } from 'vitest';
import { ALLOCATION_CLASSES } from '../../base/allocation-class.ts';
import { CHANGE_STEPS, changeStep, CLASS_COLORS, FAINT, INK, PAPER, type Color } from './palette.ts';

/** Relative luminance of a colour (WCAG 2.2). */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ['light', 'dark'] as const satisfies readonly (keyof Color)[];

describe.each(GROUNDS)('on %s ground', (ground) => {
  test('names can be read on every colour that they stand on (WCAG 2.2, AA: 4.5)', () => {
    const behindText = [
      PAPER,
      ...ALLOCATION_CLASSES.map((name) => CLASS_COLORS[name].tint),
      ...CHANGE_STEPS.map(({ color }) => color),
    ];
    for (const color of behindText) expect(contrast(color[ground], INK[ground])).toBeGreaterThanOrEqual(4.5);
    expect(contrast(PAPER[ground], FAINT[ground])).toBeGreaterThanOrEqual(4.5);
  });

  test('bars can be told from the ground (WCAG 2.2, AA: 3)', () => {
    for (const name of ALLOCATION_CLASSES)
      expect(contrast(CLASS_COLORS[name].solid[ground], PAPER[ground])).toBeGreaterThanOrEqual(3);
  });
});

test.each([
  [10, 0, 'gone'],
  [10, 5, 'half or less'],
  [10, 6, 'less'],
  [10, 10, 'as before'],
  [10, 11, 'more'],
  [10, 20, 'twice or more'],
  [0, 1, 'new'],
  [0, 0, 'as before'],
])('from %i to %i is "%s"', (from, to, name) => {
  expect(changeStep(from, to).name).toBe(name);
});
