import { audit, type AuditCell } from '../audit/audit.ts';
import type { BugName } from '../audit/bug-kinds.ts';
import { INJECTIONS } from '../audit/injection.ts';
import type { Memory } from '../audit/memory.ts';
import { SUBJECTS, type Subject } from '../audit/subject.ts';
import type { BugAccess } from '../audit/theory.ts';
import { inOneGo, type Steps } from '../base/steps.ts';
import { Explainer, type Explained, type ExplainOptions } from '../explain/explain-report.ts';
import { LogReader, type LogEnd } from '../explain/log-reader.ts';
import type { ExplainedReport, ExplainResult, OnModel, UnreadTitle } from '../explain/result.ts';
import { sizedLike } from '../explain/sized-subject.ts';
import { summarize } from '../explain/summarize.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { cpuProfile, DEFAULT_CPU } from '../mte/cpu.ts';
import type { Policy } from '../policy/policy.ts';

/** A log, as its bytes come. */
export interface LogInput {
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** A report of a log, explained, before it is set beside the others. */
interface InLog {
  readonly log: string;
  readonly explained: Explained;
}

/** What logs had. */
export interface ReadLogs {
  readonly reports: readonly InLog[];
  readonly unreadTitles: readonly UnreadTitle[];
  readonly logs: readonly { readonly name: string; readonly end: LogEnd }[];
}

/**
 * Reads logs one after the other and explains their reports. Memory grows with the reports alone.
 *
 * @throws UsageError if a policy names flags that Linux 7.3 does not have
 */
export async function readLogs(
  inputs: AsyncIterable<LogInput> | Iterable<LogInput>,
  options: ExplainOptions,
): Promise<ReadLogs> {
  const explainer = new Explainer(options);
  const reports: InLog[] = [];
  const unreadTitles: UnreadTitle[] = [];
  const logs: { name: string; end: LogEnd }[] = [];
  for await (const { name, chunks } of inputs) {
    const reader = new LogReader({
      report: (found, facts) => void reports.push({ log: name, explained: explainer.explain(found, facts) }),
      broken: ({ line, title, reason }) => void unreadTitles.push({ log: name, line, title, reason }),
    });
    for await (const chunk of chunks) reader.push(chunk);
    logs.push({ name, end: reader.end() });
  }
  return { reports, unreadTitles, logs };
}

const CONFIG = defaultKernelConfig(4096);
const SEED = 1;

/** A bug as the model can make it: one kind, in one kind of memory. */
interface ModelBug {
  readonly subject: Subject;
  readonly bug: BugName;
  readonly access: BugAccess;
}

/** The bug of a report in memory as large as its own; where that cannot be made so, in memory of the same kind. */
function modelBug({ shown, isOwnOpen }: Explained): ModelBug | undefined {
  const { bugs, memories, access } = shown;
  const [bug] = bugs;
  const [memory] = memories;
  if (bugs.length !== 1 || memories.length !== 1 || access === undefined || isOwnOpen) return undefined;
  const isMadeIn = (subject: Subject): boolean =>
    INJECTIONS.some((injection) => injection.bug === bug && injection.applies(subject, 'hw-tags'));
  const subject = [...sizedLike(shown), ...SUBJECTS.filter((candidate) => isSameKind(candidate, memory))].find(
    isMadeIn,
  );
  if (subject === undefined) return undefined;
  const { site, frames, comm } = memory;
  return { subject: { ...subject, site, frames, comm }, bug, access };
}

const isSameKind = (subject: Subject, memory: Memory): boolean =>
  subject.class === memory.class &&
  subject.allocator === memory.allocator &&
  subject.route === memory.route &&
  (subject.cache ?? 'plain') === (memory.cache ?? 'plain') &&
  (subject.order ?? 0) === (memory.order ?? 0);

/** Names what was made of what: the same for reports that the model makes the same thing of. */
const nameOf = (own: Policy, { subject, bug, access }: ModelBug): string =>
  JSON.stringify([own.name, subject, bug, access]);

/** Bugs of reports on the model, by their names. */
export type ModelCells = ReadonlyMap<string, AuditCell>;

/** Makes the bugs of reports on the model, each kind once: a step for each. What the model cannot make is left out. */
export function* onModel({ reports }: ReadLogs, trials: number): Steps<ModelCells> {
  const wanted = new Map<string, { readonly policy: Policy; readonly made: ModelBug }>();
  for (const { explained } of trials === 0 ? [] : reports) {
    const made = modelBug(explained);
    if (made !== undefined) wanted.set(nameOf(explained.own, made), { policy: explained.own, made });
  }
  const cells = new Map<string, AuditCell>();
  for (const [name, { policy, made }] of wanted) {
    const { subject, bug, access } = made;
    const [found] = inOneGo(
      audit({
        config: CONFIG,
        cpu: cpuProfile(DEFAULT_CPU),
        policy,
        seed: SEED,
        trials,
        subjects: [subject],
        cells: [{ subject: subject.name, bug, access }],
      }),
    );
    if (found !== undefined) cells.set(name, found);
    yield;
  }
  return cells;
}

/** How many kinds of bug `onModel` makes at most. */
export const modelCount = ({ reports }: ReadLogs): number => reports.length;

function modelOf({ explained }: InLog, cells: ModelCells): OnModel | null {
  const made = modelBug(explained);
  const found = made === undefined ? undefined : cells.get(nameOf(explained.own, made));
  if (found === undefined) return null;
  const { caught } = explained.report;
  const isSame = Math.abs(found.theory.low - caught.low) < 1e-9 && Math.abs(found.theory.high - caught.high) < 1e-9;
  return { subject: found.subject, detected: found.detected, agrees: found.agrees && isSame };
}

/** The result of reading logs. */
export function explainResult(
  read: ReadLogs,
  cells: ModelCells,
  { command, shows }: Pick<ExplainResult, 'command' | 'shows'>,
): ExplainResult {
  const first = new Map<string, string>();
  const reports = read.reports.map((inLog): ExplainedReport => {
    const { log, explained } = inLog;
    const { report, key } = explained;
    const duplicateOf = first.get(key) ?? null;
    if (duplicateOf === null) first.set(key, `${log}:${report.line}`);
    return { log, ...report, model: modelOf(inLog, cells), duplicateOf };
  });
  return {
    schema: 'tagscope.explain',
    version: 1,
    command,
    shows,
    reports,
    summary: summarize(
      reports,
      read.logs.map(({ name }) => name),
    ),
    unreadTitles: read.unreadTitles,
  };
}

/** Whether a policy misses a bug that the kernel's own policy catches: it is never noticed any more. */
export const missesAny = ({ reports }: ExplainResult, policy: string): boolean =>
  reports.some(
    ({ policies, notABug, duplicateOf }) =>
      notABug === null &&
      duplicateOf === null &&
      policies.some((verdict) => verdict.policy === policy && verdict.change === 'missed'),
  );
