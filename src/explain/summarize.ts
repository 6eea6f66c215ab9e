import type { CaughtChange, CountedKind, ExplainedReport, ExplainSummary, PolicySummary } from './result.ts';

/** The reports that count: the first of each bug, without those that show none. */
const countedOf = (reports: readonly ExplainedReport[]): readonly ExplainedReport[] =>
  reports.filter(({ duplicateOf, notABug }) => duplicateOf === null && notABug === null);

/** What all reports say together. */
export function summarize(reports: readonly ExplainedReport[], logs: readonly string[]): ExplainSummary {
  const counted = countedOf(reports);
  const withReport = new Set(reports.map(({ log }) => log));
  const duplicates = reports.filter(({ duplicateOf }) => duplicateOf !== null).length;
  return {
    logs: logs.length,
    logsWithoutReport: logs.filter((log) => !withReport.has(log)),
    reports: reports.length,
    distinct: reports.length - duplicates,
    duplicates,
    notABug: reports.filter(({ duplicateOf, notABug }) => duplicateOf === null && notABug !== null).length,
    policies: policiesOf(counted),
    byKind: countBy(counted, ({ bug }) => bug),
    byClass: countBy(counted, (report) => report.class),
    byKindAndClass: pairsOf(counted),
  };
}

function policiesOf(counted: readonly ExplainedReport[]): PolicySummary[] {
  const names = [...new Set(counted.flatMap(({ policies }) => policies.map(({ policy }) => policy)))];
  return names.map((name) => {
    const titles = new Map<CaughtChange, string[]>();
    for (const { policies, title } of counted) {
      const change = policies.find(({ policy }) => policy === name)?.change;
      if (change !== undefined) titles.set(change, [...(titles.get(change) ?? []), title]);
    }
    const of = (change: CaughtChange): readonly string[] => titles.get(change) ?? [];
    return {
      policy: name,
      kept: of('kept').length,
      less: of('less').length,
      missed: of('missed').length,
      undecidable: of('undecidable').length,
      never: of('never').length,
      more: of('more').length,
      missedTitles: of('missed'),
      lessTitles: of('less'),
    };
  });
}

function countBy(counted: readonly ExplainedReport[], nameOf: (report: ExplainedReport) => string): CountedKind[] {
  const groups = grouped(counted, nameOf);
  const of = (reports: readonly ExplainedReport[], kind: ExplainedReport['access']['kind']): number =>
    reports.filter(({ access }) => access.kind === kind).length;
  return [...groups]
    .map(([name, reports]) => ({
      name,
      count: reports.length,
      reads: of(reports, 'read'),
      writes: of(reports, 'write'),
      frees: of(reports, 'free'),
    }))
    .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

function grouped<Item>(items: readonly Item[], nameOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(nameOf(item));
    if (group === undefined) groups.set(nameOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function pairsOf(counted: readonly ExplainedReport[]): ExplainSummary['byKindAndClass'] {
  const groups = grouped(counted, (report) => JSON.stringify([report.bug, report.class, report.access.kind]));
  return [...groups.values()]
    .map((reports) => ({
      bug: reports[0].bug,
      class: reports[0].class,
      access: reports[0].access.kind,
      count: reports.length,
    }))
    .toSorted((a, b) => b.count - a.count);
}
