import type { KernelVersion } from '../base/kernel-version.ts';
import { pageSizeName } from '../kasan/page-sizes.ts';
import type { Steps } from '../base/steps.ts';
import type { KasanReport } from '../kasan/report/report.ts';
import { textOfLogLine } from '../kasan/report/log-line.ts';
import { parseReports } from '../kasan/report/parse.ts';
import type { BrokenReport } from '../kasan/report/scan.ts';
import { conform, type ConformOptions } from './conform.ts';
import type { Outcome } from './harness.ts';
import { releaseOfCases } from './suite.ts';
import { NORMAL_PARTS, normalizeReport, type NormalReport } from './normalize-report.ts';

/** A case as a kernel's log tells it. */
export interface LoggedCase {
  readonly name: string;
  readonly outcome: Outcome;
  readonly reports: readonly KasanReport[];
}

/** What a log tells of a run of the kernel's KASAN tests. */
export interface SuiteLog {
  readonly cases: readonly LoggedCase[];
  /** `Kernel command line:`, if the log has it. */
  readonly commandLine: string | undefined;
  /** The release, from `Linux version`, or that whose tests these are. */
  readonly version: KernelVersion | undefined;
  /** Bytes, from the line of a hash table that tells the order and the bytes of its memory. */
  readonly pageSize: number | undefined;
  readonly broken: readonly BrokenReport[];
}

/** A result of a case: KTAP 1, or TAP 14 as KUnit wrote it up to Linux 6.2, with a dash before the name. */
const RESULT = /^(?: {4}|\t)(not )?ok \d+ (?:- )?([a-z0-9_]+)( # SKIP\b.*)?\s*$/;
const COMMAND_LINE = 'Kernel command line: ';
const VERSION = /^Linux version (\d+)\.(\d+)/;
/** mm/mm_init.c:alloc_large_system_hash. */
const HASH_TABLE = /^\S.* hash table entries: \d+ \(order: (\d+), (\d+) bytes\b/;

/** Reads the results of the KASAN tests and their reports out of a console log, or a log with results only. */
export function readSuiteLog(lines: readonly string[]): SuiteLog {
  const { reports, broken } = parseReports(lines);
  const cases: LoggedCase[] = [];
  let commandLine: string | undefined;
  let version: KernelVersion | undefined;
  let pageSize: number | undefined;
  let next = 0;
  for (const [index, line] of lines.entries()) {
    const text = textOfLogLine(line);
    if (text.startsWith(COMMAND_LINE)) commandLine = text.slice(COMMAND_LINE.length).trimEnd();
    version ??= versionOf(text);
    pageSize ??= pageSizeOf(text);
    const match = RESULT.exec(text);
    if (match === null) continue;
    const first = next;
    while (next < reports.length && reports[next].line <= index) next++;
    cases.push({
      name: match[2],
      outcome: match[3] !== undefined ? 'skip' : match[1] === undefined ? 'pass' : 'fail',
      reports: reports.slice(first, next).map(({ report }) => report),
    });
  }
  version ??= releaseOfCases(cases.map(({ name }) => name));
  return { cases, commandLine, version, pageSize, broken };
}

function versionOf(text: string): KernelVersion | undefined {
  const match = VERSION.exec(text);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}

/** A table of 2^order pages has that many bytes, unless it is smaller than a page. */
function pageSizeOf(text: string): number | undefined {
  const match = HASH_TABLE.exec(text);
  if (match === null) return undefined;
  const [, order, bytes] = match.map(Number);
  const size = bytes / 2 ** order;
  return order > 0 && pageSizeName(size) !== undefined ? size : undefined;
}

/** How a report of a log compares with those that the model gives for the same step. */
export interface ComparedReport {
  readonly logged: NormalReport;
  /** In how many seeds the model reports at all, and in how many the same to the last granule. */
  readonly reported: number;
  readonly equal: number;
  /** Parts that agree in no seed. */
  readonly never: readonly (typeof NORMAL_PARTS)[number][];
}

/** How a case of a log compares with the model. */
export interface ComparedCase {
  readonly name: string;
  readonly logged: Outcome;
  /** In how many seeds the model's case went the same way. */
  readonly same: number;
  readonly reports: readonly ComparedReport[];
}

/** A log beside the model, as `--json` prints it. */
export interface AgainstLog {
  readonly schema: 'tagscope.conform-against';
  readonly version: 1;
  readonly command: string;
  readonly log: string;
  readonly commandLine: string;
  readonly seeds: { readonly first: number; readonly count: number };
  readonly brokenReports: readonly BrokenReport[];
  readonly cases: readonly ComparedCase[];
}

const isEqual = (a: NormalReport, b: NormalReport): boolean => NORMAL_PARTS.every((part) => a[part] === b[part]);

/**
 * Compares a log with the model over several seeds: tags are random in both, so what a log shows is one of what may be. A
 * step for each seed.
 */
export function* compareWithLog(
  log: readonly LoggedCase[],
  options: ConformOptions,
  seeds: number,
): Steps<ComparedCase[]> {
  const logged = log.map(({ reports }) => reports.map((report) => normalizeReport(report, options.config.pageSize)));
  const same = log.map(() => 0);
  const tallies = logged.map((reports) =>
    reports.map(() => ({ reported: 0, equal: 0, parts: new Set<(typeof NORMAL_PARTS)[number]>() })),
  );
  for (let seed = 0; seed < seeds; seed++) {
    const byName = new Map(
      conform({ ...options, seed: options.seed + seed }).cases.map((result) => [result.name, result]),
    );
    for (const [index, { name, outcome }] of log.entries()) {
      const modelled = byName.get(name);
      if (modelled?.outcome === outcome) same[index]++;
      for (const [place, tally] of tallies[index].entries()) {
        const report = modelled?.reports[place];
        if (report === undefined) continue;
        const normal = normalizeReport(report, options.config.pageSize);
        const real = logged[index][place];
        tally.reported++;
        if (isEqual(normal, real)) tally.equal++;
        for (const part of NORMAL_PARTS) if (normal[part] === real[part]) tally.parts.add(part);
      }
    }
    yield;
  }
  return log.map(({ name, outcome }, index) => ({
    name,
    logged: outcome,
    same: same[index],
    reports: tallies[index].map(({ reported, equal, parts }, place) => ({
      logged: logged[index][place],
      reported,
      equal,
      never: NORMAL_PARTS.filter((part) => !parts.has(part)),
    })),
  }));
}

/** Whether a case of a log is one of what the model does, and so is each of its reports. */
export const isExplained = ({ same, reports }: ComparedCase): boolean =>
  same > 0 && reports.every(({ never }) => never.length === 0);
