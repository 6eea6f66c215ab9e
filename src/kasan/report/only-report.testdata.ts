import { expect } from 'vitest';
import { parseReports } from './parse.ts';
import type { AccessReport } from './report.ts';
import type { FoundReport } from './scan.ts';

/** The only report of a log; there must be no other title. */
export function only(lines: readonly string[]): FoundReport & { readonly report: AccessReport } {
  const { reports, broken } = parseReports(lines);
  expect(broken).toEqual([]);
  expect(reports.length).toBe(1);
  const [found] = reports;
  if (found.report.kind === 'async') throw new Error('an asynchronous report');
  return { ...found, report: found.report };
}

/** Nothing of it is missing, and nothing else is in it. */
export const WHOLE = { unread: [], foreign: [], missing: [] };
