import { classId } from '../base/allocation-class.ts';
import { Random } from '../base/random.ts';
import { kasanOf } from '../kasan/kasan.ts';
import { defaultKernelConfig, type KernelConfig } from '../kasan/kernel-config.ts';
import { Ledger } from '../kasan/ledger.ts';
import { AddressSpace } from '../mte/address-space.ts';
import { CountingMachine } from '../mte/counting-machine.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { FullMachine } from '../mte/full-machine.ts';
import { TagMemory } from '../mte/tag-memory.ts';
import { GFP_COMP, gfpUnion } from '../gfp/flags.ts';
import { GFP_KERNEL } from '../gfp/masks.ts';
import { Clock } from './clock.ts';
import { Kernel } from './kernel.ts';
import type { Site, SiteDescription, SiteTable } from './site.ts';
import type { Tracepoints } from './tracepoints.ts';

/** Places as 7.3 has them, with no policy that changes anything. */
class PlainSites implements SiteTable {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  resolve(description: SiteDescription): Site {
    const row = this.#ledger.row(classId(description.class), description.site, '');
    const site: Site = {
      description,
      row,
      gfp: description.gfp,
      skipped: false,
      slabPages: undefined,
      largePages: undefined,
    };
    if (description.class !== 'slab-object') return site;
    const pages = this.resolve({ ...description, class: 'slab-page', gfp: gfpUnion(GFP_KERNEL, GFP_COMP) });
    return { ...site, slabPages: pages };
  }
}

/** A kernel of 7.3 on a small machine, for scenarios. */
export interface TestKernel {
  readonly kernel: Kernel;
  readonly machine: FullMachine;
  readonly ledger: Ledger;
  /** A place that allocates; objects unless told otherwise. */
  place(changes?: Partial<SiteDescription>): Site;
}

export function testKernel(
  changes: Partial<KernelConfig> = {},
  { ram = 64 << 20, cpus = 1, seed = 1 } = {},
  listen: (clock: Clock) => Tracepoints | undefined = () => undefined,
): TestKernel {
  const config: KernelConfig = { ...defaultKernelConfig(changes.pageSize), ...changes };
  const space = new AddressSpace(ram, config.pageSize);
  const counter = new CountingMachine(cpuProfile('cortex-a710'));
  const ledger = new Ledger(counter);
  const machine = new FullMachine(counter, new TagMemory(ram), space, new Random(seed));
  const kasan = kasanOf(config, machine, ledger.enter);
  const sites = new PlainSites(ledger);
  const clock = new Clock();
  const kernel = new Kernel({
    kasan,
    ledger,
    space,
    sites,
    cpus,
    clock,
    trace: listen(clock),
  });
  return {
    kernel,
    machine,
    ledger,
    place: (of = {}) => sites.resolve({ class: 'slab-object', site: 'test', frames: ['test'], gfp: GFP_KERNEL, ...of }),
  };
}
