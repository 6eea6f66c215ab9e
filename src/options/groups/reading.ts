import type { Option } from '../option.ts';
import { JOBS } from './shared.ts';

export const SYMBOLS_OFFSET = {
  name: 'symbolsOffset',
  value: 'n',
  otherwise: 'found out',
  help: 'how far from its symbols the kernel was loaded, 0 for not at all',
  reproduces: true,
} as const satisfies Option;

/** How a trace is read. */
export const READING_OPTIONS = [
  { name: 'strict', help: 'stop at the first record that cannot be read', reproduces: true },
  {
    name: 'symbols',
    value: 'file',
    help: 'names for addresses: System.map or kallsyms of the kernel that recorded the trace',
    reproduces: true,
    reads: 'file',
  },
  SYMBOLS_OFFSET,
  JOBS,
] as const satisfies readonly Option[];
