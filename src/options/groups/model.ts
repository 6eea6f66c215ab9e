import { KASAN_BUILDS } from '../../kasan/kernel-config.ts';
import type { Option } from '../option.ts';
import { cpuOption, SEED } from './shared.ts';

const MODES = ['sync', 'async', 'asymm'] as const;

export const KASAN = {
  name: 'kasan',
  value: 'build',
  choices: KASAN_BUILDS,
  default: 'hw-tags',
  help: `which KASAN: ${KASAN_BUILDS.join(', ')}`,
  reproduces: true,
} as const satisfies Option;

/** Which KASAN the model has, and how it is started. */
export const MODEL_OPTIONS = [
  KASAN,
  {
    name: 'mode',
    value: 'mode',
    choices: MODES,
    otherwise: 'sync',
    help: `kasan.mode= of hw-tags: ${MODES.join(', ')}`,
    reproduces: true,
  },
  { name: 'writeOnly', help: 'kasan.write_only=on of hw-tags: reads are not checked', reproduces: true },
  {
    name: 'cmdline',
    value: 'params',
    help: 'boot parameters, such as "kasan.vmalloc=off kasan.stacktrace=off"',
    reproduces: true,
  },
  cpuOption('CPU to model'),
  SEED,
] as const satisfies readonly Option[];
