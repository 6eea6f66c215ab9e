import { formatReport } from '../kasan/report/format.ts';
import { totalsOf, type CaseResult, type SuiteResult } from './harness.ts';

/** What one case adds to the output: its diagnostics, and the line of its result. */
export function caseLines(
  { name, outcome, reasons, reports, slow }: CaseResult,
  number: number,
  showReports: boolean,
): string[] {
  const lines = showReports ? reports.flatMap(formatReport) : [];
  if (slow && outcome !== 'skip') lines.push(`    # ${name}.speed: slow`);
  if (outcome === 'skip') return [...lines, `    ok ${number} ${name} # SKIP ${reasons.join('; ')}`];
  for (const reason of reasons) lines.push(`    # ${name}: EXPECTATION FAILED`, `    ${reason}`);
  return [...lines, `    ${outcome === 'pass' ? 'ok' : 'not ok'} ${number} ${name}`];
}

/** The lines before the first case: version 1 of KTAP (Documentation/dev-tools/ktap.rst), one suite. */
export const headLines = (cases: number): string[] => [
  'KTAP version 1',
  '1..1',
  '    KTAP version 1',
  '    # Subtest: kasan',
  '    # module: kasan_test',
  `    1..${cases}`,
];

/** The lines after the last case. */
export function tailLines({ cases, panic }: SuiteResult): string[] {
  const { pass, fail, skip } = totalsOf(cases);
  const totals = `pass:${pass} fail:${fail} skip:${skip} total:${cases.length}`;
  return [
    ...(panic === undefined ? [] : [`Bail out! ${panic}`]),
    `# kasan: ${totals}`,
    `# Totals: ${totals}`,
    `${fail === 0 ? 'ok' : 'not ok'} 1 kasan`,
  ];
}

/** The whole output. */
export const ktapLines = (result: SuiteResult, planned: number, showReports: boolean): string[] => [
  ...headLines(planned),
  ...result.cases.flatMap((caseResult, index) => caseLines(caseResult, index + 1, showReports)),
  ...tailLines(result),
];
