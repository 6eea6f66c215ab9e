import type { KernelVersion, VersionSource } from '../base/kernel-version.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import type { CpuProfile } from '../mte/cpu.ts';
import type { Selection } from './selection.ts';
import type { Policy } from '../policy/policy.ts';

/** What rows are split by, besides class and call site. */
export type GroupBy = 'comm' | 'pid' | 'cache' | 'order' | 'stack';

export interface ReplayOptions {
  readonly policy: Policy;
  /** The kernel whose tag work is computed: its page size, command line and so on; the rules are those of 7.3. */
  readonly config: KernelConfig;
  readonly cpu: CpuProfile;
  /** The kernel that recorded the trace: decides what flags, functions and slab caches mean. */
  readonly recordedBy: KernelVersion;
  /** How that is known; somebody gave it, if nothing is said. */
  readonly versionFrom?: VersionSource | undefined;
  readonly groupBy?: GroupBy | undefined;
  /** Only what happens from this time on, and before that one, is counted: seconds on the trace's clock. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** Whose allocations are counted; those of all, if nothing is said. */
  readonly selection?: Selection | undefined;
  /** Also find out how long pages and objects live; it takes time and memory. */
  readonly lifetimes?: boolean | undefined;
}
