import type { XXHash } from 'xxhash-wasm';
import type { Decompress } from '../formats/decompressors.ts';
import type { ByteChunks } from './byte-stream.ts';
import { decodeFrames, type FrameDecoder } from './zstd-frames.ts';

/**
 * Decompresses zstd without the help of the platform.
 *
 * @throws InputError naming the offset, for input that is cut short or damaged
 */
export const unzstdPortably = (chunks: ByteChunks, name: string): ByteChunks => decodeFrames(chunks, name, decodeFrame);

/** A decoder in JavaScript. It does not look at the checksum, and would take damaged data for text. */
const decodeFrame: FrameDecoder = async function* (frame) {
  const { Decompress: Decoder } = await import('fzstd');
  const { default: xxhash } = await import('xxhash-wasm');
  const hash = (await xxhash()).create64();
  const ready: Uint8Array[] = [];
  // The decoder reuses the memory of what it gives.
  const decoder = new Decoder((data) => ready.push(data.slice()));
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

/**
 * Decoder of frames that are whole: the reference one as WebAssembly, forty times as fast as that in JavaScript which streams are
 * decoded with. It tells of an error by giving nothing.
 */
export async function portableZstd(): Promise<Decompress> {
  const { ZSTDDecoder } = await import('zstddec');
  const decoder = new ZSTDDecoder();
  await decoder.init();
  return (data, maxBytes) => decoder.decode(data, maxBytes);
}
