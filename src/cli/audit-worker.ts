import { parentPort } from 'node:worker_threads';
import { runAuditTask, type AuditCell, type AuditTask } from '../audit/audit.ts';

/** What a worker tells of a part of an audit: that a cell is done, and at the end what came of all. */
export type AuditMessage = { readonly done: number } | { readonly cells: AuditCell[][] };

if (parentPort !== null) {
  const port = parentPort;
  port.on('message', (task: AuditTask) => {
    const steps = runAuditTask(task);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return port.postMessage({ cells: step.value } satisfies AuditMessage);
      port.postMessage({ done: 1 } satisfies AuditMessage);
    }
  });
}
