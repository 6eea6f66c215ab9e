import { InputError, UsageError } from '../../src/base/errors.ts';
import type { Preparation, Running } from '../../src/commands/context.ts';
import { preparation } from '../../src/commands/named.ts';
import { runCommand } from '../../src/commands/run-command.ts';
import { runBenchTask, type BenchThread } from '../../src/jobs/bench.ts';
import { auditHere } from '../../src/jobs/audit-tasks.ts';
import type { Monitor } from '../../src/jobs/monitor.ts';
import { VERSION } from './version.ts';
import type { Ask, NamedFile, Say } from './messages.ts';
import { textOf, TraceFiles } from './trace-files.ts';

/** Who hears what is said. */
export interface Wire {
  tell(message: Say): void;
}

/** How long a command runs before others get their turn. */
const TURN_MS = 50;
/** How often is said how far it is. */
const SAY_MS = 100;

/** Ends a command that is not wanted any more. */
class Cancelled extends Error {}

/** Answers what is asked, one command after another. @returns takes what is asked */
export function serve(wire: Wire): (asked: Ask) => void {
  const traces = new TraceFiles();
  const cancelled = new Set<number>();
  let before: Promise<void> = Promise.resolve();
  return (asked) => {
    switch (asked.ask) {
      case 'cancel':
        cancelled.add(asked.id);
        return;
      case 'run':
        before = before.then(() => answer(asked));
        return;
    }
  };

  async function answer({ id, request, files }: Extract<Ask, { readonly ask: 'run' }>): Promise<void> {
    const monitor = monitorOf(id);
    try {
      const context = { ...commandContext(files, monitor), benchThread: inThisThread(monitor) };
      const results = await runCommand(request, context);
      wire.tell({ say: 'results', id, results });
    } catch (error) {
      if (error instanceof Cancelled) wire.tell({ say: 'cancelled', id });
      else wire.tell({ say: 'error', id, ...inWords(error) });
    } finally {
      cancelled.delete(id);
    }
  }

  function commandContext(files: readonly NamedFile[], monitor: Monitor): Running & { readonly prepared: Preparation } {
    return {
      monitor,
      auditTasks: () => auditHere,
      prepared: preparation((path, kind, absent) => textOf(files, path, kind, absent), VERSION),
      trace: (path, settings) => traces.open(files, path, settings, monitor),
    };
  }

  function monitorOf(id: number): Monitor {
    let turned = performance.now();
    let told = 0;
    const progress = { what: '', done: 0, total: 0, unit: '' };
    const tell = (): void => {
      const now = performance.now();
      if (now - told < SAY_MS) return;
      told = now;
      wire.tell({ say: 'progress', id, ...progress });
    };
    return {
      begin: (what, total, unit) => {
        Object.assign(progress, { what, done: 0, total, unit });
        tell();
      },
      advance: (steps) => {
        progress.done += steps;
        tell();
      },
      say: (what) => {
        Object.assign(progress, { what, done: 0, total: 0, unit: '' });
        tell();
      },
      turn: async () => {
        if (performance.now() - turned < TURN_MS) return;
        await new Promise<void>((resolve) => {
          setTimeout(resolve, 0);
        });
        turned = performance.now();
        if (cancelled.has(id)) throw new Cancelled();
      },
    };
  }
}

/** Runs a bench task where it is. */
const inThisThread =
  (monitor: Monitor): BenchThread =>
  async (task, advance) => {
    const steps = runBenchTask(task, { now: () => performance.now(), isStopped: () => false, advance });
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      await monitor.turn();
    }
  };

/** What went wrong, in words. */
function inWords(error: unknown): { readonly message: string; readonly isFault: boolean } {
  if (error instanceof InputError) return { message: `${error.message} ${error.advice}`, isFault: false };
  if (error instanceof UsageError) return { message: `${error.message}. ${error.advice}`, isFault: false };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message, isFault: true };
}
