import { Inflate } from 'pako';
import { concat, sliced, type ByteChunks } from '../../src/open/byte-stream.ts';
import { brokenCompression } from '../../src/open/compression-error.ts';

/** Small pieces tell better how far decoding came. */
const SLICE_BYTES = 1 << 16;
const CHUNK_BYTES = 1 << 18;

/**
 * Decompresses gzip, of one member or several: the browser's own DecompressionStream refuses what follows the first.
 *
 * @throws InputError naming the offset, for input that is cut short or damaged
 */
export async function* gunzip(chunks: ByteChunks, name: string): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const newMember = (): Inflate => {
    const member = new Inflate({ windowBits: 31, chunkSize: CHUNK_BYTES });
    member.onData = (data) => void ready.push(data);
    return member;
  };
  let member = newMember();
  let offset = 0;
  for await (const piece of sliced(chunks, SLICE_BYTES)) {
    // Padding behind the last member is of zeros.
    if (member.ended && piece[0] === 0) return;
    if (member.ended) member = newMember();
    member.push(piece, false);
    offset += piece.length;
    if (member.err !== 0) throw brokenCompression(name, 'gzip', offset, 'damaged');
    yield* ready.splice(0);
  }
  if (member.ended) return;
  throw brokenCompression(name, 'gzip', offset, 'cut short');
}

/** Decompresses a whole zlib stream. @throws Error if it is damaged, cut short, or gives more than `maxBytes` */
export function inflate(data: Uint8Array, maxBytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  const decoder = new Inflate({ windowBits: 15, chunkSize: Math.min(CHUNK_BYTES, maxBytes + 1) });
  decoder.onData = (part) => {
    size += part.length;
    if (size > maxBytes) throw new Error(`more than ${maxBytes} bytes come of it`);
    parts.push(part);
  };
  decoder.push(data, true);
  if (decoder.err !== 0) throw new Error(decoder.msg);
  if (size === 0) throw new Error('nothing comes of it: it is damaged, empty or too long');
  return concat(parts, size);
}
