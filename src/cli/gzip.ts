import { Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { sliced, type ByteChunks } from '../open/byte-stream.ts';
import { brokenCompression } from '../open/compression-error.ts';

const CHUNK_BYTES = 1 << 18;
/** Small pieces tell better how far decoding came. */
const SLICE_BYTES = 1 << 16;

/**
 * Decompresses gzip, of one member or several.
 *
 * @throws InputError naming the offset, for input that is cut short or damaged
 */
export async function* gunzip(chunks: ByteChunks, name: string): AsyncGenerator<Uint8Array> {
  const stream = createGunzip({ chunkSize: CHUNK_BYTES });
  // The iteration below gets errors of either stream, and closes both when it ends early; nothing is left to do here.
  pipeline(Readable.from(sliced(chunks, SLICE_BYTES), { objectMode: true }), stream, () => undefined);
  try {
    for await (const chunk of stream) if (chunk instanceof Uint8Array) yield chunk;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'Z_BUF_ERROR') throw brokenCompression(name, 'gzip', stream.bytesWritten, 'cut short');
    if (code === 'Z_DATA_ERROR') throw brokenCompression(name, 'gzip', stream.bytesWritten, 'damaged');
    throw error;
  }
}
