import type { Random } from '../base/random.ts';
import type { AccessCheck } from '../kasan/access-check.ts';
import { HwTagsCheck } from '../kasan/hw-tags-check.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import { modeRules } from '../kasan/mode-rules.ts';
import { GENERIC_REPORTS, HW_TAGS_REPORTS, SW_TAGS_REPORTS } from '../kasan/report/report-rules.ts';
import type { KasanReporter, ReportRules } from '../kasan/report/reporter.ts';
import { ShadowMachine } from '../kasan/shadow-machine.ts';
import { SoftwareCheck } from '../kasan/software-check.ts';
import type { AddressSpace } from '../mte/address-space.ts';
import { CountingMachine } from '../mte/counting-machine.ts';
import type { CpuProfile } from '../mte/cpu.ts';
import { FullMachine } from '../mte/full-machine.ts';
import { TagMemory } from '../mte/tag-memory.ts';
import type { TagMachine } from '../mte/tag-machine.ts';

/** What a KASAN mode keeps beside memory, and how it checks accesses with it. */
export interface Detector {
  readonly counter: CountingMachine;
  readonly machine: TagMachine;
  /** What a report shows of the granule at an address. */
  readonly metadata: (address: number) => number;
  readonly reports: ReportRules;
  check(reporter: KasanReporter): AccessCheck;
}

const SOFTWARE_REPORTS = { 'sw-tags': SW_TAGS_REPORTS, generic: GENERIC_REPORTS } as const;

/** The mode that a kernel is built with. */
export function detectorFor(config: KernelConfig, cpu: CpuProfile, space: AddressSpace, random: Random): Detector {
  const counter = new CountingMachine(cpu);
  if (config.build !== 'hw-tags') {
    const rules = modeRules(config);
    const machine = new ShadowMachine(rules, space.ram, random, {
      countShadow: () => {},
      clearPages: (address, size) => counter.clearPages(address, size),
    });
    return {
      counter,
      machine,
      metadata: (address) => machine.shadow(address),
      reports: SOFTWARE_REPORTS[config.build],
      check: (reporter) => new SoftwareCheck(rules, machine, reporter),
    };
  }
  const machine = new FullMachine(counter, new TagMemory(space.ram), space, random);
  const memory = {
    isTagged: (address: number) => space.isTagged(address),
    tagAt: (address: number) => machine.memoryTag(address),
  };
  return {
    counter,
    machine,
    metadata: memory.tagAt,
    reports: HW_TAGS_REPORTS,
    check: (reporter) => new HwTagsCheck(memory, config.detection, reporter),
  };
}
