import type { DiffResult, ReportResult, RunsOfSide } from '../result/result.ts';

/** What the sides of a difference are called. */
export interface SideNames {
  readonly from: string;
  readonly to: string;
}

/** Policies, or traces where the policy is the same. */
export function sideNames({ from, to, scale }: DiffResult): SideNames {
  if (scale !== null && scale.from.runs.length + scale.to.runs.length > 2) {
    const several = (report: ReportResult, { runs }: RunsOfSide): string =>
      runs.length === 1 ? baseName(filesOf(report)) : `${baseName(filesOf(report))} and ${runs.length - 1} more`;
    return { from: several(from, scale.from), to: several(to, scale.to) };
  }
  if (from.policy.name !== to.policy.name) return { from: from.policy.name, to: to.policy.name };
  const [fromFiles, toFiles] = [filesOf(from), filesOf(to)];
  const [fromName, toName] = [baseName(fromFiles), baseName(toFiles)];
  return fromName === toName ? { from: fromFiles, to: toFiles } : { from: fromName, to: toName };
}

/** Whether both sides are of one trace. */
export const isOneTrace = ({ from, to }: DiffResult): boolean =>
  from.source.files.join('\0') === to.source.files.join('\0');

const filesOf = ({ source }: ReportResult): string => source.files.join(', ');
const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** What a report is of, in a few words: `before-series on trace.dat`. */
export const reportTitle = (result: ReportResult): string =>
  `${result.policy.name} on ${result.source.files.map(baseName).join(', ')}`;

/** What a difference is of: `before-series to series on trace.dat`. */
export function diffTitle(result: DiffResult): string {
  const { from, to } = sideNames(result);
  const on = isOneTrace(result) ? result.to.source.files.map(baseName).join(', ') : result.to.policy.name;
  return `${from} to ${to} on ${on}`;
}
