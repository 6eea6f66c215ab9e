/** The two leading numbers of a kernel release, such as 6.12 of `6.12.48-arm64`. */
export interface KernelVersion {
  readonly major: number;
  readonly minor: number;
}

/** How the version of a recording kernel is known: somebody gave it, the trace says it, or nothing does. */
export type VersionSource = 'given' | 'trace' | 'assumed';

/** The first two numbers of a release such as 6.12 or 6.12.48-arm64; undefined for what is no release. */
export function kernelVersion(release: string): KernelVersion | undefined {
  const match = /^v?(\d{1,3})\.(\d{1,3})(?:[.-].*)?$/.exec(release);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}

/** As people write it: 6.12. */
export const versionText = ({ major, minor }: KernelVersion): string => `${major}.${minor}`;

/** Whether `version` is `since` or newer. */
export const isAtLeast = (version: KernelVersion, since: KernelVersion): boolean =>
  version.major > since.major || (version.major === since.major && version.minor >= since.minor);

/**
 * The entry of `eras` (oldest first) that holds for `version`: the newest one that is not newer than it. A version
 * older than all of them gets the oldest entry.
 */
export function eraOf<Era extends { readonly since: KernelVersion }>(
  eras: readonly [Era, ...Era[]],
  version: KernelVersion,
): Era {
  return eras.reduce((found, era) => (isAtLeast(version, era.since) ? era : found), eras[0]);
}
