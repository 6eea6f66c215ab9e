import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ComparedPolicy, CompareResult } from '../decide/compare.ts';
import { textOptions } from './report-result.testdata.ts';
import { sampleReport } from './report-result.testdata.ts';
import { textPlot } from './text-plot.ts';
import { tradeOffSvg } from './trade-off-svg.ts';
import { axisOf, pointsOf, ticksOf, type Point } from './trade-off.ts';

const compared = (name: string, saved: number, detected: number, onFront = false): ComparedPolicy => ({
  policy: { name, description: '', source: '' },
  isBaseline: saved === 0,
  onFront,
  work: { granules: { alloc: 0, free: 0 }, tagInstructions: { low: 0, best: 0, high: 0 }, time: null },
  saved: { granules: 1000 * saved, tagInstructions: 1000 * saved, time: null },
  savedShare: { granules: saved, tagInstructions: saved },
  detection: {
    kinds: 1,
    byRules: detected,
    observed: detected,
    lost: 0,
    gained: 0,
    kindsLost: 0,
    kindsGained: 0,
    observedLost: 0,
    observedGained: 0,
    worst: null,
    disagreeing: 0,
  },
});

function resultOf(...policies: readonly ComparedPolicy[]): CompareResult {
  const { source, kernel, events, losses, cost, provenance } = sampleReport();
  const audit = { kasan: 'hw-tags', pageSize: 4096, bootMessage: undefined, trials: 1, seed: 1 } as const;
  return {
    schema: 'tagscope.compare',
    version: 1,
    baseline: 'base',
    source,
    kernel,
    events,
    losses,
    cost,
    audit,
    weights: null,
    policies,
    warnings: [],
    notes: [],
    selection: null,
    recorder: { allocations: 0, granules: 0, tagInstructions: 0, share: 0, excluded: false, sites: [] },
    provenance,
  };
}

const RESULT = resultOf(
  compared('most', 1, 0.1, true),
  compared('best', 0.5, 0.7, true),
  compared('worse', 0.5, 0.6),
  compared('base', 0, 0.7),
  compared('<b>"&all', -4, 0.8, true),
);

describe('points', () => {
  test('letters in the order of the list, capital on the front; what costs much more than the baseline is off the plot', () => {
    const { inside, outside } = pointsOf(RESULT);
    expect(inside.map(({ letter }) => letter)).toEqual(['A', 'B', 'c', 'd']);
    expect(outside.map(({ letter, name }) => [letter, name])).toEqual([['E', '<b>"&all']]);
  });

  test('where the baseline does no work there is nothing to plot', () => {
    const idle = { ...compared('idle', 0, 0.5), savedShare: { granules: null, tagInstructions: null } };
    expect(pointsOf(resultOf(idle)).inside).toEqual([]);
  });
});

describe('the plot as text', () => {
  const plotted = (points: readonly Point[], unicode = true): string[] =>
    textPlot(points, 'saved', 'detected', textOptions({ unicode }));

  test('more saved is further right, more detected further up', () => {
    const lines = plotted(pointsOf(RESULT).inside).slice(1, -3);
    const [row, column] = [
      (letter: string) => lines.findIndex((line) => line.slice(9).includes(letter)),
      (letter: string) => Math.max(...lines.map((line) => line.indexOf(letter, 9))),
    ];
    expect(row('B')).toBeLessThan(row('c'));
    expect(row('c')).toBeLessThan(row('A'));
    expect(column('A')).toBeGreaterThan(column('B'));
    expect(row('d')).toBe(row('B'));
    expect(column('d')).toBeLessThan(column('B'));
  });

  test('every letter is there once, however the points lie, and no line is too wide', () => {
    const point = fc.record({
      saved: fc.double({ min: -25, max: 100, noNaN: true }),
      detected: fc.double({ min: 0, max: 100, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 26 }), fc.boolean(), (places, unicode) => {
        const points = places.map((place, index) => ({
          ...place,
          letter: String.fromCharCode(65 + index),
          name: '',
          onFront: true,
        }));
        const lines = plotted(points, unicode);
        const drawn = lines
          .slice(1, -3)
          .map((line) => line.slice(9))
          .join('');
        expect([...drawn.replaceAll(' ', '')].toSorted().join('')).toBe(points.map(({ letter }) => letter).join(''));
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
        if (!unicode) expect(lines.join('\n')).toMatch(/^[\n\x20-\x7e]*$/);
      }),
    );
  });
});

describe('the plot as SVG', () => {
  const svg = tradeOffSvg(RESULT);

  test('says in words what it shows, follows light and dark, and runs nothing', () => {
    expect(svg).toMatch(/<title id="title">What policies save of base, and what they still detect<\/title>/);
    expect(svg).toContain('best: 50.0 % of granules saved, 70.0 % detected, on the front.');
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).not.toMatch(/<script|javascript:|\son\w+=|href=/i);
  });

  test('names are text, whatever they hold', () => {
    expect(svg).toContain('&lt;b&gt;&quot;&amp;all');
    expect(svg).not.toContain('<b>');
  });

  test('every element is closed, in order', () => {
    const open: string[] = [];
    for (const [, slash, name, , selfClosing] of svg.matchAll(/<(\/?)([a-z]+)((?:"[^"]*"|[^">])*?)(\/?)>/g)) {
      if (slash === '/') expect(open.pop()).toBe(name);
      else if (selfClosing !== '/') open.push(name);
    }
    expect(open).toEqual([]);
  });

  test('what is not covered, and the command that gives it again', () => {
    expect(svg).toContain('Losses: ');
    expect(svg).toContain(`Command: ${RESULT.provenance.command.slice(0, 30)}`);
  });

  test('a dot for each place on the plot, and a line of the list for each policy', () => {
    expect(svg.match(/<circle /g)?.length).toBe(4);
    for (const { name } of [...pointsOf(RESULT).inside].slice(0, 3)) expect(svg).toMatch(new RegExp(`  ${name}: `));
  });
});

describe('an axis', () => {
  test.each([
    [[0, 100], { low: 0, high: 100, step: 20 }],
    [[12.6, 78.2], { low: 0, high: 80, step: 20 }],
    [[-23, 100], { low: -50, high: 100, step: 50 }],
    [[58], { low: 57, high: 59, step: 0.5 }],
    [[], { low: -1, high: 1, step: 0.5 }],
  ])('for %j', (values, expected) => {
    expect(axisOf(values)).toEqual(expected);
  });

  test('holds all values, has few marks, and begins and ends on one', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1 }), (values) => {
        const axis = axisOf(values);
        const ticks = ticksOf(axis);
        // To what doubles round: the smallest of them is no step of any axis.
        expect(Math.min(...values)).toBeGreaterThanOrEqual(axis.low - 1e-9);
        expect(Math.max(...values)).toBeLessThanOrEqual(axis.high + 1e-9);
        expect(ticks.length).toBeLessThanOrEqual(9);
        expect(ticks.at(-1)).toBeCloseTo(axis.high, 9);
      }),
    );
  });
});
