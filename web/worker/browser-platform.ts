import { MemorySource } from '../../src/formats/byte-source.ts';
import { concat } from '../../src/open/byte-stream.ts';
import type { Platform } from '../../src/open/platform.ts';
import { portableZstd, unzstdPortably } from '../../src/open/portable-zstd.ts';
import { InputError } from '../../src/base/errors.ts';
import { gunzip, inflate } from './inflate.ts';
import { zipMember } from './zip-member.ts';

/** What a tab may hold besides the table of events. */
const MAX_SPOOLED_BYTES = 2 ** 31;

/** What a browser's worker has for inputs. */
export const BROWSER: Platform = {
  gunzip,
  unzstd: unzstdPortably,
  decompressors: async () => ({ zlib: inflate, zstd: await portableZstd() }),
  spool: async (chunks, name) => {
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of chunks) {
      size += piece.length;
      if (size > MAX_SPOOLED_BYTES) {
        throw new InputError({
          where: name,
          found: `more than ${MAX_SPOOLED_BYTES / 2 ** 30} GiB when it is decompressed`,
          expected: 'what a browser can hold',
          advice:
            'This format is read at several places: decompress it and open the file itself, or use the command line.',
        });
      }
      pieces.push(piece);
    }
    return { source: new MemorySource(concat(pieces, size)), close: () => undefined };
  },
  zipMember,
  runningKernel: undefined,
};
