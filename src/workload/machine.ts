import { Random } from '../base/random.ts';
import { kasanOf } from '../kasan/kasan.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import { Ledger } from '../kasan/ledger.ts';
import { modeRules, type ModeRules } from '../kasan/mode-rules.ts';
import { ShadowMachine } from '../kasan/shadow-machine.ts';
import { Clock } from '../mm/clock.ts';
import { Kernel } from '../mm/kernel.ts';
import type { Tracepoints } from '../mm/tracepoints.ts';
import { AddressSpace } from '../mte/address-space.ts';
import { CountingMachine } from '../mte/counting-machine.ts';
import type { CpuProfile } from '../mte/cpu.ts';
import { FullMachine } from '../mte/full-machine.ts';
import type { TagMachine } from '../mte/tag-machine.ts';
import { TagMemory } from '../mte/tag-memory.ts';
import { kasanChanges, type Policy } from '../policy/policy.ts';
import { policySites } from './policy-sites.ts';

/** What a machine is made of, and what its kernel is booted with. */
export interface MachineOptions {
  readonly policy: Policy;
  readonly config: KernelConfig;
  readonly cpu: CpuProfile;
  /** CPUs of that kind. */
  readonly cpus: number;
  /** Bytes of memory. */
  readonly ram: number;
  readonly seed: number;
}

/** What booting a machine may have beside what it is made of. */
export interface BootOptions {
  /** Makes somebody who sees every operation. */
  readonly listen?: ((clock: Clock) => Tracepoints | undefined) | undefined;
  /** How much of a timer tick's period has passed when the machine starts, from 0 to less than 1. */
  readonly tickPhase?: number | undefined;
}

/** A machine that runs a kernel. */
export interface Machine {
  readonly kernel: Kernel;
  readonly ledger: Ledger;
  readonly machine: TagMachine;
}

/** What a build marks memory by: tags of the machine, or a shadow of it. */
function memoryOf(rules: ModeRules, counter: CountingMachine, space: AddressSpace, random: Random): TagMachine {
  if (!rules.shadow) return new FullMachine(counter, new TagMemory(space.ram), space, random);
  return new ShadowMachine(rules, space.ram, random, {
    countShadow: (bytes) => counter.countMarked(bytes),
    clearPages: (address, size) => counter.clearPages(address, size),
  });
}

/** Boots a kernel on the machine that owns tag memory. */
export function boot(
  { policy, config, cpu, cpus, ram, seed }: MachineOptions,
  { listen, tickPhase = 0 }: BootOptions = {},
): Machine {
  const space = new AddressSpace(ram, config.pageSize);
  const counter = new CountingMachine(cpu);
  const ledger = new Ledger(counter);
  const rules = modeRules(config);
  const machine = memoryOf(rules, counter, space, new Random(seed));
  const kasan = kasanOf(config, machine, ledger.enter, kasanChanges(policy));
  // What boot itself allocates is not anybody's workload.
  ledger.setOpen(false);
  const clock = new Clock(tickPhase);
  const sites = policySites(config, policy)(ledger);
  const kernel = new Kernel({ kasan, ledger, space, sites, cpus, clock, trace: listen?.(clock) });
  ledger.setOpen(true);
  return { kernel, ledger, machine };
}
