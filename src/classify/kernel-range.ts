import type { KernelVersion } from '../base/kernel-version.ts';

/** `[major, minor]`. */
type Release = readonly [number, number];

/** The releases a fact holds for, both ends included; a missing end is open. */
export interface KernelRange {
  readonly from?: Release;
  readonly to?: Release;
}

const compare = (kernel: KernelVersion, [major, minor]: Release): number =>
  kernel.major === major ? kernel.minor - minor : kernel.major - major;

export const holdsFor = ({ from, to }: KernelRange, kernel: KernelVersion): boolean =>
  (from === undefined || compare(kernel, from) >= 0) && (to === undefined || compare(kernel, to) <= 0);
