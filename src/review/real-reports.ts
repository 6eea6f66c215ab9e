import type { Judgement } from './claim.ts';

/** A bug of a real report that is noticed less often with a series than before it. */
export interface WorseReport {
  readonly title: string;
  /** Where it stands, as LOG:LINE. */
  readonly at: string;
  readonly class: string;
  readonly change: 'missed' | 'less';
  /** Share that is noticed, at least and at most. */
  readonly before: readonly [low: number, high: number];
  readonly after: readonly [low: number, high: number];
}

/** What a series makes of the bugs of real reports, beside the kernel before it. Each distinct one counts once. */
export interface RealReports {
  /** The file that they are from: what `tagscope explain --json` wrote. */
  readonly source: string;
  readonly bugs: number;
  /** Noticed as often as before, and more often. */
  readonly kept: number;
  readonly more: number;
  readonly less: number;
  readonly missed: number;
  /** Noticed neither before nor with the series. */
  readonly never: number;
  /** The report does not tell what decides. */
  readonly undecidable: number;
  readonly worse: readonly WorseReport[];
  /** The command that judges the logs again. */
  readonly command: string;
}

/** What becomes of real reports, in one sentence. */
export function realReportsText({ source, bugs, ...count }: RealReports): string {
  const parts = [
    ['noticed as before', count.kept],
    ['noticed more often', count.more],
    ['noticed less often', count.less],
    ['missed', count.missed],
    ['noticed neither before nor after', count.never],
    ['not decidable', count.undecidable],
  ] as const;
  const told = parts.filter(([, many]) => many > 0).map(([what, many]) => `${many} ${what}`);
  return `Of ${bugs} ${bugs === 1 ? 'bug' : 'bugs'} of real reports (${source}): ${told.join(', ')}.`;
}

/** A bug that is noticed less often, in one line. */
export const worseReportText = ({ change, title, at, class: classOf }: WorseReport): string =>
  `${change === 'missed' ? 'missed' : 'less often'}: ${title} (${at}, ${classOf})`;

/** What real reports say of the claim that nothing is lost; undefined where they say nothing against it. */
export function againstCoverage(reports: RealReports | undefined): Judgement | undefined {
  const [one] = reports?.worse ?? [];
  if (reports === undefined || one === undefined) return undefined;
  return {
    verdict: 'refuted',
    is: `${realReportsText(reports)} For example "${one.title}" (${one.at}, ${one.class}).`,
    reproduce: reports.command,
  };
}
