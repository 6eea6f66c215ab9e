import {
  auditTasks,
  cellCount,
  runAuditTask,
  type AuditCell,
  type AuditScope,
  type AuditTask,
} from '../audit/audit.ts';
import { MadeTrials } from '../audit/made-trials.ts';
import type { Policy } from '../policy/policy.ts';
import { toTheEnd, type Monitor } from './monitor.ts';

/** What parts of an audit run under. */
export interface TaskSurroundings {
  /** Is told of each cell that is done. */
  readonly monitor: Monitor;
  /** Trials that this thread made before; another thread makes them anew. */
  readonly made: MadeTrials;
}

/**
 * Does parts of an audit, in this thread or in others.
 *
 * @returns the cells of each part under each policy, in the order of the parts
 */
export type RunAuditTasks = (
  tasks: readonly AuditTask[],
  surroundings: TaskSurroundings,
) => Promise<readonly AuditCell[][][]>;

/** What a job that audits runs under. */
export interface AuditHost {
  readonly monitor: Monitor;
  readonly runAuditTasks: RunAuditTasks;
}

/** One part after another, in this thread. */
export const auditHere: RunAuditTasks = async (tasks, { monitor, made }) => {
  const results: AuditCell[][][] = [];
  for (const task of tasks) results.push(await toTheEnd(runAuditTask(task, made), monitor));
  return results;
};

/** What several policies are audited as. */
export interface AuditedTogether {
  readonly scope: AuditScope;
  readonly policies: readonly Policy[];
  /** What progress names it by. */
  readonly what: string;
}

/**
 * Audits policies as one part of the work.
 *
 * @param made trials of audits before this one
 * @returns the cells under each policy
 * @throws UsageError if a policy names flags that the kernel does not have
 */
export async function auditTogether(
  { scope, policies, what }: AuditedTogether,
  { monitor, runAuditTasks }: AuditHost,
  made = new MadeTrials(),
): Promise<AuditCell[][]> {
  const tasks = auditTasks(scope, policies);
  monitor.begin(
    what,
    tasks.reduce((sum, task) => sum + cellCount(task), 0),
    'kinds of bug',
  );
  const parts = await runAuditTasks(tasks, { monitor, made });
  return policies.map((_, index) => parts.flatMap((part) => part[index]));
}
