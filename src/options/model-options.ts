import { UsageError } from '../base/errors.ts';
import { KASAN_BUILDS, type KasanBuild, type KernelConfig } from '../kasan/kernel-config.ts';
import { cpuProfile, DEFAULT_CPU, type CpuProfile } from '../mte/cpu.ts';
import { kernelWords, modelKernel, type RawKernelOptions } from './kernel-options.ts';
import type { RawOptions } from './replay-options.ts';
import { wholeNumber } from './whole-number.ts';

/** The options of commands that run the model, as the command line has them. */
export interface RawModelOptions
  extends
    RawKernelOptions,
    Pick<RawOptions, 'cpu' | 'cmdline' | 'json' | 'format' | 'output' | 'force' | 'quiet' | 'verbose' | 'color'> {
  readonly kasan?: string;
  readonly mode?: string;
  readonly writeOnly?: boolean;
  readonly seed?: string;
}

/** A kernel to model. */
export interface ModelSettings {
  readonly config: KernelConfig;
  readonly cpu: CpuProfile;
  readonly seed: number;
  readonly cmdline: string;
  readonly warnings: readonly string[];
}

export const MODES = ['sync', 'async', 'asymm'] as const;

/** Reads and checks the options. @throws UsageError for one that makes no sense */
export function parseModelOptions(raw: RawModelOptions): ModelSettings {
  const build = oneOf('--kasan', raw.kasan ?? 'hw-tags', KASAN_BUILDS);
  const hardwareOnly = raw.mode !== undefined ? '--mode' : raw.writeOnly === true ? '--write-only' : undefined;
  if (build !== 'hw-tags' && hardwareOnly !== undefined) {
    throw new UsageError(
      `${hardwareOnly} with --kasan ${build}`,
      'Only hw-tags has modes and write-only checks; the software builds check every access at once.',
    );
  }
  const words = [
    ...(raw.mode === undefined ? [] : [`kasan.mode=${oneOf('--mode', raw.mode, MODES)}`]),
    ...(raw.writeOnly === true ? ['kasan.write_only=on'] : []),
    ...(raw.cmdline === undefined || raw.cmdline === '' ? [] : [raw.cmdline]),
  ];
  const cmdline = words.join(' ');
  const { config, warnings } = modelKernel({ ...raw, cmdline }, build);
  return {
    config: modelled(config, build),
    cpu: cpuProfile(raw.cpu ?? DEFAULT_CPU),
    seed: wholeNumber('--seed', raw.seed ?? '1', 0, 0xffff_ffff),
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

function oneOf<Choice extends string>(option: string, value: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === value.toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError(`${option} ${value}: unknown`, `It is one of ${choices.join(', ')}.`);
}

/** The words of a command line that has these options and gives the same result again. */
export function modelWords(raw: RawModelOptions): string[] {
  const given: readonly (readonly [option: string, value: string | undefined])[] = [
    ['--kasan', raw.kasan],
    ['--mode', raw.mode],
    ['--cmdline', raw.cmdline],
    ['--cpu', raw.cpu],
    ['--seed', raw.seed],
  ];
  const words = given.flatMap(([option, value]) => (value === undefined ? [] : [option, value]));
  return [...words, ...kernelWords(raw), ...(raw.writeOnly === true ? ['--write-only'] : [])];
}
