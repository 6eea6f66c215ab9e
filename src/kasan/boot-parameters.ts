import { UsageError } from '../base/errors.ts';
import type { Detection } from './detection.ts';
import type { KernelConfig } from './kernel-config.ts';

/** A kernel configuration, and what of the command line did not go into it. */
export interface BootParameters {
  readonly config: KernelConfig;
  /** Parameters that have nothing to do with tag work: a whole /proc/cmdline may be given. */
  readonly ignored: readonly string[];
  /** Parameters that the kernel itself would reject or reset, and what it does instead. */
  readonly warnings: readonly string[];
}

interface Parameter {
  /** Gives the configuration with the parameter set, or undefined for a value that it does not take. */
  readonly apply: (config: KernelConfig, value: string, warn: (text: string) => void) => KernelConfig | undefined;
  readonly values: string;
}

const onOff = (key: 'kasan' | 'vmalloc'): Parameter => ({
  values: 'on or off',
  apply: (config, value) => (value === 'on' || value === 'off' ? { ...config, [key]: value === 'on' } : undefined),
});

/** As the kernel's kstrtobool (lib/kstrtox.c) reads a boolean: by its first character, or the second after an o. */
const boolean = (key: 'initOnAlloc' | 'initOnFree'): Parameter => ({
  values: '1, 0, y, n, on or off',
  apply: (config, value) => {
    if (/^(?:[1yt]|on)/i.test(value)) return { ...config, [key]: true };
    if (/^(?:[0nf]|of)/i.test(value)) return { ...config, [key]: false };
    return undefined;
  },
});

/** A parameter of detection that takes one of a few words. */
const detection = <Value extends string>(
  values: readonly Value[],
  set: (value: Value) => Partial<Detection>,
): Parameter => ({
  values: values.length < 2 ? values.join() : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`,
  apply: (config, text) => {
    const value = values.find((known) => known === text);
    return value === undefined ? undefined : { ...config, detection: { ...config.detection, ...set(value) } };
  },
});

const detectionOnOff = (key: 'writeOnly' | 'stacktrace'): Parameter =>
  detection(['on', 'off'], (value) => ({ [key]: value === 'on' }));

/** Entries of the stack ring above which it cannot be allocated (memblock) in any machine that this models. */
const MAX_STACK_RING_SIZE = 1 << 24;

/** mm/kasan/hw_tags.c and mm/mm_init.c, 7.3. */
const PARAMETERS: ReadonlyMap<string, Parameter> = new Map<string, Parameter>([
  ['kasan', onOff('kasan')],
  ['kasan.vmalloc', onOff('vmalloc')],
  ['kasan.mode', detection(['sync', 'async', 'asymm'], (mode) => ({ mode }))],
  ['kasan.write_only', detectionOnOff('writeOnly')],
  ['kasan.stacktrace', detectionOnOff('stacktrace')],
  [
    'kasan.stack_ring_size',
    {
      values: `a number of entries, from 1 to ${MAX_STACK_RING_SIZE}`,
      apply: (config, value) => {
        const stackRingSize = /^\d{1,9}$/.test(value) ? Number(value) : 0;
        if (stackRingSize < 1 || stackRingSize > MAX_STACK_RING_SIZE) return undefined;
        return { ...config, detection: { ...config.detection, stackRingSize } };
      },
    },
  ],
  ['kasan.fault', detection(['report', 'panic', 'panic_on_write'], (fault) => ({ fault }))],
  [
    'kasan_multi_shot',
    {
      values: 'no value',
      apply: (config, value) =>
        value === '' ? { ...config, detection: { ...config.detection, multiShot: true } } : undefined,
    },
  ],
  [
    'kasan.page_alloc.sample',
    {
      values: 'a whole number from 1',
      apply: (config, value, warn) => {
        if (!/^\d+$/.test(value)) return undefined;
        const sample = Number(value);
        if (sample >= 1 && Number.isSafeInteger(sample)) return { ...config, pageAllocSample: sample };
        warn(`kasan.page_alloc.sample=${value}: the kernel rejects it and samples every allocation (1)`);
        return { ...config, pageAllocSample: 1 };
      },
    },
  ],
  [
    'kasan.page_alloc.sample.order',
    {
      values: 'an order',
      apply: (config, value, warn) => {
        if (!/^\d+$/.test(value)) return undefined;
        const order = Number(value);
        if (order <= 0x7fffffff) return { ...config, pageAllocSampleOrder: order };
        warn(`kasan.page_alloc.sample.order=${value}: the kernel rejects it and uses 3`);
        return { ...config, pageAllocSampleOrder: 3 };
      },
    },
  ],
  ['init_on_alloc', boolean('initOnAlloc')],
  ['init_on_free', boolean('initOnFree')],
]);

/**
 * Reads a kernel command line into a configuration, by the kernel's own parameter names.
 *
 * @throws UsageError for a misspelt kasan or init_on_ parameter, or for a value that the parameter does not take.
 */
export function parseBootParameters(commandLine: string, base: KernelConfig): BootParameters {
  let config = base;
  const ignored: string[] = [];
  const warnings: string[] = [];
  for (const word of commandLine.split(/\s+/).filter((part) => part !== '')) {
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    const value = equals < 0 ? '' : word.slice(equals + 1);
    const parameter = PARAMETERS.get(name);
    if (parameter === undefined) {
      if (/^(?:kasan|init_on_)/.test(name)) {
        throw new UsageError(
          `--cmdline: unknown parameter "${name}"`,
          `The parameters that matter here are ${[...PARAMETERS.keys()].join(', ')}.`,
        );
      }
      ignored.push(word);
      continue;
    }
    const applied = parameter.apply(config, value, (text) => warnings.push(text));
    if (applied === undefined) {
      throw new UsageError(
        `--cmdline: "${word}" is not a value that ${name} takes`,
        `${name} takes ${parameter.values}.`,
      );
    }
    config = applied;
  }
  return { config, ignored, warnings };
}
