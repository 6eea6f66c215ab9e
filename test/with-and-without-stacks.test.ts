import { describe, expect, test } from 'vitest';
import type { ReportResult } from '../src/result/result.ts';
import { analyzed, caseBytes } from './analyzed.testdata.ts';

/** Traces of a real kernel with a stack for every event (cases/oracle/README.md). */
const TRACES = ['pgtable/trace.zst', 'oracle/traces/baseline-mixed-stack.trace.zst'];
const POLICIES = ['before-series', 'series', 'all'];

/** How far classes may differ, as a share of all granules, and how many bytes of pages may have no class. */
const CLASS_LIMIT = 0.05;
const UNKNOWN_LIMIT = 0.02;

/** The text as it would be without `options/stacktrace`: stack entries are extra lines, and nothing else differs. */
function withoutStacks(data: Uint8Array): Uint8Array {
  const lines = new TextDecoder('latin1').decode(data).split('\n');
  const kept = lines.filter((line) => !line.endsWith(': <stack trace>') && !line.startsWith(' => '));
  return Uint8Array.from(kept.join('\n'), (character) => character.charCodeAt(0));
}

const granulesByClass = ({ byClass }: ReportResult): ReadonlyMap<string, number> =>
  new Map(byClass.map((row) => [row.class, row.granules.alloc + row.granules.free]));

/** Bytes of page allocations in some classes. Objects are not pages: the slab page under them is. */
const pageBytes = ({ byClass }: ReportResult, wanted: (name: string) => boolean): number =>
  byClass.reduce((sum, row) => sum + (row.class !== 'slab-object' && wanted(row.class) ? row.bytes : 0), 0);

describe.each(TRACES)('%s, as recorded and with its stacks taken out', (path) => {
  const data = caseBytes(path);
  const stackless = withoutStacks(data);

  test('only stacks are gone', () => {
    const [before, after] = [analyzed(data), analyzed(stackless)];
    expect([before.kernel.stacks, after.kernel.stacks]).toEqual([true, false]);
    expect(after.events).toEqual(before.events);
    expect(after.losses.truncatedLines).toBe(0);
  });

  test.each(POLICIES)('%s: each class has the same granules, within 5 % of all of them', (policy) => {
    const [before, after] = [data, stackless].map((bytes) => granulesByClass(analyzed(bytes, { policy })));
    const total = [...before.values()].reduce((sum, granules) => sum + granules, 0);
    expect(total).toBeGreaterThan(0);
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const off = Math.abs((after.get(name) ?? 0) - (before.get(name) ?? 0)) / total;
      expect(off, name).toBeLessThanOrEqual(CLASS_LIMIT);
    }
  });

  test.each(POLICIES)('%s: the totals agree within 5 %', (policy) => {
    const [before, after] = [data, stackless].map((bytes) => analyzed(bytes, { policy }).totals);
    expect(Math.abs(after.tagInstructions.best / before.tagInstructions.best - 1)).toBeLessThanOrEqual(CLASS_LIMIT);
    expect(after.bytes).toBe(before.bytes);
  });

  test.each([
    ['with', data],
    ['without', stackless],
  ])('%s stacks, at most 2 % of the bytes of pages are of no known class', (_, bytes) => {
    const result = analyzed(bytes);
    const unknown = pageBytes(result, (name) => name === 'unknown' || name === 'driver/other');
    expect(unknown / pageBytes(result, () => true)).toBeLessThanOrEqual(UNKNOWN_LIMIT);
  });
});
