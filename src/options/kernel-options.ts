import { isAtLeast, versionText, type KernelVersion } from '../base/kernel-version.ts';
import { UsageError } from '../base/errors.ts';
import { parseBootParameters, type BootParameters } from '../kasan/boot-parameters.ts';
import { parseBuildOptions } from '../kasan/build-options.ts';
import { defaultKernelConfig, type KasanBuild } from '../kasan/kernel-config.ts';
import { NEWEST_RELEASE, OLDEST_RELEASE } from '../mm/release.ts';
import { PAGE_SIZES } from '../kasan/page-sizes.ts';
import type { KERNEL_OPTIONS } from './groups/kernel.ts';
import { kernelVersionOption } from './kernel-version-option.ts';
import type { Given } from './option.ts';

/** The kernel that options ask for. @throws UsageError for what makes no sense, or a release that is not known */
export function modelKernel(
  { pageSize = '4k', kernel, config = '', cmdline = '' }: Given<typeof KERNEL_OPTIONS> & { readonly cmdline?: string },
  build: KasanBuild,
): BootParameters {
  const base = defaultKernelConfig(PAGE_SIZES.get(pageSize), build);
  const version = kernel === undefined ? base.version : releaseOption(kernel);
  return parseBootParameters(cmdline, parseBuildOptions(config, { ...base, version }));
}

/** The release that the model has nearest to one: itself, the oldest or the newest. */
export function modelledRelease(version: KernelVersion): KernelVersion {
  if (!isAtLeast(version, OLDEST_RELEASE)) return OLDEST_RELEASE;
  return isAtLeast(version, NEWEST_RELEASE) ? NEWEST_RELEASE : version;
}

function releaseOption(text: string): KernelVersion {
  const version = kernelVersionOption(text);
  if (isAtLeast(version, OLDEST_RELEASE) && isAtLeast(NEWEST_RELEASE, version)) return version;
  throw new UsageError(
    `--kernel ${text}: the model does not have it`,
    `Its allocators are those of ${versionText(OLDEST_RELEASE)} to ${versionText(NEWEST_RELEASE)}.`,
  );
}
