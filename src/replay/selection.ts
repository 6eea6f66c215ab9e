import { anyGlob } from '../base/glob.ts';
import type { LedgerPart } from '../kasan/ledger.ts';
import { isRecorderTask } from '../classify/recorders.ts';
import type { EventOrigin } from '../trace/event-table.ts';

/** Whose allocations are counted; of several kinds of conditions each must hold, of one kind any. */
export interface Selection {
  /** Globs of the names of tasks. */
  readonly comms: readonly string[];
  readonly pids: readonly number[];
  readonly cpus: readonly number[];
  /** Leaves out what is allocated for the recording of the trace. */
  readonly excludeRecorder: boolean;
}

export const EVERYTHING: Selection = { comms: [], pids: [], cpus: [], excludeRecorder: false };

/** Whether only the allocations of some tasks or CPUs are wanted. */
export const selectsSome = ({ comms, pids, cpus }: Selection): boolean => comms.length + pids.length + cpus.length > 0;

/** Parts of the ledger that are counted. Who allocated what was there before the trace is not known. */
export const countedParts = ({ excludeRecorder }: Selection): ReadonlySet<LedgerPart> =>
  new Set(excludeRecorder ? ['workload'] : ['workload', 'recorder']);

/** The part of the ledger that allocations belong to, by who makes them; what they are for may say more. */
export function partOfOrigin(selection: Selection): (origin: EventOrigin) => LedgerPart {
  const isWantedComm = anyGlob(selection.comms);
  const pids = new Set(selection.pids);
  const cpus = new Set(selection.cpus);
  return ({ comm, pid, cpu }) => {
    if (selection.comms.length > 0 && !isWantedComm(comm)) return 'others';
    if (pids.size > 0 && !pids.has(pid)) return 'others';
    if (cpus.size > 0 && !cpus.has(cpu)) return 'others';
    return isRecorderTask(comm) ? 'recorder' : 'workload';
  };
}
