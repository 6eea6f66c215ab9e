import { Worker } from 'node:worker_threads';
import { DetectionRules } from '../audit/theory.ts';
import { cellCount, type AuditCell, type AuditTask } from '../audit/audit.ts';
import { auditHere, type RunAuditTasks } from '../jobs/audit-tasks.ts';
import type { AuditMessage } from './audit-worker.ts';
import { defaultJobs } from './jobs.ts';
import { workerResult } from './worker-result.ts';

/** What pays for the start of a thread: trials take some ten microseconds each, a start a tenth of a second. */
const TRIALS_FOR_A_THREAD = 20_000;

/** Does parts of audits side by side, where there is enough to do. @param jobs how many threads at most */
export const auditInThreads =
  (jobs = defaultJobs()): RunAuditTasks =>
  async (tasks, surroundings) => {
    const trials = tasks.reduce((sum, task) => sum + task.scope.trials * cellCount(task), 0);
    const count = Math.min(jobs, tasks.length, Math.floor(trials / TRIALS_FOR_A_THREAD));
    if (count < 2) return auditHere(tasks, surroundings);
    // A policy that the kernel refuses must be refused here: what a thread throws arrives without its kind.
    const [{ scope, policies }] = tasks;
    for (const policy of policies) void new DetectionRules({ ...scope, policy });
    const results: AuditCell[][][] = [];
    const waiting = tasks.entries();
    const advance = (cells: number): void => surroundings.monitor.advance(cells);
    const workers = Array.from({ length: count }, () => new Worker(new URL('./audit-worker.js', import.meta.url)));
    try {
      // One iterator for all: who is free takes what comes next.
      await Promise.all(
        workers.map(async (worker) => {
          for (const [index, task] of waiting) results[index] = await cellsOf(worker, task, advance);
        }),
      );
      return results;
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
  };

/** Has a worker do a part. */
function cellsOf(worker: Worker, task: AuditTask, advance: (cells: number) => void): Promise<AuditCell[][]> {
  const cells = workerResult(worker, 'a thread of the audit', (message: AuditMessage) =>
    'done' in message ? void advance(message.done) : message.cells,
  );
  worker.postMessage(task, []);
  return cells;
}
