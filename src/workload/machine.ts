import { Random } from '../base/random.ts';
import type { Kasan } from '../kasan/kasan.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import { Ledger } from '../kasan/ledger.ts';
import { modeRules } from '../kasan/mode-rules.ts';
import { PageAllocSampler } from '../kasan/page-alloc-sampler.ts';
import { Clock } from '../mm/clock.ts';
import { Kernel } from '../mm/kernel.ts';
import type { Tracepoints } from '../mm/tracepoints.ts';
import { AddressSpace } from '../mte/address-space.ts';
import { CountingMachine } from '../mte/counting-machine.ts';
import type { CpuProfile } from '../mte/cpu.ts';
import { FullMachine } from '../mte/full-machine.ts';
import { ByteTagMemory } from '../mte/tag-memory.ts';
import type { Policy } from '../policy/policy.ts';
import { PolicySites } from './policy-sites.ts';

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
  /** `kasan.stacktrace=` */
  readonly stackTraces: boolean;
}

/** A machine that runs a kernel. */
export interface Machine {
  readonly kernel: Kernel;
  readonly ledger: Ledger;
  readonly machine: FullMachine;
}

/**
 * Boots a kernel on the machine that owns tag memory.
 *
 * @param listen makes somebody who sees every operation
 */
export function boot(
  { policy, config, cpu, cpus, ram, seed, stackTraces }: MachineOptions,
  listen: (clock: Clock) => Tracepoints | undefined = () => undefined,
): Machine {
  const space = new AddressSpace(ram, config.pageSize);
  const counter = new CountingMachine(cpu);
  const ledger = new Ledger(counter);
  const machine = new FullMachine(counter, new ByteTagMemory(ram), space, new Random(seed));
  const kasan: Kasan = {
    config,
    rules: modeRules(config),
    machine,
    sampler: new PageAllocSampler(config),
    enter: ledger.enter,
  };
  // What boot itself allocates is not anybody's workload.
  ledger.setOpen(false);
  const clock = new Clock();
  const sites = new PolicySites(policy, ledger);
  const kernel = new Kernel({ kasan, ledger, space, sites, cpus, clock, trace: listen(clock), stackTraces });
  ledger.setOpen(true);
  return { kernel, ledger, machine };
}
