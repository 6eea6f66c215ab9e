import { UsageError } from '../base/errors.ts';
import { reportOn } from '../jobs/report.ts';
import { REPORT, type ReportOptions } from '../options/commands/report.ts';
import { parseTop } from '../options/table-options.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import { DEFAULT_POLICY } from '../policy/built-in.ts';
import type { ReportBy } from '../report/text-options.ts';
import type { ReportResult } from '../result/result.ts';
import type { Preparation, Running } from './context.ts';
import type { Paths } from '../options/command.ts';
import { openAll, replaySetup } from './replaying.ts';

/** `report`, as its words ask for it. */
export interface PreparedReport {
  /** Rows of the second table. */
  readonly top: number;
  /** The traces of each report: parts of one recording, with `--merge`. */
  readonly groups: readonly Paths[];
  /** One report. @param by what its second table is by */
  report(group: Paths, by: ReportBy, running: Running): Promise<ReportResult>;
}

/** @throws UsageError, InputError for words that make no sense */
export async function prepareReport(paths: Paths, raw: ReportOptions, prepared: Preparation): Promise<PreparedReport> {
  if (paths.filter((path) => path === '-').length > 1)
    throw new UsageError('"-" is given twice', 'The standard input can be read only once.');
  const settings = await replaySetup(raw, prepared);
  const policy = await prepared.policy(raw.policy ?? DEFAULT_POLICY);
  return {
    top: parseTop(raw),
    groups: raw.merge === true ? [paths] : paths.map((path): Paths => [path]),
    report: async (group, by, running) =>
      reportOn(
        await openAll(group, settings, running),
        policy,
        {
          ...settings,
          groupBy: by === 'class' || by === 'site' ? undefined : by,
          command: reproducingCommand(REPORT, group, raw),
        },
        running.monitor,
      ),
  };
}
