import type { BenchMachine } from '../jobs/bench.ts';
import { UsageError } from '../base/errors.ts';
import { KASAN_BUILDS, withoutVmapStack } from '../kasan/kernel-config.ts';
import { DEFAULT_PROFILE } from '../cost/profiles.ts';
import { cpuProfile, DEFAULT_CPU, withDcBlock } from '../mte/cpu.ts';
import { DEFAULT_FROM, DEFAULT_TO } from '../policy/built-in.ts';
import type { WorkloadName } from '../result/bench.ts';
import { unlessDefault } from './command-line.ts';
import type { RawOptions } from './replay-options.ts';
import { kernelWords, modelKernel } from './kernel-options.ts';
import { shellCommand } from './shell-quote.ts';
import { wholeNumber } from './whole-number.ts';

const MIB = 2 ** 20;
const WORKLOADS: readonly WorkloadName[] = ['thread', 'pgtable', 'shell'];

/** What a workload does unless told otherwise: enough to see, done in a moment. */
const DEFAULTS = { thread: { iterations: 50 }, pgtable: { iterations: 50 }, shell: { iterations: 50 } } as const;
export const DEFAULT_THREADS = '100';
export const DEFAULT_MIB = '256';
const MAX_THREADS = 30_000;
const MAX_MIB = 65_536;
const MAX_ITERATIONS = 1e9;
const MAX_CPUS = 64;
const MAX_SEED = 0xffff_ffff;
const MIN_RAM_MIB = 128;
const MAX_RAM_MIB = 131_072;
/** Memory of a model whose size is not given: this, and room for what the workload maps. */
export const BASE_RAM_MIB = 1024;
/** Shadow memory is all written to when the machine starts: a sixteenth or an eighth of this. */
const MAX_SHADOW_RAM_MIB = 16_384;

export interface RawBenchOptions extends RawOptions {
  readonly threads?: string;
  readonly iterations?: string;
  readonly mem?: string;
  readonly thp?: boolean;
  readonly kasan?: string;
  readonly vmapStack?: boolean;
  readonly config?: string;
  readonly cpus?: string;
  readonly ram?: string;
  readonly seed?: string;
}

export interface BenchSettings extends BenchMachine {
  /** Policies to run, by name or file: the one that is compared with first. */
  readonly policies: readonly string[];
  readonly top: number;
}

/** Reads and checks the options. @throws UsageError for one that makes no sense */
export function parseBenchOptions(name: string, raw: RawBenchOptions): BenchSettings {
  const workload = WORKLOADS.find((known) => known === name);
  if (workload === undefined)
    throw new UsageError(
      `unknown workload "${name}"`,
      `Known are ${WORKLOADS.join(', ')}; \`tagscope bench --help\` says what they do.`,
    );
  refuseForeign(workload, raw);
  const build = KASAN_BUILDS.find((known) => known === (raw.kasan ?? 'hw-tags'));
  const cmdline = [raw.kasan === 'off' ? 'kasan=off' : '', raw.cmdline ?? ''].filter((part) => part !== '').join(' ');
  if (build === undefined && raw.kasan !== 'off')
    throw new UsageError(`--kasan ${raw.kasan}: unknown`, `It is one of ${KASAN_BUILDS.join(', ')} and off.`);
  const { config, warnings } = modelKernel({ ...raw, cmdline }, build ?? 'hw-tags');
  const profile = cpuProfile(raw.cpu ?? DEFAULT_CPU);
  const mib = workload === 'pgtable' ? wholeNumber('--mem', raw.mem ?? DEFAULT_MIB, 1, MAX_MIB) : 0;
  const ramMib =
    raw.ram === undefined
      ? BASE_RAM_MIB + Math.ceil(mib * 1.05)
      : wholeNumber('--ram', raw.ram, MIN_RAM_MIB, MAX_RAM_MIB);
  if (build !== undefined && build !== 'hw-tags' && ramMib > MAX_SHADOW_RAM_MIB)
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
      iterations: wholeNumber(
        '--iterations',
        raw.iterations ?? String(DEFAULTS[workload].iterations),
        1,
        MAX_ITERATIONS,
      ),
      threads: workload === 'thread' ? wholeNumber('--threads', raw.threads ?? DEFAULT_THREADS, 1, MAX_THREADS) : 0,
      memory: mib * MIB,
      hugePages: raw.thp === true,
    },
    config: raw.vmapStack === false ? withoutVmapStack(config) : config,
    cpu: raw.dcBlock === undefined ? profile : withDcBlock(profile, raw.dcBlock),
    cpus: wholeNumber('--cpus', raw.cpus ?? '1', 1, MAX_CPUS),
    ram: ramMib * MIB,
    seed: wholeNumber('--seed', raw.seed ?? '1', 0, MAX_SEED),
    cmdline,
    buildOptions: raw.config ?? '',
    warnings,
    policies: policiesOf(raw),
    top: wholeNumber('--top', raw.top ?? '10', 0, MAX_ITERATIONS),
  };
}

/** Options of other workloads would be ignored, and whoever gives them means something. */
function refuseForeign(workload: WorkloadName, raw: RawBenchOptions): void {
  const foreign: readonly (readonly [option: string, given: boolean, of: WorkloadName])[] = [
    ['--threads', raw.threads !== undefined, 'thread'],
    ['--mem', raw.mem !== undefined, 'pgtable'],
    ['--thp', raw.thp === true, 'pgtable'],
  ];
  for (const [option, given, of] of foreign)
    if (given && of !== workload) throw new UsageError(`${option} with ${workload}`, `Only ${of} has it.`);
}

function policiesOf(raw: RawBenchOptions): readonly string[] {
  if (raw.policy === undefined) return [raw.from ?? DEFAULT_FROM, raw.to ?? DEFAULT_TO];
  if (raw.from === undefined && raw.to === undefined) return [raw.policy];
  throw new UsageError('--policy together with --from or --to', 'Give one policy, or two to compare.');
}

/** The command line that gives a result again. */
export const benchCommand = (name: string, raw: RawBenchOptions): string =>
  shellCommand([
    'tagscope',
    'bench',
    name,
    ...unlessDefault('--threads', raw.threads, DEFAULT_THREADS),
    ...unlessDefault('--mem', raw.mem, DEFAULT_MIB),
    ...unlessDefault('--iterations', raw.iterations, '50'),
    ...(raw.thp === true ? ['--thp'] : []),
    ...unlessDefault('--policy', raw.policy, ''),
    ...unlessDefault('--from', raw.from, DEFAULT_FROM),
    ...unlessDefault('--to', raw.to, DEFAULT_TO),
    ...unlessDefault('--kasan', raw.kasan, 'hw-tags'),
    ...unlessDefault('--cpu', raw.cpu, DEFAULT_CPU),
    ...unlessDefault('--dc-block', raw.dcBlock, ''),
    ...unlessDefault('--profile', raw.profile, DEFAULT_PROFILE),
    ...kernelWords(raw),
    ...unlessDefault('--cmdline', raw.cmdline, ''),
    ...(raw.vmapStack === false ? ['--no-vmap-stack'] : []),
    ...unlessDefault('--cpus', raw.cpus, '1'),
    ...unlessDefault('--ram', raw.ram, ''),
    ...unlessDefault('--seed', raw.seed, '1'),
    ...unlessDefault('--top', raw.top, '10'),
  ]);
