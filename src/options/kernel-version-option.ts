import { UsageError } from '../base/errors.ts';
import { kernelVersion, type KernelVersion } from '../base/kernel-version.ts';

/** Reads `--kernel`. @throws UsageError for what is no version */
export function kernelVersionOption(text: string): KernelVersion {
  const version = kernelVersion(text);
  if (version === undefined) {
    throw new UsageError(
      `--kernel ${text}: not a kernel version`,
      'Give the first two numbers of `uname -r`, such as 6.12.',
    );
  }
  return version;
}
