import { Readable, Transform, pipeline } from 'node:stream';
import * as zlib from 'node:zlib';
import type { ByteChunks } from '../open/byte-stream.ts';
import { unzstdPortably } from '../open/portable-zstd.ts';
import { decodeFrames, type FrameDecoder } from '../open/zstd-frames.ts';

/**
 * Decompresses zstd, of one frame or several, with Node's own decoder where it has one.
 *
 * @throws InputError naming the offset, for input that is cut short or damaged
 */
export function unzstd(chunks: ByteChunks, name: string): ByteChunks {
  const decode = nativeDecoder();
  return decode === undefined ? unzstdPortably(chunks, name) : decodeFrames(chunks, name, decode);
}

/** Versions before 22.15 do not have it. */
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
