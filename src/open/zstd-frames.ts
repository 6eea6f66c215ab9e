import { InputError } from '../base/errors.ts';
import { metered, type ByteChunks } from './byte-stream.ts';
import { ByteReader } from './byte-reader.ts';
import { brokenCompression } from './compression-error.ts';

const MAGIC = 0xfd2fb528;
/** Skippable frames have 16 magic numbers. */
const SKIPPABLE = 0x184d2a50;
/** As the zstd command has it without --long: a decoder allocates the window, so it must not believe every header. */
const MAX_WINDOW = 128 * 1024 * 1024;

interface Checksum {
  value: number | undefined;
}

/** One frame, as it is stored. */
export interface ZstdFrame {
  readonly chunks: ByteChunks;
  /** The low half of XXH64 of its content, if it has one; known when all chunks have been taken. */
  readonly checksum: Readonly<Checksum>;
}

/**
 * Takes a zstd file apart into frames (RFC 8878), so that each can have a decoder of its own: neither decoder that is
 * used here copes well with many frames. Skippable frames are left out.
 *
 * @throws InputError naming the offset, for input that is cut short, is not zstd or wants too much memory
 */
async function* zstdFrames(chunks: ByteChunks, name: string): AsyncGenerator<ZstdFrame> {
  const reader = new ByteReader(chunks, (offset) => brokenCompression(name, 'zstd', offset, 'cut short'));
  try {
    while (await reader.hasMore()) {
      const magic = await reader.take(4);
      const number = uint(magic, 0, 4);
      if ((number & 0xfffffff0) >>> 0 === SKIPPABLE) {
        for await (const _ of reader.stream(uint(await reader.take(4), 0, 4)));
      } else if (number === MAGIC) {
        const checksum: Checksum = { value: undefined };
        yield { chunks: frame(magic, reader, name, checksum), checksum };
      } else {
        throw brokenCompression(name, 'zstd', reader.offset, 'damaged');
      }
    }
  } finally {
    await reader.close();
  }
}

/** Decodes one frame; any error but an `InputError` or one of the file system means that it is damaged. */
export type FrameDecoder = (frame: ZstdFrame) => AsyncGenerator<Uint8Array>;

/**
 * Decompresses zstd, of one frame or several.
 *
 * @throws InputError naming the offset, for input that is cut short or damaged
 */
export async function* decodeFrames(
  chunks: ByteChunks,
  name: string,
  decode: FrameDecoder,
): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for await (const stored of zstdFrames(chunks, name)) {
    const counted = { ...stored, chunks: metered(stored.chunks, (bytes) => (offset += bytes)) };
    try {
      yield* decode(counted);
    } catch (error) {
      // Errors of the file system and those that already say where come from the input; the rest is the decoder's.
      if (error instanceof InputError || (error instanceof Error && 'syscall' in error)) throw error;
      throw brokenCompression(name, 'zstd', offset, 'damaged');
    }
  }
}

async function* frame(
  magic: Uint8Array,
  reader: ByteReader,
  name: string,
  checksum: Checksum,
): AsyncGenerator<Uint8Array> {
  const start = reader.offset - 4;
  const descriptorByte = await reader.take(1);
  const descriptor = descriptorByte[0];
  const singleSegment = (descriptor & 0x20) !== 0;
  const hasChecksum = (descriptor & 0x04) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3];
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? (singleSegment ? 1 : 0) : 1 << sizeFlag;
  const windowBytes = singleSegment ? 0 : 1;
  const header = await reader.take(windowBytes + dictionaryBytes + sizeBytes);
  const window = singleSegment
    ? uint(header, dictionaryBytes, sizeBytes) + (sizeFlag === 1 ? 256 : 0)
    : windowSize(header[0]);
  if (window > MAX_WINDOW) {
    throw new InputError({
      where: `${name}, byte ${start}`,
      found: `a zstd frame with a window of ${Math.ceil(window / 2 ** 20)} MiB`,
      expected: `at most ${MAX_WINDOW / 2 ** 20} MiB`,
      advice: 'Decompress it yourself if you trust the file: `zstd -dc --long=31 FILE | tagscope report -`.',
    });
  }
  if (uint(header, windowBytes, dictionaryBytes) !== 0) {
    throw new InputError({
      where: `${name}, byte ${start}`,
      found: 'a zstd frame that needs a dictionary',
      expected: 'zstd without one',
      advice: 'Decompress it yourself: `zstd -dc -D DICTIONARY FILE | tagscope report -`.',
    });
  }
  yield magic;
  yield descriptorByte;
  yield header;
  for (let last = false; !last;) {
    const blockHeader = await reader.take(3);
    const bits = uint(blockHeader, 0, 3);
    last = (bits & 1) !== 0;
    const type = (bits >> 1) & 3;
    if (type === 3) throw brokenCompression(name, 'zstd', reader.offset, 'damaged');
    yield blockHeader;
    // A block of type 1 is one byte, repeated.
    yield* reader.stream(type === 1 ? 1 : bits >> 3);
  }
  if (hasChecksum) {
    const stored = await reader.take(4);
    checksum.value = uint(stored, 0, 4);
    yield stored;
  }
}

/** Window_Descriptor: an exponent and eighths of it. */
function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** A little-endian number; beyond 2^53 it is only about right, which is enough to refuse it. */
function uint(data: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let index = length - 1; index >= 0; index--) value = value * 256 + data[at + index];
  return value;
}
