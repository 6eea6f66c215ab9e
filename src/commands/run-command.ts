import type { BenchThread } from '../jobs/bench.ts';
import type { AdviseOptions } from '../options/commands/advise.ts';
import type { AuditOptions } from '../options/commands/audit.ts';
import type { BenchOptions } from '../options/commands/bench.ts';
import type { CheckOptions } from '../options/commands/check.ts';
import type { CompareOptions } from '../options/commands/compare.ts';
import type { ConformOptions } from '../options/commands/conform.ts';
import type { DiffOptions } from '../options/commands/diff.ts';
import type { InfoOptions } from '../options/commands/info.ts';
import type { ReportOptions } from '../options/commands/report.ts';
import { prepareAdvise } from './advise.ts';
import { prepareAudit } from './audit.ts';
import { prepareBench } from './bench.ts';
import { prepareCheck } from './check.ts';
import { prepareCompare } from './compare.ts';
import { prepareConform } from './conform.ts';
import type { Preparation, Running } from './context.ts';
import type { Paths } from '../options/command.ts';
import { prepareDiff } from './diff.ts';
import { prepareInfo } from './info.ts';
import { prepareReport } from './report.ts';

/** A command and its words, as a page or a server asks for it: what the parser of the command line makes of one. */
export type CommandRequest =
  | { readonly command: 'report'; readonly paths: Paths; readonly raw: ReportOptions }
  | { readonly command: 'diff'; readonly paths: Paths; readonly raw: DiffOptions }
  | { readonly command: 'info'; readonly path: string; readonly raw: InfoOptions }
  | { readonly command: 'compare'; readonly path: string; readonly raw: CompareOptions }
  | { readonly command: 'advise'; readonly path: string; readonly raw: AdviseOptions }
  | { readonly command: 'check'; readonly path: string; readonly raw: CheckOptions }
  | { readonly command: 'audit'; readonly raw: AuditOptions }
  | { readonly command: 'conform'; readonly raw: ConformOptions }
  | { readonly command: 'bench'; readonly workload: string; readonly raw: BenchOptions };

/** What commands run with, whichever it is. */
export interface CommandContext extends Running {
  readonly prepared: Preparation;
  /** Does the runs of `bench`. */
  readonly benchThread: BenchThread;
}

/**
 * Runs a command.
 *
 * @returns its results, as `--json` prints them: one, or of `report` one for each trace
 * @throws UsageError, InputError
 */
export async function runCommand(request: CommandRequest, context: CommandContext): Promise<readonly object[]> {
  const { prepared, monitor } = context;
  switch (request.command) {
    case 'report': {
      const { groups, report } = await prepareReport(request.paths, request.raw, prepared);
      const results: object[] = [];
      for (const group of groups) results.push(await report(group, request.raw.by ?? 'site', context));
      return results;
    }
    case 'diff': {
      const { run } = await prepareDiff(request.paths, request.raw, prepared);
      return [await run(request.raw.by === 'stack' ? 'stack' : undefined, context)];
    }
    case 'info':
      return [await prepareInfo(request.raw, prepared)(request.path, context)];
    case 'compare':
      return [await (await prepareCompare(request.path, request.raw, prepared)).run(context)];
    case 'advise':
      return [(await (await prepareAdvise(request.path, request.raw, prepared)).run(context)).result];
    case 'check':
      return [await (await prepareCheck(request.path, request.raw, prepared))(context)];
    case 'audit':
      return [await (await prepareAudit(request.raw, prepared)).run(context)];
    case 'conform':
      return [(await (await prepareConform(request.raw, prepared)).run(monitor)).result];
    case 'bench':
      return [await (await prepareBench(request.workload, request.raw, prepared)).run(context.benchThread, monitor)];
  }
}
