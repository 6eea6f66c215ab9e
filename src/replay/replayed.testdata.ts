import { className, type AllocationClass } from '../base/allocation-class.ts';
import type { Estimate } from '../base/interval.ts';
import { HOOKS } from '../kasan/hook.ts';
import { defaultKernelConfig, type KernelConfig } from '../kasan/kernel-config.ts';
import { CALLS_COLUMN, GRANULES_COLUMN } from '../mte/counting-machine.ts';
import { cpuProfile, type CpuProfile } from '../mte/cpu.ts';
import { INSTRUCTION_KINDS } from '../mte/instruction.ts';
import { builtInPolicy } from '../policy/named.ts';
import type { Policy } from '../policy/policy.ts';
import { traceFromText } from '../trace/trace-from-text.testdata.ts';
import type { Certainty, Ledger, LedgerRow } from '../kasan/ledger.ts';
import type { GroupBy } from './options.ts';
import { replay } from './replay.ts';
import type { FollowCounts } from './follow/follow.ts';

/** Calls, granules and instructions; what is 0 is left out. */
type Counts = Readonly<Record<string, number>>;
type WorkByHook = Readonly<Record<string, Counts>>;

export interface Scenario {
  readonly policy?: string | Policy;
  readonly config?: Partial<KernelConfig>;
  readonly cpu?: CpuProfile;
  /** Release of the recording kernel; 7.3 if not given. */
  readonly recordedBy?: readonly [major: number, minor: number];
  readonly groupBy?: GroupBy;
  readonly since?: number;
  readonly until?: number;
  readonly droppedEvents?: number;
}

/** What a replay found, in a form to compare with. */
export interface Outcome {
  /** Work that follows from events, by class and kernel function. */
  readonly work: { readonly [Class in AllocationClass]?: WorkByHook };
  /** Work that was estimated, in the same form. */
  readonly estimated: { readonly [Class in AllocationClass]?: WorkByHook };
  readonly counts: FollowCounts;
  readonly rows: readonly LedgerRow[];
  /** Allocations, frees and bytes of a class. */
  lifetimes(name: AllocationClass): readonly [allocations: number, frees: number, bytes: number];
  estimate(name: Estimate['name']): Estimate;
}

const policyOf = (given: string | Policy): Policy => {
  const policy = typeof given === 'string' ? builtInPolicy(given) : given;
  if (policy === undefined) throw new Error('no such policy');
  return policy;
};

/** Replays a trace under `before-series`, for 4 KiB pages and 64-byte DC blocks, unless told otherwise. */
export function replayed(text: string, scenario: Scenario = {}): Outcome {
  const [major, minor] = scenario.recordedBy ?? [7, 3];
  const table = traceFromText(text);
  const losses = { ...table.losses, droppedEvents: scenario.droppedEvents ?? 0 };
  const { ledger, counts, estimates } = replay(
    { ...table, losses },
    {
      policy: policyOf(scenario.policy ?? 'before-series'),
      config: { ...defaultKernelConfig(), ...scenario.config },
      cpu: scenario.cpu ?? cpuProfile('cortex-a710'),
      recordedBy: { major, minor },
      groupBy: scenario.groupBy,
      since: scenario.since,
      until: scenario.until,
    },
  );
  return {
    work: byClass(ledger, 'certain'),
    estimated: byClass(ledger, 'estimated'),
    counts,
    rows: ledger.rows,
    lifetimes: (name) => {
      const rows = ledger.rows.filter((row) => className(row.class) === name);
      const sum = (valueOf: (row: LedgerRow) => number): number => rows.reduce((all, row) => all + valueOf(row), 0);
      return [sum((row) => row.allocations), sum((row) => row.frees), sum((row) => row.bytes)];
    },
    estimate: (name) => {
      const found = estimates.find((estimate) => estimate.name === name);
      if (found === undefined) throw new Error(`no estimate ${name}`);
      return found;
    },
  };
}

function byClass(ledger: Ledger, certainty: Certainty): Outcome['work'] {
  const found: { [Class in AllocationClass]?: Record<string, Record<string, number>> } = {};
  ledger.rows.forEach((row, index) => {
    HOOKS.forEach(({ name }, hook) => {
      if (ledger.calls(index, hook, certainty) === 0) return;
      const hooks = (found[className(row.class)] ??= {});
      const counts = (hooks[name] ??= {});
      const add = (key: string, column: number): void => {
        const value = ledger.value(index, hook, certainty, column);
        if (value !== 0) counts[key] = (counts[key] ?? 0) + value;
      };
      add('calls', CALLS_COLUMN);
      add('granules', GRANULES_COLUMN);
      INSTRUCTION_KINDS.forEach(add);
    });
  });
  return found;
}
