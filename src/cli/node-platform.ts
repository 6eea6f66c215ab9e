import type { Platform } from '../open/platform.ts';
import { createDecompressors } from './decompressors.ts';
import { gunzip } from './gzip.ts';
import { isRunningKernel, localSymbols } from './local-symbols.ts';
import { spool } from './spool.ts';
import { zipMember } from './zip.ts';
import { unzstd } from './zstd.ts';

/** What Node has for inputs. */
export const NODE: Platform = {
  gunzip,
  unzstd,
  decompressors: createDecompressors,
  spool: (chunks, name) => spool(chunks, name),
  zipMember,
  runningKernel: { is: (kernelRelease) => isRunningKernel(kernelRelease), symbolsOf: (table) => localSymbols(table) },
};
