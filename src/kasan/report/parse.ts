import { ReportScanner, type BrokenReport, type FoundReport } from './scan.ts';

/** What a log holds. */
export interface ReportsOfLog {
  readonly reports: readonly FoundReport[];
  readonly broken: readonly BrokenReport[];
}

/**
 * Finds the KASAN reports in a log of any kernel since 4.4: a console, dmesg, a system log or a mail, among other messages.
 *
 * @param lines the lines of the log, without their ends
 */
export function parseReports(lines: Iterable<string>): ReportsOfLog {
  const reports: FoundReport[] = [];
  const broken: BrokenReport[] = [];
  const scanner = new ReportScanner((found) => {
    if ('read' in found) reports.push(found.read);
    else broken.push(found.broken);
  });
  let number = 0;
  for (const line of lines) scanner.push(line, ++number);
  scanner.end();
  return { reports, broken };
}
