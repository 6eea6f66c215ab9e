import { expect, test } from 'vitest';
import { auditDiffFinding, auditFinding } from '../findings.ts';
import { auditDiffHtml, auditHtml } from './audit-html.ts';
import type { AuditCell } from '../../audit/audit.ts';
import { compareCells } from '../../audit/result.ts';
import { wilson } from '../../base/share.ts';

const cell = (share: number): AuditCell => ({
  subject: 'page table',
  class: 'page-table',
  hypothetical: false,
  bug: 'use after free, at once',
  access: 'read',
  detected: wilson(100 * share, 100),
  byMmu: 0,
  theory: { low: share, high: share, reason: 'freed <memory> is poisoned' },
  agrees: true,
});
const PROVENANCE = {
  command: 'tagscope audit',
  kasan: 'hw-tags' as const,
  bootMessage: undefined,
  cpu: 'cortex-a710',
  seed: 1,
  trials: 100,
};

test('a loss is the title, and stands first', () => {
  const cells = compareCells([cell(1)], [cell(0)]);
  const result = {
    schema: 'tagscope.audit-diff' as const,
    version: 1 as const,
    ...PROVENANCE,
    from: 'a',
    to: 'b',
    cells,
    lost: 1,
  };
  expect(auditDiffFinding(result)).toBe('b loses 1 kind of bug of what a detects, and gains 0');
  const html = auditDiffHtml(result);
  expect(html).toContain('<h1>b loses 1 kind of bug');
  expect(html).toContain('Lost: what b does not detect as a does');
  expect(html).toContain('freed &lt;memory&gt; is poisoned');
  expect(html).not.toContain('<memory>');
});

test('of one policy: what is never detected', () => {
  const result = {
    schema: 'tagscope.audit' as const,
    version: 1 as const,
    ...PROVENANCE,
    policy: 'none',
    cells: [cell(0), cell(1)],
  };
  expect(auditFinding(result)).toBe('none never detects 1 of 2 kinds of bug');
  expect(auditHtml(result)).toContain('freed &lt;memory&gt; is poisoned');
});
