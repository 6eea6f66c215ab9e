import type { ByteChunks } from '../open/byte-stream.ts';
import * as portable from '../open/decompress.ts';
import { gunzip } from './gzip.ts';
import { unzstd } from './zstd.ts';

/** `open/decompress.ts`, with the decoders of Node. */
export const decompress = (chunks: ByteChunks, name: string): ReturnType<typeof portable.decompress> =>
  portable.decompress(chunks, name, { gunzip, unzstd });
