import { describe, expect, test } from 'vitest';
import type { AuditCell } from '../audit/audit.ts';
import type { BugName } from '../audit/bug-kinds.ts';
import { wilson } from '../base/share.ts';
import { detectionOf } from './detection.ts';
import { parseWeights, weigh } from './weights.ts';

const cell = (subject: string, bug: BugName, access: AuditCell['access'], share: number): AuditCell => ({
  subject,
  class: subject === 'page' ? 'driver/other' : 'slab-object',
  hypothetical: false,
  bug,
  access,
  detected: wilson(Math.round(1000 * share), 1000),
  byMmu: 0,
  theory: { low: share, high: share, reason: '' },
  agrees: true,
});
const CELLS = [
  cell('object', 'use after free, at once', 'read', 1),
  cell('kmalloc', 'use after free, at once', 'read', 1),
  cell('object', 'overflow within the granule', 'write', 0),
  cell('page', 'use after free, at once', 'write', 0.5),
];
const report = (bug: string, name: string, access: string, more: object = {}) => ({
  class: name,
  access: { kind: access },
  bugs: [bug],
  duplicateOf: null,
  notABug: null,
  ...more,
});
const explained = (...reports: readonly object[]): string => JSON.stringify({ schema: 'tagscope.explain', reports });

describe('an audit weighed by real bugs', () => {
  const text = explained(
    report('use after free, at once', 'slab-object', 'read'),
    report('use after free, at once', 'slab-object', 'read'),
    report('overflow within the granule', 'slab-object', 'write'),
    report('use after free, at once', 'driver/other', 'unknown'),
    report('use after free, at once', 'percpu', 'read'),
    report('use after free, at once', 'slab-object', 'read', { duplicateOf: 'a:1' }),
    report('use after free, at once', 'slab-object', 'read', { notABug: { name: 'kmemleak' } }),
  );
  const weights = parseWeights(text, 'summary.json');

  test('each distinct bug weighs 1, in equal parts for the cells that it may be', () => {
    // Two use after free of slab in two subjects; the per-CPU one is no kind that the audit has here.
    expect(weigh(CELLS, weights)).toEqual({ source: 'summary.json', bugs: 5, known: 4, ofCell: [1, 1, 1, 1] });
  });

  test('the share is the mean over bugs: (1 + 1 + 0 + 0.5) / 4, where each kind once would be another', () => {
    expect(detectionOf(CELLS, CELLS, weigh(CELLS, weights)).byRules).toBeCloseTo(2.5 / 4, 12);
    // Of subjects: object 1/2, kmalloc 1, page 1/2.
    expect(detectionOf(CELLS, CELLS).byRules).toBeCloseTo((0.5 + 1 + 0.5) / 3, 12);
  });
});

test.each([
  ['', 'JSON'],
  ['[]', 'no key "schema"'],
  ['{"schema":"tagscope.report"}', 'no key "schema"'],
  ['{"schema":"tagscope.explain"}', 'no list "reports"'],
  ['{"schema":"tagscope.explain","reports":[]}', 'no report of a bug'],
  ['{"schema":"tagscope.explain","reports":[3]}', 'reports[0] without class'],
])('%j is refused, and named', (text, found) => {
  expect(() => parseWeights(text, 'w.json')).toThrow(found);
});
