import type { KernelVersion, VersionSource } from '../base/kernel-version.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import type { CpuProfile } from '../mte/cpu.ts';
import type { Policy } from '../policy/policy.ts';
import type { Selection } from './selection.ts';

/** What rows are split by, besides class and call site. */
export type GroupBy = 'comm' | 'pid' | 'cache' | 'order' | 'stack';

/** How large pages, stacks and the objects of slab caches are in the recording kernel. */
export type MemorySizes = Pick<KernelConfig, 'pageSize' | 'threadSize' | 'kmallocMaxCacheSize'>;

/** How a trace is followed: what its events are about, whatever a policy does with it. */
export interface FollowOptions {
  readonly sizes: MemorySizes;
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
  /** Also make the table of lifetimes; it takes time and memory. */
  readonly lifetimes?: boolean | undefined;
  /** Also keep the order of the work on pages, which sampling depends on (`dependsOnOrder`); it takes memory. */
  readonly order?: boolean | undefined;
}

/** What turns the groups of tag work of a trace into a ledger. */
export interface ApplyOptions {
  readonly policy: Policy;
  /** The kernel whose tag work is computed: its command line and so on; the rules are those of 7.3. */
  readonly config: KernelConfig;
  readonly cpu: CpuProfile;
}

/** Both. */
export interface ReplayOptions extends Omit<FollowOptions, 'sizes' | 'order'>, ApplyOptions {}
