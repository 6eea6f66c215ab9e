import { Readable, Transform, pipeline } from 'node:stream';
import * as zlib from 'node:zlib';
import type { XXHash } from 'xxhash-wasm';
import { InputError } from '../base/errors.ts';
import { metered, type ByteChunks } from './byte-stream.ts';
import { brokenCompression } from './compression-error.ts';
import { zstdFrames, type ZstdFrame } from './zstd-frames.ts';

/** Decodes one frame. */
type FrameDecoder = (frame: ZstdFrame) => AsyncGenerator<Uint8Array>;

/**
 * Decompresses zstd, of one frame or several.
 *
 * @throws InputError naming the offset, for input that is cut short or damaged
 */
export async function* unzstd(chunks: ByteChunks, name: string): AsyncGenerator<Uint8Array> {
  const decode = nativeDecoder() ?? portableDecoder;
  let offset = 0;
  for await (const frame of zstdFrames(chunks, name)) {
    const counted = { ...frame, chunks: metered(frame.chunks, (bytes) => (offset += bytes)) };
    try {
      yield* decode(counted);
    } catch (error) {
      // Errors of the file system and those that already say where come from the input; the rest is the decoder's.
      if (error instanceof InputError || (error instanceof Error && 'syscall' in error)) throw error;
      throw brokenCompression(name, 'zstd', offset, 'damaged');
    }
  }
}

/** Node's own decoder, which versions before 22.15 do not have. */
function nativeDecoder(): FrameDecoder | undefined {
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress');
  if (typeof create !== 'function') return undefined;
  return async function* (frame) {
    const stream: unknown = create({ chunkSize: 1 << 18 });
    if (!(stream instanceof Transform)) throw new TypeError('zlib.createZstdDecompress gives no stream');
    pipeline(Readable.from(frame.chunks, { objectMode: true }), stream, () => undefined);
    for await (const chunk of stream) if (chunk instanceof Uint8Array) yield chunk;
  };
}

/** A decoder in JavaScript. It does not look at the checksum, and would take damaged data for text. */
const portableDecoder: FrameDecoder = async function* (frame) {
  const { Decompress } = await import('fzstd');
  const { default: xxhash } = await import('xxhash-wasm');
  const hash = (await xxhash()).create64();
  const ready: Uint8Array[] = [];
  // The decoder reuses the memory of what it gives.
  const decoder = new Decompress((data) => ready.push(data.slice()));
  for await (const piece of frame.chunks) {
    decoder.push(piece);
    yield* hashed(ready.splice(0), hash);
  }
  decoder.push(new Uint8Array(0), true);
  yield* hashed(ready.splice(0), hash);
  const { value } = frame.checksum;
  if (value !== undefined && BigInt(value) !== (hash.digest() & LOW_HALF))
    throw new Error('the checksum does not match');
};

/** A frame ends with the low half of the hash (RFC 8878, section 3.1.1). */
const LOW_HALF = 0xffff_ffffn;

function* hashed(pieces: readonly Uint8Array[], hash: XXHash<bigint>): Generator<Uint8Array> {
  for (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
}
