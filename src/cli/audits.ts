import { audit, cellCount, type AuditCell, type AuditOptions } from '../audit/audit.ts';
import type { AllocationClass } from '../base/allocation-class.ts';
import type { AuditedKernel } from '../decide/compare.ts';
import { bootMessage } from '../kasan/boot-message.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import { kasanChanges, type Policy } from '../policy/policy.ts';
import { byteSize, counted } from '../report/number-format.ts';
import { parseModelOptions, printWarnings } from './model-options.ts';
import type { RawOptions } from './options.ts';
import { stepThrough, stepThroughAll, type ShownWork } from './step-through.ts';
import type { Surroundings } from './surroundings.ts';
import { wholeNumber } from './whole-number.ts';

const DEFAULT_TRIALS = '50';
const MAX_TRIALS = 1_000_000;

/** Audits of policies for a command that replays a trace: on the model, with the boot parameters and CPU of the replay. */
export interface Audits {
  readonly kernel: AuditedKernel;
  /** All memory, or that of one class. What decides the same is audited once. */
  of(policy: Policy, only?: AllocationClass): Promise<AuditCell[]>;
  /** All memory under each of some policies, with one progress for all of them. */
  ofEach(policies: readonly Policy[]): Promise<readonly AuditCell[][]>;
  /** What of the replayed kernel the audited one does not have. */
  doubts(config: KernelConfig): readonly string[];
}

/** @throws UsageError for options that make no sense */
export function audits(
  raw: Pick<RawOptions, 'cmdline' | 'cpu' | 'color' | 'quiet'> & { readonly trials?: string },
  surroundings: Surroundings,
): Audits {
  const trials = wholeNumber('--trials', raw.trials ?? DEFAULT_TRIALS, 1, MAX_TRIALS);
  const model = parseModelOptions({
    color: raw.color,
    ...(raw.cmdline === undefined ? {} : { cmdline: raw.cmdline }),
    ...(raw.cpu === undefined ? {} : { cpu: raw.cpu }),
  });
  printWarnings(model, surroundings);
  const { config, cpu, seed } = model;
  const known = new Map<string, Promise<AuditCell[]>>();
  const optionsFor = (policy: Policy, only?: AllocationClass): AuditOptions => ({
    config,
    cpu,
    policy,
    seed,
    trials,
    only,
  });
  const keyOf = (policy: Policy, only?: AllocationClass): string =>
    JSON.stringify([policy.rules, policy.otherwise, kasanChanges(policy), only]);
  const shownAs = (name: string, options: readonly AuditOptions[]): ShownWork => ({
    name,
    count: options.reduce((sum, one) => sum + cellCount(one), 0),
    unit: 'kinds of bug',
    quiet: raw.quiet === true,
  });
  return {
    kernel: { kasan: 'hw-tags', pageSize: config.pageSize, bootMessage: bootMessage(config), trials, seed },
    of: (policy, only) => {
      const options = optionsFor(policy, only);
      const key = keyOf(policy, only);
      const cells = known.get(key) ?? stepThrough(audit(options), shownAs(policy.name, [options]), surroundings);
      known.set(key, cells);
      return cells;
    },
    ofEach: async (policies) => {
      const keys = policies.map((policy) => keyOf(policy));
      const different = policies.filter((_, index) => keys.indexOf(keys[index]) === index);
      const options = different.map((policy) => optionsFor(policy));
      const name = `audit of ${counted(different.length, 'policy', 'policies')}`;
      const cells = await stepThroughAll(options.map(audit), shownAs(name, options), surroundings);
      const byKey = new Map(different.map((policy, index) => [keyOf(policy), cells[index]]));
      return keys.map((key) => byKey.get(key) ?? []);
    },
    doubts: ({ pageSize }) =>
      pageSize === config.pageSize
        ? []
        : [
            `detection is audited on a kernel with pages of ${byteSize(config.pageSize)}, and the trace is replayed with pages of ${byteSize(pageSize)}`,
          ],
  };
}
