import type { BenchMachine } from '../jobs/bench.ts';
import { UsageError } from '../base/errors.ts';
import { withoutVmapStack } from '../kasan/kernel-config.ts';
import { cpuProfile, DEFAULT_CPU, withDcBlock } from '../mte/cpu.ts';
import { DEFAULT_FROM, DEFAULT_TO } from '../policy/built-in.ts';
import type { WorkloadName } from '../result/bench.ts';
import {
  BASE_RAM_MIB,
  CPUS,
  ITERATIONS,
  MEM,
  RAM,
  THP,
  THREADS,
  WORKLOADS,
  type BenchOptions,
} from './commands/bench.ts';
import { SEED } from './groups/shared.ts';
import { modelKernel } from './kernel-options.ts';
import { flagOf, isGiven, type Option } from './option.ts';
import { numberOf } from './read-option.ts';
import { parseTop } from './table-options.ts';

const MIB = 2 ** 20;

/** Shadow memory is all written to when the machine starts: a sixteenth or an eighth of this. */
const MAX_SHADOW_RAM_MIB = 16_384;

export interface BenchSettings extends BenchMachine {
  /** Policies to run, by name or file: the one that is compared with first. */
  readonly policies: readonly string[];
  readonly top: number;
}

/** Reads and checks the options. @throws UsageError for one that makes no sense */
export function parseBenchOptions(name: string, given: BenchOptions): BenchSettings {
  const workload = WORKLOADS.find((known) => known === name);
  if (workload === undefined)
    throw new UsageError(
      `unknown workload "${name}"`,
      `Known are ${WORKLOADS.join(', ')}; \`tagscope bench --help\` says what they do.`,
    );
  refuseForeign(workload, given);
  const { kasan = 'hw-tags' } = given;
  const build = kasan === 'off' ? 'hw-tags' : kasan;
  const cmdline = [kasan === 'off' ? 'kasan=off' : '', given.cmdline ?? ''].filter((part) => part !== '').join(' ');
  const { config, warnings } = modelKernel({ ...given, cmdline }, build);
  const profile = cpuProfile(given.cpu ?? DEFAULT_CPU);
  const mib = workload === 'pgtable' ? numberOf(MEM, given) : 0;
  const ramMib = numberOf(RAM, given) ?? BASE_RAM_MIB + Math.ceil(mib * 1.05);
  if (build !== 'hw-tags' && ramMib > MAX_SHADOW_RAM_MIB)
    throw new UsageError(
      `${ramMib} MiB of memory with --kasan ${build}`,
      `Shadow memory is modelled for machines of up to ${MAX_SHADOW_RAM_MIB} MiB: give less with --mem or --ram.`,
    );
  if (mib > ramMib)
    throw new UsageError(
      `--mem ${mib} is more than the machine has (--ram ${ramMib})`,
      'Give the machine more memory, or leave --ram out.',
    );
  return {
    workload: {
      name: workload,
      iterations: numberOf(ITERATIONS, given),
      threads: workload === 'thread' ? numberOf(THREADS, given) : 0,
      memory: mib * MIB,
      hugePages: given.thp === true,
    },
    config: given.vmapStack === false ? withoutVmapStack(config) : config,
    cpu: given.dcBlock === undefined ? profile : withDcBlock(profile, given.dcBlock),
    cpus: numberOf(CPUS, given),
    ram: ramMib * MIB,
    seed: numberOf(SEED, given),
    cmdline,
    buildOptions: given.config ?? '',
    warnings,
    policies: policiesOf(given),
    top: parseTop(given),
  };
}

/** The options that one workload alone has. */
const OF_ONE_WORKLOAD: readonly (readonly [option: Option, of: WorkloadName])[] = [
  [THREADS, 'thread'],
  [MEM, 'pgtable'],
  [THP, 'pgtable'],
];

/** Options of other workloads would be ignored, and whoever gives them means something. */
function refuseForeign(workload: WorkloadName, given: BenchOptions): void {
  for (const [option, of] of OF_ONE_WORKLOAD)
    if (isGiven(option, given) && of !== workload)
      throw new UsageError(`${flagOf(option)} with ${workload}`, `Only ${of} has it.`);
}

function policiesOf(given: BenchOptions): readonly string[] {
  if (given.policy === undefined) return [given.from ?? DEFAULT_FROM, given.to ?? DEFAULT_TO];
  if (given.from === undefined && given.to === undefined) return [given.policy];
  throw new UsageError('--policy together with --from or --to', 'Give one policy, or two to compare.');
}
