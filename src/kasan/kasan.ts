import type { TagMachine } from '../mte/tag-machine.ts';
import type { HookId } from './hook.ts';
import type { KernelConfig } from './kernel-config.ts';
import type { ModeRules } from './mode-rules.ts';
import type { PageAllocSampler } from './page-alloc-sampler.ts';

/** What every hook needs: the configuration, the machine, and somebody who keeps account. */
export interface Kasan {
  readonly config: KernelConfig;
  /** What the kernel's build makes different; `modeRules` of the configuration. */
  readonly rules: ModeRules;
  readonly machine: TagMachine;
  readonly sampler: PageAllocSampler;
  /** Told which hook runs, each time before it executes anything. */
  readonly enter: (hook: HookId) => void;
}
