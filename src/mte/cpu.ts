import { didYouMean } from '../base/did-you-mean.ts';
import { UsageError } from '../base/errors.ts';
import type { Bytes } from '../base/units.ts';
import { bytes } from '../base/units.ts';

/**
 * Bytes of a line of the data caches. Arm's cores with MTE have 64 (CTR_EL0.DminLine = 4).
 */
export const CACHE_LINE_BYTES = 64;

/** What of a CPU decides which instructions a tag store executes. */
export interface CpuProfile {
  readonly name: string;
  /** Bytes that one DC GVA, DC GZVA or DC ZVA covers: 4 << DCZID_EL0.BS. */
  readonly dcBlock: Bytes;
  /** DCZID_EL0.DZP: the DC instructions are prohibited, and everything is done by stores. */
  readonly dzp: boolean;
  /** Bytes of memory whose tags one LDGM or STGM moves: 4 << GMID_EL1.BS. */
  readonly gmBlock: Bytes;
  /** FEAT_MOPS: memset and clear_page use SETP/SETM/SETE and no DC ZVA. */
  readonly mops: boolean;
  /** FEAT_LPA2: addresses of 52 bits with pages of 4 or 16 KiB. */
  readonly lpa2: boolean;
  /** Where the figures are from. */
  readonly source: string;
}

const profile = (
  name: string,
  dcBlock: number,
  source: string,
  features: { readonly mops: boolean; readonly lpa2: boolean } = { mops: false, lpa2: false },
): CpuProfile => ({
  name,
  dcBlock: bytes(dcBlock),
  dzp: false,
  gmBlock: bytes(256),
  ...features,
  source,
});

/** The architecture lets a core choose its block size; a machine's own tells DCZID_EL0. */
const ASSUMED = "assumed, not measured: blocks of 64 bytes, as Arm's cores usually have; check DCZID_EL0.BS";

/** The CPUs that can be named. */
export const CPU_PROFILES: readonly CpuProfile[] = [
  profile('cortex-a710', 64, 'measured: QEMU 10.0.2 -cpu cortex-a710, DCZID_EL0.BS = 4'),
  profile('max', 64, 'measured: QEMU 10.0.2 system mode -cpu max, DCZID_EL0.BS = 4, FEAT_MOPS, FEAT_LPA2', {
    mops: true,
    lpa2: true,
  }),
  profile('cortex-a510', 64, ASSUMED),
  profile('cortex-a715', 64, ASSUMED),
  profile('cortex-x3', 64, ASSUMED),
  profile('neoverse-n2', 64, ASSUMED),
  profile('neoverse-v2', 64, ASSUMED),
];

export const DEFAULT_CPU = 'cortex-a710';

/** Finds a profile by name. @throws UsageError for a name that is not there. */
export function cpuProfile(name: string): CpuProfile {
  const found = CPU_PROFILES.find((cpu) => cpu.name === name);
  if (found !== undefined) return found;
  const names = CPU_PROFILES.map((cpu) => cpu.name);
  throw new UsageError(
    `unknown CPU "${name}"`,
    `${didYouMean(name, names)}Known are ${names.join(', ')}; for another one give its block size with --dc-block (bytes, or "dzp" where DC GVA is prohibited).`,
  );
}

/**
 * Reads `--dc-block`: a power of two from 16 to 2048 bytes (DCZID_EL0.BS is 4 bits and at most 9), or `dzp`.
 *
 * @throws UsageError for anything else.
 */
export function withDcBlock(cpu: CpuProfile, text: string): CpuProfile {
  if (text === 'dzp') return { ...cpu, name: `${cpu.name} with DZP`, dzp: true };
  const size = Number(text);
  if (!Number.isInteger(size) || size < 16 || size > 2048 || (size & (size - 1)) !== 0) {
    throw new UsageError(
      `--dc-block ${text}: not a block size`,
      'Give a power of two from 16 to 2048 (bytes), or "dzp" for a CPU that prohibits DC GVA. `getconf` does not know it; 4 << DCZID_EL0.BS does.',
    );
  }
  return size === cpu.dcBlock ? cpu : { ...cpu, name: `${cpu.name} with ${size}-byte DC blocks`, dcBlock: bytes(size) };
}
