import { Decompress } from 'fzstd';
import type { StreamDecompressor } from '../formats/decompressors.ts';

/** The decoder in JavaScript is the only one that gives what there is so far, at once. */
export class ZstdStream implements StreamDecompressor {
  #give: (part: Uint8Array) => void = () => undefined;
  readonly #decoder = new Decompress((part) => this.#give(part));

  push(piece: Uint8Array, give: (part: Uint8Array) => void): void {
    if (wantsTooMuch(piece)) throw new Error('the zstd frame has a window that is too large');
    this.#give = give;
    this.#decoder.push(piece);
  }
}

/** Of a piece that begins a frame (RFC 8878, section 3.1.1.1): whether decoding it takes more than 128 MiB. */
function wantsTooMuch(piece: Uint8Array): boolean {
  const [a, b, c, d, descriptor, window] = piece;
  if (a !== 0x28 || b !== 0xb5 || c !== 0x2f || d !== 0xfd) return false;
  // A frame of a single segment says its size instead, and perf does not know it when it begins.
  return (descriptor & 0x20) !== 0 || window >> 3 > MAX_WINDOW_EXPONENT;
}

/** 2^(10 + 17) bytes. */
const MAX_WINDOW_EXPONENT = 17;
