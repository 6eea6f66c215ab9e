import { UsageError } from '../base/errors.ts';
import type { KernelConfig } from './kernel-config.ts';
import { withoutVmapStack } from './kernel-config.ts';

/** Sets an option, or gives undefined for a value that it does not take. */
type Apply = (config: KernelConfig, value: string) => KernelConfig | undefined;

interface BuildOption {
  readonly apply: Apply;
  readonly values: string;
}

const yesNo = (apply: (config: KernelConfig, on: boolean) => KernelConfig): BuildOption => ({
  values: 'y or n',
  apply: (config, value) => (value === 'y' || value === 'n' ? apply(config, value === 'y') : undefined),
});

const flag = (
  key: 'shadowCallStack' | 'memcg' | 'numa' | 'slubCpuPartial' | 'initOnAlloc' | 'initOnFree',
): BuildOption => yesNo((config, on) => ({ ...config, [key]: on }));

/** Which objects are given out in which order is left to chance, and tag work is the same. */
const NO_EFFECT = yesNo((config) => config);

/** CONFIG_ARM64_VA_BITS by page size (arch/arm64/Kconfig). With 4 KiB pages 52 is five levels, with 16 KiB four. */
const VA_BITS: ReadonlyMap<number, readonly number[]> = new Map([
  [4096, [39, 48, 52]],
  [16384, [36, 47, 48, 52]],
  [65536, [42, 48, 52]],
]);

/** The options of a build that matter to the executable model, by their names without `CONFIG_`. */
const OPTIONS: ReadonlyMap<string, BuildOption> = new Map([
  [
    'ARM64_VA_BITS',
    {
      values: '39, 48 or 52 with pages of 4 KiB, 36, 47, 48 or 52 with 16 KiB, 42, 48 or 52 with 64 KiB',
      apply: (config, value) =>
        (VA_BITS.get(config.pageSize) ?? []).includes(Number(value)) ? { ...config, vaBits: Number(value) } : undefined,
    },
  ],
  ['SHADOW_CALL_STACK', flag('shadowCallStack')],
  ['VMAP_STACK', yesNo((config, on) => (on ? config : withoutVmapStack(config)))],
  ['MEMCG', flag('memcg')],
  ['NUMA', flag('numa')],
  ['SLUB_CPU_PARTIAL', flag('slubCpuPartial')],
  ['INIT_ON_ALLOC_DEFAULT_ON', flag('initOnAlloc')],
  ['INIT_ON_FREE_DEFAULT_ON', flag('initOnFree')],
  ['SLAB_FREELIST_RANDOM', NO_EFFECT],
  ['SLAB_FREELIST_HARDENED', NO_EFFECT],
  ['SHUFFLE_PAGE_ALLOCATOR', NO_EFFECT],
]);

/**
 * Reads options of a build, such as `CONFIG_SHADOW_CALL_STACK=y ARM64_VA_BITS=52`, into a configuration. Boot parameters go
 * before defaults of the build, and are to be read after them.
 *
 * @throws UsageError for an option that is not known, or a value that it does not take
 */
export function parseBuildOptions(text: string, base: KernelConfig): KernelConfig {
  let config = base;
  for (const word of text.split(/[\s,]+/).filter((part) => part !== '')) {
    const [name, value = ''] = word.replace(/^CONFIG_/, '').split('=', 2);
    const option = OPTIONS.get(name);
    if (option === undefined)
      throw new UsageError(
        `--config: unknown option "${word}"`,
        `The options that matter here are ${[...OPTIONS.keys()].join(', ')}.`,
      );
    const applied = option.apply(config, value);
    if (applied === undefined)
      throw new UsageError(`--config: "${word}" is not a value that ${name} takes`, `${name} takes ${option.values}.`);
    config = applied;
  }
  return config;
}
