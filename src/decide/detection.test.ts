import { describe, expect, test } from 'vitest';
import type { AuditCell } from '../audit/audit.ts';
import type { BugName } from '../audit/bug-kinds.ts';
import { wilson } from '../base/share.ts';
import { detectionOf } from './detection.ts';

const cell = (subject: string, bug: BugName, share: number, changes: Partial<AuditCell> = {}): AuditCell => ({
  subject,
  class: 'slab-object',
  hypothetical: false,
  bug,
  access: 'write',
  detected: wilson(Math.round(1000 * share), 1000),
  byMmu: 0,
  theory: { low: share, high: share, reason: '' },
  agrees: true,
  ...changes,
});

const BASELINE = [
  cell('object', 'use after free, at once', 1),
  cell('object', 'overflow into live memory', 0.5),
  cell('object', 'double free', 1),
  cell('page', 'use after free, at once', 1),
  cell('table, by page_address', 'use after free, at once', 1, { hypothetical: true }),
];

describe('detection beside a baseline', () => {
  test('of itself nothing is lost; each kind of memory counts the same', () => {
    // (1 + 0.5 + 1) / 3 of objects, 1 of pages; the route that the kernel does not take is left out.
    const detection = detectionOf(BASELINE, BASELINE);
    expect(detection.byRules).toBeCloseTo((2.5 / 3 + 1) / 2, 12);
    expect(detection.observed).toBeCloseTo((2.5 / 3 + 1) / 2, 12);
    expect(detection).toMatchObject({ kinds: 4, lost: 0, gained: 0, kindsLost: 0, kindsGained: 0, worst: null });
  });

  test('losses and gains are told apart, and the worst loss is named', () => {
    const changed = [
      cell('object', 'use after free, at once', 0.4),
      cell('object', 'overflow into live memory', 1),
      cell('object', 'double free', 1),
      cell('page', 'use after free, at once', 0),
      cell('table, by page_address', 'use after free, at once', 0, { hypothetical: true }),
    ];
    const detection = detectionOf(BASELINE, changed);
    // Objects lose 0.6 and gain 0.5 in one kind of three; pages lose all.
    expect(detection.lost).toBeCloseTo((0.6 / 3 + 1) / 2, 12);
    expect(detection.gained).toBeCloseTo((0.5 / 3 + 0) / 2, 12);
    expect(detection).toMatchObject({ kindsLost: 2, kindsGained: 1, observedLost: 2, observedGained: 1 });
    expect(detection.worst).toEqual({
      subject: 'page',
      bug: 'use after free, at once',
      access: 'write',
      from: 1,
      to: 0,
    });
  });

  test('bounds count by their middle; what does not agree with the rules is counted', () => {
    const sampled = cell('page', 'use after free, at once', 0.1, {
      theory: { low: 0, high: 0.2, reason: '' },
      agrees: false,
    });
    const detection = detectionOf([cell('page', 'use after free, at once', 1)], [sampled]);
    expect(detection.byRules).toBeCloseTo(0.1, 12);
    expect(detection.disagreeing).toBe(1);
  });
});
