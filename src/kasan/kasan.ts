import { NO_CHANGES, type KasanChanges } from '../base/kasan-changes.ts';
import type { TagMachine } from '../mte/tag-machine.ts';
import type { HookId } from './hook.ts';
import type { KernelConfig } from './kernel-config.ts';
import { modeRules, type ModeRules } from './mode-rules.ts';
import { PageAllocSampler } from './page-alloc-sampler.ts';

/** What every hook needs: the configuration, the machine, and somebody who keeps account. */
export interface Kasan {
  readonly config: KernelConfig;
  /** What the kernel's build makes different; `modeRules` of the configuration. */
  readonly rules: ModeRules;
  /** What is done otherwise than in Linux 7.3. */
  readonly changes: KasanChanges;
  readonly machine: TagMachine;
  readonly sampler: PageAllocSampler;
  /** Told which hook runs, each time before it executes anything. */
  readonly enter: (hook: HookId) => void;
}

/** What of proposed changes holds for a kernel: in the builds without hardware tags nothing does. */
export const changesIn = (config: Pick<KernelConfig, 'build'>, changes: KasanChanges): KasanChanges =>
  modeRules(config).skipFlags ? changes : NO_CHANGES;

/**
 * The hooks of a kernel, on a machine.
 *
 * @param changes proposed ones, to what Linux 7.3 does
 */
export function kasanOf(
  config: KernelConfig,
  machine: TagMachine,
  enter: Kasan['enter'],
  changes: KasanChanges = NO_CHANGES,
): Kasan {
  const applied = changesIn(config, changes);
  return {
    config,
    rules: modeRules(config),
    changes: applied,
    machine,
    sampler: new PageAllocSampler(config, applied.sample),
    enter,
  };
}
