import { beforeAll, describe, expect, test } from 'vitest';
import type { DiffResult, DiffRow } from '../../src/result/result.ts';
import { tagscope, unwrapped } from './command.testdata.ts';

/**
 * What a kernel with the series executed on this workload, recorded with stacks as this trace is: measured in QEMU, one
 * counter for each executed instruction. The trace is of the kernel without the series.
 */
const EXECUTED_BY_PATCHED_KERNEL = 58_235;
/** The same of the kernel without the series, in the run of this trace (cases/oracle/README.md, `-stack`). */
const EXECUTED_BY_BASELINE_KERNEL = 133_765;

const TRACE = 'cases/pgtable/trace.zst';

const granulesOf = ({ granules }: DiffRow['from']): number => granules.alloc + granules.free;

describe('the main job: what would the series save on this workload? (npm start)', () => {
  let result: DiffResult;
  let text = '';
  const rowOf = (name: string): DiffRow => {
    const row = result.byClass.find((candidate) => candidate.class === name);
    if (row === undefined) throw new Error(`no row ${name}`);
    return row;
  };

  beforeAll(async () => {
    const [json, plain] = await Promise.all([tagscope(['diff', TRACE, '--json']), tagscope(['diff', TRACE])]);
    expect([json.code, json.stderr]).toEqual([0, '']);
    expect([plain.code, plain.stderr]).toEqual([0, '']);
    result = JSON.parse(json.stdout);
    text = plain.stdout;
  });

  test.each(['page-table', 'kernel-stack'])('%s: what the series skips goes to exactly nothing', (name) => {
    const { from, to } = rowOf(name);
    expect(granulesOf(from)).toBeGreaterThan(0);
    expect(from.tagInstructions).toBeGreaterThan(0);
    expect(to).toMatchObject({
      granules: { alloc: 0, free: 0 },
      tagInstructions: 0,
      time: { low: 0, best: 0, high: 0 },
    });
  });

  test('20 forks reuse 20 stacks of 16 KiB, which are unpoisoned as a whole: 1,024 granules each', () => {
    // mte_set_mem_tag_range (arch/arm64/include/asm/mte-kasan.h), 16 KiB in blocks of 64 bytes: 4 STG, 255 DC GVA.
    expect(rowOf('kernel-stack').from).toMatchObject({
      granules: { alloc: 20 * 1024, free: 0 },
      tagInstructions: 20 * (4 + 255),
    });
  });

  test('time is saved where instructions are, and is given as what the profiles span', () => {
    for (const { class: name, from, to } of result.byClass)
      expect([name, (from.time?.best ?? 0) > (to.time?.best ?? 0)]).toEqual([
        name,
        from.tagInstructions > to.tagInstructions,
      ]);
    expect(unwrapped(text)).toMatch(
      /Modelled, that saves [\d.]+ us \(issue-neoverse-n2: [^)]+\) to [\d.]+ us \(series-2026: [^)]+\) of CPU time/,
    );
  });

  test('mmu-gather pages (GFP_NOWAIT, not in the series) do not change, and are most of what remains', () => {
    const { from, to } = rowOf('mmu-gather');
    expect(to).toEqual(from);
    const remaining = result.byClass.reduce((sum, row) => sum + row.to.tagInstructions, 0);
    expect(to.tagInstructions / remaining).toBeGreaterThan(0.5);
  });

  test('slab objects do not change', () => {
    const { from, to } = rowOf('slab-object');
    expect(to).toEqual(from);
  });

  test('the prediction is within 3 % of what the patched kernel executed, the interval included', () => {
    const { tagInstructions } = result.to.totals;
    expect(Math.abs(tagInstructions.best / EXECUTED_BY_PATCHED_KERNEL - 1)).toBeLessThan(0.03);
    expect(tagInstructions.low).toBeLessThanOrEqual(EXECUTED_BY_PATCHED_KERNEL);
    expect(tagInstructions.high).toBeGreaterThanOrEqual(EXECUTED_BY_PATCHED_KERNEL);
  });

  test('the other side is within 1 % of what the kernel of the trace executed', () => {
    const { tagInstructions } = result.from.totals;
    expect(Math.abs(tagInstructions.best / EXECUTED_BY_BASELINE_KERNEL - 1)).toBeLessThan(0.01);
  });

  test('the text gives the answer first, and the figures of the JSON', () => {
    const [first] = text.split('\n\n');
    const figure = (value: number): string => value.toLocaleString('en-US');
    const saved = result.byClass.reduce((sum, row) => sum + granulesOf(row.from) - granulesOf(row.to), 0);
    expect(unwrapped(first)).toMatch(new RegExp(`^series saves ${figure(saved)} granules \\(`));
    expect(unwrapped(first)).toContain('what remains is mmu-gather');
    expect(text).toContain(figure(result.to.totals.tagInstructions.best));
    expect(text).toContain(figure(result.from.totals.tagInstructions.best));
  });
});
