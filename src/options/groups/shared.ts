import { DEFAULT_PROFILE } from '../../cost/default-profile.ts';
import { DEFAULT_CPU } from '../../mte/cpu.ts';
import { DEFAULT_FROM, DEFAULT_TO } from '../../policy/built-in.ts';
import type { Option } from '../option.ts';

/** More is a typing error. */
const MAX_JOBS = 64;

export const JOBS = {
  name: 'jobs',
  value: 'n',
  whole: [1, MAX_JOBS],
  otherwise: 'one for each core, at most 4',
  help: 'threads that share large work; 1 for one',
} as const satisfies Option;

/** A policy by its name or file. */
export const policyOption = <const Rest extends { readonly help: string }>(rest: Rest) =>
  ({ name: 'policy', value: 'name|file', reproduces: true, reads: 'file', ...rest }) as const;

export const FROM = {
  name: 'from',
  value: 'name|file',
  default: DEFAULT_FROM,
  help: 'policy to compare with',
  reproduces: true,
  reads: 'file',
} as const satisfies Option;

export const TO = {
  name: 'to',
  value: 'name|file',
  default: DEFAULT_TO,
  help: 'policy to compare',
  reproduces: true,
  reads: 'file',
} as const satisfies Option;

/** How often each kind of bug is tried in an audit. */
export const trialsOption = <const Usual extends string>(
  usual: Usual,
  help: string,
  whole: readonly [min: number, max: number] = [1, 1_000_000],
) => ({ name: 'trials', value: 'n', whole, default: usual, help, reproduces: true }) as const satisfies Option;

/** A CPU of `mte/cpu.ts`. */
export const cpuOption = <const Help extends string>(help: Help) =>
  ({ name: 'cpu', value: 'name', default: DEFAULT_CPU, help, reproduces: true }) as const satisfies Option;

export const DC_BLOCK = {
  name: 'dcBlock',
  value: 'n',
  help: 'bytes that one DC GVA covers, or "dzp" if it is prohibited',
  reproduces: true,
} as const satisfies Option;

export const PROFILE = {
  name: 'profile',
  value: 'name|file',
  default: DEFAULT_PROFILE,
  help: 'what the work costs, as time; see `tagscope profiles`',
  reproduces: true,
  reads: 'file',
} as const satisfies Option;

export const SEED = {
  name: 'seed',
  value: 'n',
  whole: [0, 0xffff_ffff],
  default: '1',
  help: 'what chance decides follows from it',
  reproduces: true,
} as const satisfies Option;
