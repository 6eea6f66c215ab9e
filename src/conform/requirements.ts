import type { KasanBuild, KernelConfig } from '../kasan/kernel-config.ts';
import { isAtLeast } from '../base/kernel-version.ts';
import type { ConfigSymbol, KunitCase } from './kunit-case.ts';

type Symbols = { readonly [Symbol in ConfigSymbol]: boolean };

/** What is the same in all builds that are modelled: arm64, built by GCC, with the defaults of 7.3. */
const COMMON = {
  KASAN_GENERIC: false,
  KASAN_SW_TAGS: false,
  KASAN_HW_TAGS: false,
  KASAN_VMALLOC: true,
  CC_IS_CLANG: false,
  AMD_MEM_ENCRYPT: false,
  RUST: false,
} as const;

/**
 * The configuration of each build. SLUB_RCU_DEBUG and KASAN_STACK are on by default in the software builds and absent
 * in that with hardware tags (lib/Kconfig.kasan, mm/Kconfig.debug).
 */
const SYMBOLS: { readonly [Build in KasanBuild]: Symbols } = {
  'hw-tags': { ...COMMON, KASAN_HW_TAGS: true, KASAN_STACK: false, SLUB_RCU_DEBUG: false },
  'sw-tags': { ...COMMON, KASAN_SW_TAGS: true, KASAN_STACK: true, SLUB_RCU_DEBUG: true },
  generic: { ...COMMON, KASAN_GENERIC: true, KASAN_STACK: true, SLUB_RCU_DEBUG: true },
};

/** Whether a build has a symbol. */
export const hasSymbol = (build: KasanBuild, symbol: ConfigSymbol): boolean => SYMBOLS[build][symbol];

/** The reason to skip a case, as the kernel's test words it; undefined if the case runs. */
export function reasonToSkip(
  { requires = [], requiresSince }: Pick<KunitCase, 'requires' | 'requiresSince'>,
  config: KernelConfig,
): string | undefined {
  if (requiresSince !== undefined && !isAtLeast(config.version, requiresSince)) return undefined;
  for (const requirement of requires) {
    if (requirement === 'kasan.vmalloc=on') {
      // Only the hardware mode has the parameter.
      if (config.build === 'hw-tags' && !config.vmalloc) return 'Test requires kasan.vmalloc=on';
      continue;
    }
    const [symbol, value] = requirement;
    if (hasSymbol(config.build, symbol) !== (value === 'y')) return `Test requires CONFIG_${symbol}=${value}`;
  }
  return undefined;
}
