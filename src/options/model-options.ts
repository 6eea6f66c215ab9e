import { UsageError } from '../base/errors.ts';
import type { KasanBuild, KernelConfig } from '../kasan/kernel-config.ts';
import { cpuProfile, DEFAULT_CPU, type CpuProfile } from '../mte/cpu.ts';
import type { KERNEL_OPTIONS } from './groups/kernel.ts';
import { KASAN, type MODEL_OPTIONS } from './groups/model.ts';
import { SEED } from './groups/shared.ts';
import { modelKernel } from './kernel-options.ts';
import type { Given } from './option.ts';
import { numberOf } from './read-option.ts';

type GivenModel = Given<typeof MODEL_OPTIONS> & Given<typeof KERNEL_OPTIONS>;

/** A kernel to model. */
export interface ModelSettings {
  readonly config: KernelConfig;
  readonly cpu: CpuProfile;
  readonly seed: number;
  readonly cmdline: string;
  readonly warnings: readonly string[];
}

/** Reads and checks the options. @throws UsageError for one that makes no sense */
export function parseModelOptions(given: GivenModel): ModelSettings {
  const build = given.kasan ?? KASAN.default;
  const hardwareOnly = given.mode !== undefined ? '--mode' : given.writeOnly === true ? '--write-only' : undefined;
  if (build !== 'hw-tags' && hardwareOnly !== undefined) {
    throw new UsageError(
      `${hardwareOnly} with --kasan ${build}`,
      'Only hw-tags has modes and write-only checks; the software builds check every access at once.',
    );
  }
  const words = [
    ...(given.mode === undefined ? [] : [`kasan.mode=${given.mode}`]),
    ...(given.writeOnly === true ? ['kasan.write_only=on'] : []),
    ...(given.cmdline === undefined || given.cmdline === '' ? [] : [given.cmdline]),
  ];
  const cmdline = words.join(' ');
  const { config, warnings } = modelKernel({ ...given, cmdline }, build);
  return {
    config: modelled(config, build),
    cpu: cpuProfile(given.cpu ?? DEFAULT_CPU),
    seed: numberOf(SEED, given),
    cmdline,
    warnings,
  };
}

/** KASAN of the software builds cannot be switched off. Without KASAN there is nothing to run here. */
function modelled(config: KernelConfig, build: KasanBuild): KernelConfig {
  if (config.kasan) return config;
  if (build === 'hw-tags') {
    throw new UsageError(
      'kasan=off: nothing is detected',
      'Leave it out; the kernel refuses to run its KASAN tests too.',
    );
  }
  throw new UsageError(`kasan=off with --kasan ${build}`, 'Only hw-tags has this parameter.');
}
