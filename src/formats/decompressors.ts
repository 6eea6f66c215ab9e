/**
 * Decompresses one whole stream or frame; throws an `Error` if it is damaged, empty or gives more than `maxBytes`. Whoever
 * knows how much it must give should compare: of what is cut short some decoders give what there is.
 */
export type Decompress = (data: Uint8Array, maxBytes: number) => Uint8Array;

/** Decompression of parts of a file, which readers get from outside: the core has no packages and no platform. */
export interface Decompressors {
  /** A zlib stream (RFC 1950). */
  readonly zlib: Decompress;
  /** A zstd frame (RFC 8878). */
  readonly zstd: Decompress;
}
