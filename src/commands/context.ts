import type { CostProfile } from '../cost/profile.ts';
import type { RunAuditTasks } from '../jobs/audit-tasks.ts';
import type { Monitor } from '../jobs/monitor.ts';
import type { OpenedTrace } from '../open/opened-trace.ts';
import type { ReadingSettings } from '../options/reading-options.ts';
import type { Policy } from '../policy/policy.ts';
import type { TextKind } from './text-kinds.ts';

/**
 * Reads a text that a command line names.
 *
 * @param absent where the name of something built in may stand as well: the error for a name that is neither
 * @throws InputError, or a system error as it comes, for a file that cannot be read
 */
export type ReadNamedText = (path: string, kind: TextKind, absent?: () => Error) => Promise<string>;

/** What a command is prepared with. */
export interface Preparation {
  /** Version of tagscope. */
  readonly version: string;
  readonly text: ReadNamedText;
  /** A policy by its name, or from its file. @throws UsageError, InputError */
  readonly policy: (nameOrFile: string) => Promise<Policy>;
  /** A cost profile by its name, or from a calibration; undefined: the usual one. @throws UsageError, InputError */
  readonly profile: (nameOrFile: string | undefined, cpu: { readonly name: string }) => Promise<CostProfile>;
}

/** What a prepared command runs with that audits. */
export interface Auditing {
  readonly monitor: Monitor;
  /** @param jobs how many threads it may take; undefined: as many as suit the machine */
  readonly auditTasks: (jobs: number | undefined) => RunAuditTasks;
}

/** What a prepared command on a trace runs with. */
export interface Running extends Auditing {
  /** Opens a trace by its path. @throws InputError for what is none */
  readonly trace: (path: string, settings: ReadingSettings) => Promise<OpenedTrace>;
}
