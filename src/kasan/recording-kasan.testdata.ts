import { CALLS_COLUMN, CountingMachine, GRANULES_COLUMN } from '../mte/counting-machine.ts';
import { cpuProfile, type CpuProfile } from '../mte/cpu.ts';
import { INSTRUCTION_KINDS } from '../mte/instruction.ts';
import { HOOKS } from './hook.ts';
import type { KasanChanges } from '../base/kasan-changes.ts';
import { NO_CHANGES } from '../base/kasan-changes.ts';
import { kasanOf, type Kasan } from './kasan.ts';
import { defaultKernelConfig, type KernelConfig } from './kernel-config.ts';

/** Calls, granules and instructions by kind; what is 0 is left out. */
export type HookCounts = Readonly<Record<string, number>>;

/** A kernel whose hooks can be called, and what they did. */
export interface RecordingKasan extends Kasan {
  /** By hook, for the hooks that ran. */
  work(): Readonly<Record<string, HookCounts>>;
}

/** A kernel of 4 KiB pages with 64-byte DC blocks, unless told otherwise. */
export function recordingKasan(
  changes: Partial<KernelConfig> = {},
  cpu: CpuProfile = cpuProfile('cortex-a710'),
  proposed: Partial<KasanChanges> = {},
): RecordingKasan {
  const config: KernelConfig = { ...defaultKernelConfig(), ...changes };
  const machine = new CountingMachine(cpu);
  return {
    ...kasanOf(config, machine, (hook) => machine.charge(hook), { ...NO_CHANGES, ...proposed }),
    work: () =>
      Object.fromEntries(
        HOOKS.map(({ name }, hook) => [name, countsOf(machine, hook)] as const).filter(([, { calls }]) => calls > 0),
      ),
  };
}

function countsOf(machine: CountingMachine, hook: number): HookCounts {
  const all: readonly (readonly [string, number])[] = [
    ['calls', machine.value(hook, CALLS_COLUMN)],
    ['granules', machine.value(hook, GRANULES_COLUMN)],
    ...INSTRUCTION_KINDS.map((kind, column) => [kind, machine.value(hook, column)] as const),
  ];
  return Object.fromEntries(all.filter(([, value]) => value !== 0));
}
