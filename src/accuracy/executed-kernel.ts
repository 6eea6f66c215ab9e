import type { KernelVersion } from '../base/kernel-version.ts';
import { bytes } from '../base/units.ts';
import { parseBootParameters } from '../kasan/boot-parameters.ts';
import { parseBuildOptions } from '../kasan/build-options.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import { CPU_PROFILES, cpuProfile, DEFAULT_CPU, withDcBlock, type CpuProfile } from '../mte/cpu.ts';
import { AS_RECORDED } from '../policy/as-recorded.ts';
import { BUILT_IN_POLICIES } from '../policy/built-in.ts';
import type { Policy } from '../policy/policy.ts';
import type { ExecutedRun } from './executed.ts';
import { namedConfig } from './named-config.ts';

/** The kernel and the machine of a run, as far as its counts tell. */
export interface ExecutedKernel {
  readonly config: KernelConfig;
  readonly commandLine: string;
  readonly cpu: CpuProfile;
  /** Undefined where the counts do not say. */
  readonly version: KernelVersion | undefined;
  /** Whether what the counts call THP was on: user memory in huge pages. */
  readonly hugePages: boolean;
  /** Of the machine's random numbers. */
  readonly seed: number | undefined;
}

/** What the kernels of the oracle are called, and the policy that each has. */
const POLICY_OF_VARIANT: ReadonlyMap<string, string> = new Map([
  ['baseline', 'before-series'],
  ['patched', 'series'],
]);

/** The policy that the kernel of a run has. A variant of another name is what its trace shows. */
export function policyOfVariant(variant: string): Policy {
  const name = POLICY_OF_VARIANT.get(variant);
  return BUILT_IN_POLICIES.find((policy) => policy.name === name) ?? AS_RECORDED;
}

/** What of a run's configuration is not known, or the kernel that it was executed on. */
export function executedKernel(run: ExecutedRun): ExecutedKernel | { readonly unknown: readonly string[] } {
  const named = namedConfig(run.config ?? '', run.page_size);
  if (named.unknown !== undefined) return named;
  const { commandLine, hugePages, seed } = named;
  const cpu = executedCpu(run);
  const version = executedVersion(run.kernel);
  const built = {
    ...parseBuildOptions(namedBuild(run.kernel), named.config),
    slubCpuPartial: hasCpuPartial(run),
  };
  const { config } = parseBootParameters(commandLine, {
    ...built,
    version: version ?? built.version,
    vaBits: cpu.lpa2 && built.pageSize === LPA2_PAGES ? LPA2_VA_BITS : built.vaBits,
  });
  return { config, commandLine, cpu, version, hugePages, seed };
}

/** Pages with which arm64's default of 52 bits needs FEAT_LPA2, and gives a CPU without it 47. With 4 KiB the oracle has 48. */
const LPA2_PAGES = 16384;
const LPA2_VA_BITS = 52;

/** Kernels that counts name by a word, as the options that they were built with: cases/oracle/README.md. */
const NAMED_BUILDS: ReadonlyMap<string, string> = new Map([
  [
    'distro',
    'MEMCG=y NUMA=y SHADOW_CALL_STACK=y SLAB_FREELIST_RANDOM=y SHUFFLE_PAGE_ALLOCATOR=y INIT_ON_ALLOC_DEFAULT_ON=y',
  ],
]);

/** The options of a build that is told by a word of the kernel's name. */
const namedBuild = (kernel = ''): string =>
  kernel
    .split('-')
    .flatMap((word) => NAMED_BUILDS.get(word) ?? [])
    .join(' ');

/** What a kernel with CONFIG_SLUB_CPU_PARTIAL executes where a full slab gets a free object (mm/slub.c, 6.12: __slab_free). */
const CPU_PARTIAL_FUNCTION = /^(?:put_cpu_partial|__(?:put|unfreeze)_partials)(?:\.|$)/;

/** Without counts by function it is taken to have what kernels have by default. */
function hasCpuPartial({ function_entries }: ExecutedRun): boolean {
  const functions = Object.keys(function_entries ?? {});
  return !functions.includes('__slab_free') || functions.some((name) => CPU_PARTIAL_FUNCTION.test(name));
}

/** The CPU by its name, with the blocks that the run itself found (DCZID_EL0). */
function executedCpu({ cpu: name, dc_block_bytes, dczid_dzp }: ExecutedRun): CpuProfile {
  const isNamed = CPU_PROFILES.some((cpu) => cpu.name === name);
  const profile = isNamed ? cpuProfile(name) : { ...cpuProfile(DEFAULT_CPU), name };
  if (dczid_dzp !== profile.dzp) return withDcBlock(profile, 'dzp');
  // Rather than to fail where no block of such a size can be: the figures will show it.
  return { ...profile, dcBlock: bytes(dc_block_bytes) };
}

/** `6.12`, `6.12.117-arm64`, or what begins with the digits of one behind a letter: `k612`, `k73-16k`. */
function executedVersion(kernel: string | undefined): KernelVersion | undefined {
  const match = /^(?:v?(\d{1,3})\.(\d{1,3})|[a-z]+(\d)(\d{1,2}))(?!\d)/i.exec(kernel ?? '');
  if (match === null) return undefined;
  const [, major = match[3], minor = match[4]] = match;
  return { major: Number(major), minor: Number(minor) };
}
