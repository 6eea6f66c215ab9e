import { parseStoredReports, type StoredReport } from '../explain/stored-reports.ts';
import { PolicyRules, verdictOf } from '../explain/verdicts.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import type { Policy } from '../policy/policy.ts';
import type { RealReports, WorseReport } from '../review/real-reports.ts';
import type { PolicyWords } from './review-predictions.ts';

/** Reports of real bugs, as `tagscope explain --json` wrote them. */
export interface ExplainedFile {
  readonly name: string;
  readonly reports: readonly StoredReport[];
}

/**
 * Reads what `tagscope explain --json` wrote.
 *
 * @throws InputError naming what is not as it should be
 */
export const readExplained = (name: string, text: string): ExplainedFile => ({
  name,
  reports: parseStoredReports(text, name),
});

/** Explained with the pages of 4 KiB that logs are explained with (src/jobs/explain.ts). */
const PAGE_SIZE = 4096;

/** What becomes of the bugs of real reports, by the rules of the audit. */
export function judgeReports(
  { name, reports }: ExplainedFile,
  from: Policy,
  to: Policy,
  words: PolicyWords,
): RealReports {
  const config = defaultKernelConfig(PAGE_SIZE);
  const [before, after] = [new PolicyRules(from, config), new PolicyRules(to, config)];
  const counts = { kept: 0, more: 0, less: 0, missed: 0, never: 0, undecidable: 0 };
  const worse: WorseReport[] = [];
  for (const { title, log, line, class: classOf, shown } of reports) {
    const own = before.theory(shown);
    const { change, low, high } = verdictOf(own, after, shown);
    counts[change]++;
    if (change === 'missed' || change === 'less')
      worse.push({
        title,
        at: `${log}:${line}`,
        class: classOf,
        change,
        before: [own.low, own.high],
        after: [low, high],
      });
  }
  const logs = [...new Set(reports.map(({ log }) => log))];
  return {
    source: name,
    bugs: reports.length,
    ...counts,
    worse,
    command: `${words.first}tagscope explain ${words.quote(logs)} --from ${words.from} --policy ${words.to}`,
  };
}
