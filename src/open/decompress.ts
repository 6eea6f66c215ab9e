import { InputError } from '../base/errors.ts';
import { metered, peek, type ByteChunks } from './byte-stream.ts';
import type { StreamDecoders } from './platform.ts';

export type Compression = 'gzip' | 'zstd' | 'none';

/** Text of a trace compresses 50-fold; only what is made to grow passes both of these bounds. */
const MAX_RATIO = 2000;
const MAX_UNSUSPECTED_BYTES = 2 ** 30;

/**
 * Decompresses what is compressed, which its content tells and not its name.
 *
 * @param name what the input is called in messages
 * @param decoders those of the platform
 * @throws InputError for compressed data that are cut short, damaged, or grow beyond all measure
 */
export async function decompress(
  chunks: ByteChunks,
  name: string,
  decoders: StreamDecoders,
): Promise<{ readonly compression: Compression; readonly chunks: ByteChunks }> {
  const { head, all } = await peek(chunks, 4);
  const compression = compressionOf(head);
  if (compression === 'none') return { compression, chunks: all };
  let taken = 0;
  const counted = metered(all, (bytes) => (taken += bytes));
  const unpacked = compression === 'gzip' ? decoders.gunzip(counted, name) : decoders.unzstd(counted, name);
  let given = 0;
  const guarded = metered(unpacked, (bytes) => {
    given += bytes;
    if (given <= MAX_UNSUSPECTED_BYTES || given <= MAX_RATIO * taken) return;
    throw new InputError({
      where: `${name}, byte ${taken}`,
      found: `${compression} data that grow more than ${MAX_RATIO}-fold, past ${MAX_UNSUSPECTED_BYTES / 2 ** 30} GiB`,
      expected: 'a compressed trace',
      advice: `If it is a trace all the same, decompress it yourself: \`${compression} -dc FILE | tagscope report -\`.`,
    });
  });
  return { compression, chunks: guarded };
}

/** What the first bytes say. A skippable frame may come first in a zstd file. */
export function compressionOf(head: Uint8Array): Compression {
  const [a, b, c, d] = head;
  if (a === 0x1f && b === 0x8b) return 'gzip';
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return 'zstd';
  if ((a & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18) return 'zstd';
  return 'none';
}
