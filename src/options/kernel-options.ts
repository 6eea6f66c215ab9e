import { isAtLeast, versionText, type KernelVersion } from '../base/kernel-version.ts';
import { UsageError } from '../base/errors.ts';
import { parseBootParameters, type BootParameters } from '../kasan/boot-parameters.ts';
import { parseBuildOptions } from '../kasan/build-options.ts';
import { defaultKernelConfig, type KasanBuild } from '../kasan/kernel-config.ts';
import { NEWEST_RELEASE, OLDEST_RELEASE } from '../mm/release.ts';
import { PAGE_SIZES } from '../jobs/replay-settings.ts';
import { kernelOption } from './replay-options.ts';

/** The options that say which kernel the executable model is, as the command line has them. */
export interface RawKernelOptions {
  readonly pageSize?: string;
  readonly kernel?: string;
  readonly config?: string;
  readonly cmdline?: string;
}

/** The kernel that options ask for. @throws UsageError for what makes no sense, or a release that is not known */
export function modelKernel(
  { pageSize = '4k', kernel, config = '', cmdline = '' }: RawKernelOptions,
  build: KasanBuild,
): BootParameters {
  const size = PAGE_SIZES.get(pageSize.toLowerCase());
  if (size === undefined)
    throw new UsageError(`--page-size ${pageSize}: unknown`, `It is one of ${[...PAGE_SIZES.keys()].join(', ')}.`);
  const base = defaultKernelConfig(size, build);
  const version = kernel === undefined ? base.version : releaseOption(kernel);
  return parseBootParameters(cmdline, parseBuildOptions(config, { ...base, version }));
}

/** The release that the model has nearest to one: itself, the oldest or the newest. */
export function modelledRelease(version: KernelVersion): KernelVersion {
  if (!isAtLeast(version, OLDEST_RELEASE)) return OLDEST_RELEASE;
  return isAtLeast(version, NEWEST_RELEASE) ? NEWEST_RELEASE : version;
}

function releaseOption(text: string): KernelVersion {
  const version = kernelOption(text);
  if (isAtLeast(version, OLDEST_RELEASE) && isAtLeast(NEWEST_RELEASE, version)) return version;
  throw new UsageError(
    `--kernel ${text}: the model does not have it`,
    `Its allocators are those of ${versionText(OLDEST_RELEASE)} to ${versionText(NEWEST_RELEASE)}.`,
  );
}

/** The words of a command line that ask for the same kernel. */
export const kernelWords = ({ pageSize, kernel, config }: RawKernelOptions): string[] =>
  (
    [
      ['--page-size', pageSize],
      ['--kernel', kernel],
      ['--config', config],
    ] as const
  ).flatMap(([option, value]) => (value === undefined ? [] : [option, value]));
